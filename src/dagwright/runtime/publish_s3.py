"""Publish into an S3 bucket, through Airflow's hook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dagwright.runtime.errors import PublishError
from dagwright.runtime.extras import need
from dagwright.runtime.hashing import HashingReader
from dagwright.runtime.publishing import Published, log_published, plan_sources, rows
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["publish_s3", "publish_to_s3"]

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_ATTEMPTS = 3


def publish_s3(
    files: Sequence[str],
    bucket: str,
    prefix: str = "",
    connection_id: str | None = None,
    *,
    base: str | None = None,
) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace into a bucket.

    Args:
        files: paths in the workspace.
        bucket: the bucket's name.
        prefix: the keys' beginning, a folder with or without its '/'.
        connection_id: an AWS connection; None takes `aws_default` or, without one, the worker's own credentials.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    return rows(publish_to_s3(run_workspace(base), files, bucket=bucket, prefix=prefix, connection_id=connection_id))


def publish_to_s3(
    workspace: RunWorkspace, files: Sequence[str], *, bucket: str, prefix: str = "", connection_id: str | None = None
) -> list[Published]:
    """Put every file under its key, in one request or one multipart upload, over what is there.

    S3 shows an object when it is complete, so that a reader sees the old one or the new one.

    Raises:
        PublishError: when the connection, the bucket or the endpoint is not there or refuses.
        WorkspaceError: when a file is not there; then nothing is published.
    """
    sources = plan_sources(workspace, files)
    if not bucket or "/" in bucket:
        raise PublishError(f"'{bucket}' is no name of a bucket; folders belong into 'prefix'")
    place = f"s3://{bucket}"
    folder = prefix.strip("/")
    via = "the default connection" if connection_id is None else f"the connection '{connection_id}'"
    hook = _hook(connection_id)
    boto_errors = need("botocore.exceptions", extra="s3")
    published = []
    for source in sources:
        key = f"{folder}/{source.name}" if folder else source.name
        try:
            with workspace.open(source.file) as file:
                reader = HashingReader(file)
                hook.load_file_obj(reader, key=key, bucket_name=bucket, replace=True)
        except boto_errors.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise PublishError(f"cannot publish '{source.file}' to {place}/{key} by {via}: {_said(code)}") from error
        except (boto_errors.NoCredentialsError, boto_errors.PartialCredentialsError) as error:
            raise PublishError(f"cannot publish to {place} by {via}: there are no AWS credentials") from error
        except (boto_errors.BotoCoreError, OSError) as error:
            raise PublishError(f"cannot publish '{source.file}' to {place}/{key} by {via}: {error}") from error
        published.append(Published(file=source.file, target=f"{place}/{key}", bytes=reader.size, sha256=reader.sha256))
        log_published(published[-1])
    return published


def _hook(connection_id: str | None) -> Any:
    hook_class = need("airflow.providers.amazon.aws.hooks.s3", extra="s3").S3Hook
    config = need("botocore.config", extra="s3").Config
    if connection_id is not None:
        not_found = need("airflow.providers.common.compat.sdk", extra="s3").AirflowNotFoundException
        try:
            hook_class.get_connection(connection_id)  # the hook itself goes on without credentials
        except not_found as error:
            raise PublishError(f"there is no connection '{connection_id}' for publishing to S3") from error
    name = connection_id or hook_class.default_conn_name
    patience = config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
    )
    # What the connection itself says about time limits and retries wins.
    return hook_class(aws_conn_id=name, config=patience.merge(hook_class(aws_conn_id=name).config))


def _said(code: str) -> str:
    match code:
        case "NoSuchBucket":
            return "there is no such bucket"
        case "AccessDenied" | "403" | "AllAccessDisabled":
            return "S3 denies the access"
        case "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken" | "InvalidToken":
            return f"S3 refuses the credentials ({code})"
        case _:
            return f"S3 answers '{code}'"
