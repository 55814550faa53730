"""Files to S3."""

from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic
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

    bucket: Annotated[str, MinLen(1)]
    prefix: str = ""
    connection_id: Annotated[str, MinLen(1)] | None = None

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse a bucket with a folder in it, unless it is a template."""
        yield from super().check(context)
        if ("/" in self.bucket or "@" in self.bucket) and "{" not in self.bucket:
            message = f"'{self.bucket}' is no name of a bucket"
            yield context.error("bucket", message, code="DW206", help="without 's3://'; folders belong into 'prefix'")

    def folder_uri(self) -> str:
        """Return the folder's URI."""
        return "/".join(part for part in (f"s3://{self.bucket}", self.prefix.strip("/")) if part)

    def worker_packages(self) -> Iterable[str]:
        """Return Amazon's provider."""
        return ("dagwright[s3]",)

    def make_operator(self) -> Any:
        """Return a PythonOperator that uploads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.publish_s3 import publish_s3

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_s3, {"base": self.settings.workspace}),
            op_kwargs={
                "sending": self.sending(),
                "bucket": self.bucket,
                "prefix": self.prefix,
                "connection_id": self.connection_id,
            },
            outlets=self.outlets(),
        )
