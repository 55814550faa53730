"""Files to Azure Blob Storage."""

from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.publisher import Publisher

__all__ = ["AzureBlobPublisher"]


class AzureBlobPublisher(Publisher):
    """Upload files to Azure Blob Storage; a blob appears whole or not at all.

    Attributes:
        container: the container, which has to be there.
        connection_id: the Airflow connection with the account and the credentials.
        prefix: the folder in the container.
        account: the storage account's name, for the assets of the files; without it they have none, because the
            connection is read by the worker only.

    Example:
        ```yaml
        publishers:
          public: {type: azure_blob, container: public, account: acme, connection_id: lake, files: [out/rates.csv]}
        ```
    """

    container: Annotated[str, MinLen(1)]
    connection_id: Annotated[str, MinLen(1)]
    prefix: str = ""
    account: Annotated[str, MinLen(1)] | None = None

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Refuse a container with a folder in it and an account that is an address, unless they are templates."""
        yield from super().check(context)
        if ("/" in self.container or "@" in self.container) and "{" not in self.container:
            message = f"'{self.container}' is no name of a container"
            help_text = "without 'abfs://' and account; folders belong into 'prefix'"
            yield context.error("container", message, code="DW206", help=help_text)
        account = self.account
        if account is not None and "{" not in account and not (account.isascii() and account.isalnum()):
            message = f"'{account}' is no name of a storage account"
            help_text = "letters and digits: what stands before '.blob.core.windows.net'"
            yield context.error("account", message, code="DW206", help=help_text)

    def folder_uri(self) -> str | None:
        """Return the folder's URL where the data gives the account."""
        if self.account is None:
            return None
        place = f"https://{self.account}.blob.core.windows.net/{self.container}"
        return "/".join(part for part in (place, self.prefix.strip("/")) if part)

    def worker_packages(self) -> Iterable[str]:
        """Return Azure's provider and its file system."""
        return ("dagwright[azure]",)

    def make_operator(self) -> Any:
        """Return a PythonOperator that uploads."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.publish_objects import publish_azure_blob

        return PythonOperator(
            task_id=self.task_id,
            python_callable=WorkerCall(publish_azure_blob, {"base": self.settings.workspace}),
            op_kwargs={
                "sending": self.sending(),
                "container": self.container,
                "connection_id": self.connection_id,
                "prefix": self.prefix,
            },
            outlets=self.outlets(),
        )
