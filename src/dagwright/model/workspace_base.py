"""The base of workspaces in data: a folder or a URI, which everybody sees."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

__all__ = ["WorkspaceBase", "has_password", "shown_base"]


def has_password(base: str) -> bool:
    """Say whether a base has more than a connection id before an '@': `s3://KEY:SECRET@bucket`."""
    _, scheme, rest = base.partition("://")
    user, at, _ = rest.rpartition("@")
    authority = rest.partition("/")[0]
    # A secret with a slash in it ends what a URI calls its authority; what follows the colon is no port then.
    port = authority.rpartition(":")[2]
    return bool(scheme and at) and ":" in user.partition("/")[0] and ("@" in authority or not port.isdigit())


def shown_base(base: str) -> str:
    """Return a base for messages: no connection id and nothing else before an '@'."""
    scheme, mark, rest = base.partition("://")
    if has_password(base):
        return f"{scheme}://{rest.rpartition('@')[2]}"
    authority, slash, path = rest.partition("/")
    return base if "@" not in authority else f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"


def _check(base: str) -> str:
    if has_password(base):
        message = "a workspace is shown to everybody, so it has no password in it; an Airflow connection's id may stand"
        raise PydanticCustomError("DW206", "{problem}", {"problem": f"{message} before the '@'"})
    return base


WorkspaceBase = Annotated[str, AfterValidator(_check)]
"""A folder or a URI such as `s3://CONNECTION@bucket/folder`: no password."""
