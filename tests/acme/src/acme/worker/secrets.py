"""Values of Airflow behind the references in `secrets`: a connection's login or password, or a variable."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dagwright.runtime import RunError

__all__ = ["REFERENCES", "is_reference", "read_secrets"]

REFERENCES = "write 'conn.ID.login', 'conn.ID.password' or 'var.value.NAME'"

_CONNECTION = re.compile(r"conn\.([\w-]+)\.(login|password)")
_VARIABLE = re.compile(r"var\.value\.([\w-]+)")


def is_reference(text: str) -> bool:
    """Return whether a text can lead to a secret."""
    return bool(_CONNECTION.fullmatch(text) or _VARIABLE.fullmatch(text))


def read_secrets(references: Mapping[str, str]) -> dict[str, str]:
    """Return the values, by the variables' names; logs show none of them from now on.

    Raises:
        RunError: when one is not there.
    """
    from airflow.providers.common.compat.sdk import mask_secret

    values = {name: _read(reference) for name, reference in references.items()}
    for name, value in values.items():
        if not value:
            raise RunError(f"there is nothing at '{references[name]}', where the secret '{name}' should be")
        mask_secret(value)
    return {name: value for name, value in values.items() if value}


def _read(reference: str) -> str | None:
    from airflow.providers.common.compat.sdk import BaseHook, Variable

    if found := _CONNECTION.fullmatch(reference):
        connection = BaseHook.get_connection(found[1])
        return connection.login if found[2] == "login" else connection.password
    if found := _VARIABLE.fullmatch(reference):
        value: str | None = Variable.get(found[1], None)
        return value
    raise RunError(f"'{reference}' leads to no secret: {REFERENCES}")
