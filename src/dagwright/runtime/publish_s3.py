"""Publish into an S3 bucket, through Airflow's hook."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from dagwright.runtime.errors import PublishError
from dagwright.runtime.extras import need
from dagwright.runtime.parcels import Parcel
from dagwright.runtime.publication import publish_files
from dagwright.runtime.publishing import Published, rows
from dagwright.runtime.targets import Target, TargetTaken
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["BucketTarget", "publish_s3", "publish_to_s3"]

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_ATTEMPTS = 3
# A conflict is another conditional request for the same key at the same time.
_TAKEN = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})
_REFUSED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidToken", "RequestExpired"}
    | {"SignatureDoesNotMatch", "TokenRefreshRequired", "UnrecognizedClientException"}
)


def publish_s3(
    sending: Mapping[str, Any],
    bucket: str,
    prefix: str = "",
    connection_id: str | None = None,
    *,
    base: str | None = None,
) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace into a bucket.

    Args:
        sending: `files` and how they go out, see `publish_files`.
        bucket: the bucket's name.
        prefix: the keys' beginning, a folder with or without its '/'.
        connection_id: an AWS connection; None takes `aws_default` or, without one, the worker's own credentials.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    workspace = run_workspace(base)
    return rows(publish_to_s3(workspace, bucket=bucket, prefix=prefix, connection_id=connection_id, **sending))


def publish_to_s3(
    workspace: RunWorkspace,
    files: Sequence[str],
    *,
    bucket: str,
    prefix: str = "",
    connection_id: str | None = None,
    **how: Any,
) -> list[Published]:
    """Put every file under its key, in one request or one multipart upload.

    S3 shows an object when it is complete, so that a reader sees the old one or the new one.

    Raises:
        PublishError: when the connection, the bucket or the endpoint is not there or refuses.
        WorkspaceError: when a file is not there; then nothing is published.
    """
    if not bucket or "/" in bucket:
        raise PublishError(f"'{bucket}' is no name of a bucket; folders belong into 'prefix'")
    return publish_files(BucketTarget(bucket, prefix, connection_id), workspace, files, **how)


class BucketTarget(Target):
    """A folder of a bucket."""

    def __init__(self, bucket: str, prefix: str = "", connection_id: str | None = None) -> None:
        self._bucket = bucket
        self._folder = prefix.strip("/")
        self._connection_id = connection_id
        self._via = "the default connection" if connection_id is None else f"the connection '{connection_id}'"
        self._hook: Any = None
        self._client: Any = None

    def __enter__(self) -> Self:
        """Make a client; nothing is asked yet."""
        self._hook = _hook(self._connection_id)
        with self._errors():
            self._client = self._hook.get_conn()
        return self

    def uri(self, name: str) -> str:
        """Return the object's URI."""
        return f"s3://{self._bucket}/{self._key(name)}"

    def size(self, name: str) -> int | None:
        """Ask for the object's head."""
        with self._errors(name):
            try:
                return int(self._client.head_object(Bucket=self._bucket, Key=self._key(name))["ContentLength"])
            except need("botocore.exceptions", extra="s3").ClientError as error:
                # A missing bucket is a 404 as well; the upload says which it is.
                if _code(error) not in ("404", "NoSuchKey"):
                    raise
        return None

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """Open the object."""
        with self._errors(name):
            body = self._client.get_object(Bucket=self._bucket, Key=self._key(name))["Body"]
            with contextlib.closing(body):
                yield body

    def show(self, parcel: Parcel, *, replace: bool) -> None:
        """Upload it, where need be on the condition that there is no such key."""
        key = self._key(parcel.name)
        with self._errors(parcel.name), self._parameters(parcel, create=not replace), parcel.open() as content:
            try:
                self._hook.load_file_obj(content, key=key, bucket_name=self._bucket, replace=True)
            except need("botocore.exceptions", extra="s3").ClientError as error:
                if not replace and _code(error) in _TAKEN:
                    raise TargetTaken(f"{self.uri(parcel.name)} is there already") from None
                raise

    @contextlib.contextmanager
    def _parameters(self, parcel: Parcel, *, create: bool) -> Iterator[None]:
        """Give the requests of an upload what the hook has no argument for: the type, and the condition.

        The condition belongs to the request that completes the upload.
        """

        def type_of_content(params: dict[str, Any], **_: object) -> None:
            if parcel.content_type is not None:
                params["ContentType"] = parcel.content_type

        def only_if_new(params: dict[str, Any], **_: object) -> None:
            if create:
                params["IfNoneMatch"] = "*"

        handlers = [
            ("PutObject", type_of_content),
            ("CreateMultipartUpload", type_of_content),
            ("PutObject", only_if_new),
            ("CompleteMultipartUpload", only_if_new),
        ]
        events = self._client.meta.events
        for operation, handler in handlers:
            events.register(f"before-parameter-build.s3.{operation}", handler)
        try:
            yield
        finally:
            for operation, handler in handlers:
                events.unregister(f"before-parameter-build.s3.{operation}", handler)

    def _key(self, name: str) -> str:
        return f"{self._folder}/{name}" if self._folder else name

    @contextlib.contextmanager
    def _errors(self, name: str = "") -> Iterator[None]:
        boto = need("botocore.exceptions", extra="s3")
        what = f"'{name}' to {self.uri(name)}" if name else f"to s3://{self._bucket}"
        try:
            yield
        except boto.ClientError as error:
            raise PublishError(f"cannot publish {what} by {self._via}: {_said(_code(error))}") from error
        except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
            raise PublishError(
                f"cannot publish to s3://{self._bucket} by {self._via}: there are no AWS credentials"
            ) from error
        except (boto.BotoCoreError, OSError) as error:
            raise PublishError(f"cannot publish {what} by {self._via}: {error}") from error


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


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _said(code: str) -> str:
    match code:
        case "NoSuchBucket":
            return "there is no such bucket"
        case "AccessDenied" | "403" | "AllAccessDisabled":
            return "S3 denies the access"
        case _ if code in _REFUSED:
            return f"S3 refuses the credentials ({code})"
        case _:
            return f"S3 answers '{code}'"
