from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str

    def make_operator(self):
        from airflow.providers.standard.operators.bash import BashOperator

        return BashOperator(task_id=f"{self.task_id} {self.table}", bash_command=f"load {self.table}")
