from dagwright import DagFactory, OperatorFactory


class Download(OperatorFactory):
    """Download a file."""

    url: str

    def make_operator(self):
        from airflow.providers.standard.operators.bash import BashOperator

        return BashOperator(task_id=self.task_id, bash_command=f"curl {self.url}")


class DownloaderDag(DagFactory):
    """Download files, and the index of each one's folder."""

    downloads: list[Download]

    def make_tasks(self):
        for download in self.downloads:
            download.make_operator()
            # A factory that stands in no data has no siblings.
            index = Download(name="index", url=f"{download.url}.index", depends_on=[download.name])
            index.make_operator()
