"""Publish onto an SFTP server, through Airflow's hook."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import posixpath
import secrets
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dagwright.runtime.errors import PublishError
from dagwright.runtime.extras import need
from dagwright.runtime.publishing import CHUNK, Published, Source, log_published, plan_sources, rows
from dagwright.runtime.sftp_host import SftpHost, parse_sftp_host
from dagwright.runtime.workspace import RunWorkspace, run_workspace

__all__ = ["publish_sftp", "publish_to_sftp"]

log = logging.getLogger(__name__)

_SECONDS = 15  # for connecting, for the login, and for the server's banner
_SILENT_SECONDS = 60  # how long the server may not answer during a transfer


def publish_sftp(
    files: Sequence[str],
    connection_id: str,
    host: str | None = None,
    directory: str = "",
    *,
    base: str | None = None,
) -> list[dict[str, Any]]:
    """Publish files of the running task's workspace onto an SFTP server.

    Args:
        files: paths in the workspace.
        connection_id: an SFTP connection, which has the credentials.
        host: beats the connection's own host; may be a `sftp://` URI with a port and a folder.
        directory: the remote folder, made where it is missing; relative to the host's folder or the login's.
        base: the workspaces' base, see `open_workspace`.

    Returns:
        For each file `file`, `target`, `bytes` and `sha256`.
    """
    published = publish_to_sftp(run_workspace(base), files, connection_id=connection_id, host=host, directory=directory)
    return rows(published)


def publish_to_sftp(
    workspace: RunWorkspace,
    files: Sequence[str],
    *,
    connection_id: str,
    host: str | None = None,
    directory: str = "",
) -> list[Published]:
    """Upload every file beside its target and compare the sizes, then rename them all.

    A reader sees the old file or the new one, never a part of one; where the server does not know how to
    rename over an existing file, the log says so. Temporary files are removed when anything fails.

    Raises:
        PublishError: when the server cannot be reached, refuses, or stops answering.
        WorkspaceError: when a file is not there; then nothing is published.
    """
    sources = plan_sources(workspace, files)
    place = SftpHost(name="") if not host else parse_sftp_host(host)
    folder = posixpath.join(place.directory, directory)
    with _session(connection_id, place) as (session, shown):
        try:
            return _publish(session, workspace, sources, folder, shown)
        except _connection_errors() as error:
            raise PublishError(
                f"publishing to {shown} by the connection '{connection_id}' failed: {_said(error)}"
            ) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class _Upload:
    temporary: str
    target: str
    published: Published


def _publish(
    session: Any, workspace: RunWorkspace, sources: Sequence[Source], folder: str, shown: str
) -> list[Published]:
    _make_folder(session, folder)
    uploads: list[_Upload] = []
    try:
        for source in sources:
            target = posixpath.join(folder, source.name)
            temporary = posixpath.join(folder, f".{source.name}.{secrets.token_hex(6)}.part")
            # Known before its first byte is sent, so that it is removed whatever happens.
            uploads.append(
                _Upload(
                    temporary=temporary,
                    target=target,
                    published=Published(file=source.file, target=_uri(shown, target), bytes=source.size, sha256=""),
                )
            )
            digest, size = _upload(session, workspace, source, temporary)
            uploads[-1] = _Upload(
                temporary=temporary,
                target=target,
                published=Published(file=source.file, target=_uri(shown, target), bytes=size, sha256=digest),
            )
        for upload in uploads:
            _rename_over(session, upload.temporary, upload.target)
            log_published(upload.published)
    except BaseException:
        with contextlib.suppress(*_connection_errors()):  # the server is gone, so ask it for nothing more
            for upload in uploads:
                with contextlib.suppress(FileNotFoundError):  # renamed already
                    session.remove(upload.temporary)
        raise
    return [upload.published for upload in uploads]


def _upload(session: Any, workspace: RunWorkspace, source: Source, temporary: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with workspace.open(source.file) as reader, session.open(temporary, "wb") as writer:
        writer.set_pipelined(True)  # without it, every piece waits for the server's answer
        while chunk := reader.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            writer.write(chunk)
    arrived = session.stat(temporary).st_size
    if arrived != size:
        raise PublishError(f"'{source.file}' has {size} bytes, of which {arrived} arrived at the server")
    return digest.hexdigest(), size


def _rename_over(session: Any, temporary: str, target: str) -> None:
    if _is_folder(session, target):
        raise PublishError(f"cannot publish as '{target}': that is a folder on the server")
    try:
        session.posix_rename(temporary, target)
    except OSError as error:
        # A server without this extension answers with a status that has no number of an error.
        if error.errno is not None:
            raise
    else:
        return
    if not _exists(session, target):
        session.rename(temporary, target)
        return
    log.warning(
        "the server cannot rename over an existing file: '%s' is taken away and put back as the new one, so that "
        "for a moment it is not there",
        target,
    )
    old = posixpath.join(posixpath.dirname(target), f".{posixpath.basename(target)}.{secrets.token_hex(6)}.old")
    session.rename(target, old)
    try:
        session.rename(temporary, target)
    except BaseException:
        with contextlib.suppress(*_connection_errors()):
            session.rename(old, target)
        raise
    session.remove(old)


def _make_folder(session: Any, folder: str) -> None:
    """Make a folder and the ones above it; somebody else may make them in the same moment."""
    missing = []
    while folder.strip("/") and not _is_folder(session, folder):
        missing.append(folder)
        folder = posixpath.dirname(folder.rstrip("/"))
    for one in reversed(missing):
        try:
            session.mkdir(one)
        except OSError as error:
            if not _is_folder(session, one):
                raise PublishError(f"cannot make the folder '{one}' on the server: {_said(error)}") from error


def _exists(session: Any, path: str) -> bool:
    try:
        session.lstat(path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return False
        raise
    return True


def _is_folder(session: Any, path: str) -> bool:
    try:
        return stat.S_ISDIR(session.stat(path).st_mode or 0)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return False
        raise


@contextlib.contextmanager
def _session(connection_id: str, place: SftpHost) -> Iterator[tuple[Any, str]]:
    """Open a session; give it and the server's `sftp://` address."""
    hook = _hook(connection_id, place)
    shown = _address(hook.remote_host, hook.port)
    with contextlib.ExitStack() as stack:
        try:
            session = stack.enter_context(hook.get_managed_conn())
        except _connection_errors() as error:
            raise PublishError(_no_session(error, shown, connection_id)) from error
        session.get_channel().settimeout(_SILENT_SECONDS)
        yield session, shown


def _hook(connection_id: str, place: SftpHost) -> Any:
    hook_class = need("airflow.providers.sftp.hooks.sftp", extra="sftp").SFTPHook
    sdk = need("airflow.providers.common.compat.sdk", extra="sftp")
    try:
        hook = hook_class(ssh_conn_id=connection_id, remote_host=place.name, port=place.port)
    except sdk.AirflowNotFoundException as error:
        raise PublishError(f"there is no connection '{connection_id}' for publishing by SFTP") from error
    except (sdk.AirflowException, need("paramiko", extra="sftp").SSHException, OSError, ValueError) as error:
        # The text is left out: it may quote what the connection holds.
        raise PublishError(
            f"the connection '{connection_id}' cannot be used for SFTP: check its host, its 'host_key' and its "
            f"private key ({type(error).__name__})"
        ) from error
    hook.conn_timeout = hook.conn_timeout or _SECONDS
    hook.auth_timeout = hook.auth_timeout or _SECONDS
    hook.banner_timeout = min(hook.banner_timeout, _SECONDS)
    return hook


def _connection_errors() -> tuple[type[BaseException], ...]:
    return (need("paramiko", extra="sftp").SSHException, OSError, EOFError)


def _no_session(error: BaseException, shown: str, connection_id: str) -> str:
    paramiko = need("paramiko", extra="sftp")
    if isinstance(error, paramiko.BadHostKeyException):
        return f"the host key of {shown} is another one than the connection '{connection_id}' expects"
    if isinstance(error, paramiko.AuthenticationException):
        return f"{shown} refuses the credentials of the connection '{connection_id}'"
    if isinstance(error, OSError | EOFError):
        return f"cannot reach {shown} by the connection '{connection_id}': {_said(error)}"
    return f"cannot open a session with {shown} by the connection '{connection_id}': {error}"


def _said(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    if isinstance(error, EOFError):
        return "the server closed the connection"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _address(name: str, port: int) -> str:
    host = f"[{name}]" if ":" in name else name
    return f"sftp://{host}" if port == 22 else f"sftp://{host}:{port}"


def _uri(shown: str, target: str) -> str:
    return f"{shown}{target}" if target.startswith("/") else f"{shown}/~/{target}"
