from dagwright import DagFactory


class WarehouseDag(DagFactory):
    """Load a table of the warehouse."""

    table: str

    def make_dag(self):
        from airflow.providers.standard.operators.bash import BashOperator
        from airflow.sdk import DAG

        with DAG(f"warehouse_{self.table}", schedule=None) as dag:
            BashOperator(task_id="load", bash_command=f"load {self.table}")
        return dag
