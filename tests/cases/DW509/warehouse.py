from dagwright import OperatorFactory


class WarehouseImport(OperatorFactory):
    """Load a file into a table of the warehouse."""

    table: str

    def make_operator(self):
        from airflow.providers.snowflake.operators.snowflake import SnowflakeSqlApiOperator

        return SnowflakeSqlApiOperator(task_id=self.task_id, sql=f"copy into {self.table}")
