"""Files to S3."""

from typing import Any

from dagwright.builtin.publisher import Publisher

__all__ = ["S3Publisher"]


class S3Publisher(Publisher):
    """Upload files to S3, or to whatever speaks its protocol; an object appears whole or not at all.

    Attributes:
        bucket: the bucket, which has to be there.
        prefix: the folder in the bucket.
        connection_id: the Airflow connection with credentials and endpoint; `aws_default` where none is given, and
            the worker's own credentials where that is not defined.

    Example:
        ```yaml
        publishers:
          public: {type: s3, bucket: acme-public, prefix: rates/, files: [out/rates.csv]}
        ```
    """

    bucket: str
    prefix: str = ""
    connection_id: str | None = None

    def folder_uri(self) -> str:
        """Return the folder's URI."""
        return "/".join(part for part in (f"s3://{self.bucket}", self.prefix.strip("/")) if part)

    def make_operator(self) -> Any:
        """Return a PythonOperator that uploads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.publish_s3 import publish_s3

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_s3, {"base": self.settings.workspace}),
            op_kwargs={
                "files": self.files,
                "bucket": self.bucket,
                "prefix": self.prefix,
                "connection_id": self.connection_id,
            },
            outlets=self.outlets(),
        )
