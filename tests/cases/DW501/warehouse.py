from dagwright import OperatorFactory

CONNECTIONS = {"rates": "redshift_dw"}


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str

    def make_operator(self):
        from airflow.providers.standard.operators.bash import BashOperator

        schema, name = self.table.split(".")
        return BashOperator(task_id=self.task_id, bash_command=f"load {name} {CONNECTIONS[schema]}")
