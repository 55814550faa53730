from dagwright import DagFactory, OperatorFactory, chain


class Download(OperatorFactory, name_from="url"):
    """Download a file."""

    url: str

    def make_operator(self):
        from airflow.providers.standard.operators.bash import BashOperator

        return BashOperator(task_id=self.task_id, bash_command=f"curl {self.url}")


class DownloaderDag(DagFactory):
    """Download files, then tell somebody."""

    downloads: list[Download]
    reports: list[Download] = []

    def make_tasks(self):
        chain(self.downloads)
