"""A session with an SFTP server through Airflow's hook, which ends in a sentence and in bounded time where it fails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from dagwright.runtime.errors import PublishError
from dagwright.runtime.extras import need
from dagwright.runtime.sftp_host import SftpHost

__all__ = ["connection_errors", "open_session", "said"]

_SECONDS = 15  # for connecting, for the server's banner, and for the login
_SILENT_SECONDS = 60  # how long the server may not answer during a transfer


@contextlib.contextmanager
def open_session(connection_id: str, place: SftpHost) -> Iterator[tuple[Any, str]]:
    """Open a session; give it and the server's `sftp://` address.

    Raises:
        PublishError: when the connection is not there or cannot be used, or the server cannot be reached or refuses.
    """
    hook = _hook(connection_id, place)
    shown = _address(hook.remote_host, hook.port)
    with contextlib.ExitStack() as stack:
        try:
            session = stack.enter_context(hook.get_managed_conn())
        except connection_errors() as error:
            raise PublishError(_no_session(error, shown, connection_id)) from error
        session.get_channel().settimeout(_SILENT_SECONDS)
        yield session, shown


def connection_errors() -> tuple[type[BaseException], ...]:
    """Return what a session raises."""
    return (need("paramiko", extra="sftp").SSHException, OSError, EOFError)


def said(error: BaseException) -> str:
    """Return what one of them says."""
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    if isinstance(error, EOFError):
        return "the server closed the connection"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if str(error) == "Failure":  # what many servers say of a full disk, a quota, and everything else
        return "the server answers 'Failure', which may mean that its disk or a quota is full"
    return str(error) or type(error).__name__


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
    # Once: Airflow itself tries a task again, and wrong credentials must not lock an account. (Providers before
    # `conn_retry_attempts` try three times whatever is said here.)
    hook.conn_retry_attempts = 1
    return hook


def _no_session(error: BaseException, shown: str, connection_id: str) -> str:
    paramiko = need("paramiko", extra="sftp")
    if isinstance(error, paramiko.BadHostKeyException):
        return f"the host key of {shown} is another one than the connection '{connection_id}' expects"
    if isinstance(error, paramiko.AuthenticationException):
        return f"{shown} refuses the credentials of the connection '{connection_id}'"
    if isinstance(error, OSError | EOFError):
        return f"cannot reach {shown} by the connection '{connection_id}': {said(error)}"
    return f"cannot open a session with {shown} by the connection '{connection_id}': {error}"


def _address(name: str, port: int) -> str:
    host = f"[{name}]" if ":" in name else name
    return f"sftp://{host}" if port == 22 else f"sftp://{host}:{port}"
