"""Tables in Redshift, a cluster's or a serverless workgroup's."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from annotated_types import MinLen

from dagwright import CheckContext, Diagnostic
from dagwright.builtin.warehouse import Warehouse

if TYPE_CHECKING:
    from dagwright.builtin.warehouse_upload import WarehouseUpload
    from dagwright.runtime import LoadTable

__all__ = ["RedshiftWarehouse"]

# One role, or a chain of them, each of which assumes the next.
_ROLE = re.compile(
    r"default|arn:aws[a-z-]*:iam::\d{12}:role/[\w+=.@/-]+(,arn:aws[a-z-]*:iam::\d{12}:role/[\w+=.@/-]+)*"
)
_POLL_SECONDS = 5
_RESUME_POLL_SECONDS = 30


class RedshiftWarehouse(Warehouse, type_name="redshift"):
    """Redshift through its Data API; COPY fetches the files from the workspace, which is in S3.

    Redshift reads S3 with an IAM role, and no key stands in any statement.

    Attributes:
        database: the database.
        cluster: a provisioned cluster's identifier; it is resumed where it is paused.
        workgroup: a serverless workgroup's name; give one of both.
        iam_role: the ARN of the role with which Redshift reads the workspace, or `default`.
        connection_id: the Airflow connection to AWS; `aws_default` where none is given.
        region: the AWS region; the connection's where none is given.
        db_user: the database user at a cluster; the one that goes with the AWS identity where none is given.
        secret_arn: the secret with the database's credentials instead, in AWS Secrets Manager.
        pause: whether to pause the cluster again when all is done or has failed, if the upload has resumed it.

    Example:
        ```yaml
        workspace: s3://acme-lake/workspaces
        tasks:
          load:
            type: warehouse_upload
            warehouse: {type: redshift, cluster: dw, database: lake, pause: true}
            schema: rates
            tables: [{name: daily, source_file: out/rates.csv, columns: [day, rate]}]
        ```
    """

    database: Annotated[str, MinLen(1)]
    cluster: Annotated[str, MinLen(1)] | None = None
    workgroup: Annotated[str, MinLen(1)] | None = None
    iam_role: str = "default"
    connection_id: Annotated[str, MinLen(1)] | None = None
    region: Annotated[str, MinLen(1)] | None = None
    db_user: str | None = None
    secret_arn: str | None = None
    pause: bool = False

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Ask for one place to run, and for a workspace that Redshift can read."""
        if (self.cluster is None) == (self.workgroup is None):
            how = "neither" if self.cluster is None else "both"
            message = f"{how} of 'cluster' and 'workgroup' {'is' if how == 'neither' else 'are'} given"
            yield context.error("", message, help="give one of them: a provisioned cluster or a serverless workgroup")
        elif self.workgroup is not None:
            for field in ("db_user", "pause"):
                if getattr(self, field):
                    message = f"'{field}' is for a cluster, and the workgroup '{self.workgroup}' is serverless"
                    yield context.error(field, message, help="remove it", at_key=True)
        if self.db_user is not None and self.secret_arn is not None:
            yield context.error("db_user", "'secret_arn' says who the user is already", help="remove one of them")
        if not _ROLE.fullmatch(self.iam_role):  # what else stands there may be a key, which no message repeats
            message = "'iam_role' is neither the ARN of an IAM role nor 'default'"
            yield context.error("iam_role", message, code="DW206", help="write arn:aws:iam::ACCOUNT:role/NAME")
        workspace = context.settings.workspace
        if workspace is None or not workspace.startswith("s3://"):
            shown = "the worker's own folder" if workspace is None else f"'{context.settings.workspace_shown}'"
            yield context.error(
                "",
                f"Redshift loads files from S3, and the workspace is {shown}",
                help='write workspace = "s3://BUCKET/FOLDER" in [defaults.dag] of the project or an environment',
            )

    def column_types(self) -> Mapping[str, str]:
        """Return Redshift's types for single values."""
        from dagwright.runtime.warehouse.types import REDSHIFT_TYPES

        return REDSHIFT_TYPES

    def table_uri(self, schema: str, table: str) -> str | None:
        """Return the URI: the cluster or workgroup with its region, then the table's place."""
        name = self.cluster or self.workgroup or ""
        host = name if self.region is None else f"{name}.{self.region}"
        return f"redshift://{host}/{'/'.join(quote(one, safe='') for one in (self.database, schema, table))}"

    def make_check(self, upload: "WarehouseUpload", table: "LoadTable", task_id: str) -> Any:
        """Return a PythonOperator that compares the file with the table and names it for COPY."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.warehouse.redshift import check_redshift_file

        call = WorkerCall(check_redshift_file, {"base": upload.settings.workspace})
        return PythonOperator(task_id=task_id, python_callable=call, op_kwargs={"table": table.data()})

    def make_resume(self, upload: "WarehouseUpload") -> Any | None:
        """Return a PythonOperator: RedshiftResumeClusterOperator fails where the cluster runs already."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.warehouse.redshift_cluster import resume_for_upload

        if self.cluster is None:
            return None
        arguments = {"cluster": self.cluster, "connection_id": self.connection_id, "region": self.region}
        settings = {"base": upload.settings.workspace, "poll_seconds": _RESUME_POLL_SECONDS}
        call = WorkerCall(resume_for_upload, settings)
        return PythonOperator(task_id="resume", python_callable=call, op_kwargs=arguments)

    def make_schema(self, upload: "WarehouseUpload") -> Any:
        """Return a RedshiftDataOperator that makes the schema."""
        from dagwright.runtime.warehouse.redshift import schema_statements

        return self._statements("ensure_schema", schema_statements(upload.schema))

    def make_recreate(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:  # noqa: ARG002  the slot's signature
        """Return a RedshiftDataOperator that makes the table beside."""
        from dagwright.runtime.warehouse.redshift import recreate_statements

        return self._statements("recreate", recreate_statements(table))

    def make_load(self, upload: "WarehouseUpload", table: "LoadTable") -> Any:
        """Return a RedshiftDataOperator whose statements are one transaction."""
        from dagwright.runtime.warehouse.redshift import load_statements

        statements = load_statements(table, workspace=upload.settings.workspace_template, iam_role=self.iam_role)
        return self._statements("load", statements, outlets=upload.outlets(table))

    def make_pause(self, upload: "WarehouseUpload", resume: Any) -> Any | None:
        """Return a PythonOperator that pauses the cluster where the upload has resumed it."""
        from airflow.providers.standard.operators.python import PythonOperator

        from dagwright.runtime.call import WorkerCall
        from dagwright.runtime.warehouse.redshift_cluster import pause_after_upload

        if not self.pause:
            return None
        arguments = {"cluster": self.cluster, "connection_id": self.connection_id, "region": self.region}
        call = WorkerCall(pause_after_upload, {"base": upload.settings.workspace, "resume_task": resume.task_id})
        return PythonOperator(task_id="pause", python_callable=call, op_kwargs={**arguments, "resumed": resume.output})

    def _statements(self, task_id: str, statements: list[str], **more: Any) -> Any:
        from airflow.providers.amazon.aws.operators.redshift_data import RedshiftDataOperator

        return RedshiftDataOperator(
            task_id=task_id,
            sql=statements,
            database=self.database,
            cluster_identifier=self.cluster,
            workgroup_name=self.workgroup,
            db_user=self.db_user,
            secret_arn=self.secret_arn,
            region_name=self.region,
            poll_interval=_POLL_SECONDS,
            aws_conn_id=self.connection_id or "aws_default",
            **more,
        )
