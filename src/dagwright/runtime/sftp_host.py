"""The `host` of an SFTP publisher: a name, or a `sftp://` URI with a port and a folder."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from dagwright.runtime.errors import PublishError

__all__ = ["SftpHost", "parse_sftp_host"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SftpHost:
    """Where an SFTP server is.

    Attributes:
        port: None leaves it to the connection.
        directory: the URI's path: absolute, or relative to the login's folder where it begins with `/~/`.
    """

    name: str
    port: int | None = None
    directory: str = ""


def parse_sftp_host(host: str) -> SftpHost:
    """Read `files.example.com`, `files.example.com:2222` or `sftp://files.example.com:2222/folder`.

    Raises:
        PublishError: when it is none of these. A text with credentials in it is not repeated.
    """
    text = host.strip()
    parts = urlsplit(text if "://" in text else f"sftp://{text}")
    if "@" in parts.netloc:
        raise PublishError("'host' contains a user name; credentials belong into the Airflow connection")
    if parts.scheme != "sftp":
        raise PublishError(f"the host '{host}' has the scheme '{parts.scheme}'; an SFTP host has 'sftp://' or none")
    try:
        port = parts.port
    except ValueError:
        raise PublishError(f"the host '{host}' has a port that is no number from 1 to 65535") from None
    if not parts.hostname or port == 0 or parts.query or parts.fragment:
        raise PublishError(f"the host '{host}' is no host name; write it as 'sftp://files.example.com:22/folder'")
    directory = unquote(parts.path)
    if directory == "/~" or directory.startswith("/~/"):
        directory = directory[3:]
    elif directory == "/":
        directory = ""  # nearly every `sftp://name/` means the login's own folder
    return SftpHost(name=parts.hostname, port=port, directory=directory)
