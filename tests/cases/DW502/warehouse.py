from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str

    def make_operator(self):
        from airflow.providers.standard.operators.bash import BashOperator

        BashOperator(task_id=self.task_id, bash_command=f"load {self.table}")


class WarehouseVacuum(OperatorFactory):
    """Reclaim room."""

    table: str

    def make_operator(self):
        return f"vacuum {self.table}"


class WarehouseImports(OperatorFactory):
    """Load files into tables of the warehouse."""

    uploads: list[WarehouseImport] = []

    def make_operators(self):
        for upload in self.uploads:
            upload.make_operator()
