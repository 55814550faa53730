"""Files to Google Cloud Storage."""

from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.publisher import Publisher

__all__ = ["GcsPublisher"]


class GcsPublisher(Publisher):
    """Upload files to Google Cloud Storage; an object appears whole or not at all.

    Attributes:
        bucket: the bucket, which has to be there.
        prefix: the folder in the bucket.
        connection_id: the Airflow connection with the credentials; the worker's own where none is given.

    Example:
        ```yaml
        publishers:
          public: {type: gcs, bucket: acme-public, prefix: rates/, files: [out/rates.csv]}
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
            yield context.error("bucket", message, code="DW206", help="without 'gs://'; folders belong into 'prefix'")

    def folder_uri(self) -> str:
        """Return the folder's URI."""
        return "/".join(part for part in (f"gs://{self.bucket}", self.prefix.strip("/")) if part)

    def worker_packages(self) -> Iterable[str]:
        """Return Google's provider and its file system."""
        return ("dagwright[gcs]",)

    def make_operator(self) -> Any:
        """Return a PythonOperator that uploads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.publish_objects import publish_gcs

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_gcs, {"base": self.settings.workspace}),
            op_kwargs={
                "sending": self.sending(),
                "bucket": self.bucket,
                "prefix": self.prefix,
                "connection_id": self.connection_id,
            },
            outlets=self.outlets(),
        )
