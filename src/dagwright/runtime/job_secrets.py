"""Secrets of jobs that run on the worker or next to it: values of Airflow, read when the job starts.

A reference says where a value is, in the words of Airflow's templates: `conn.partner.password`, `var.value.token`.
It stands in DAG files and in Airflow's pages; the value is in the job's environment alone, and logs show `***`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dagwright.runtime.errors import RunError

__all__ = ["REFERENCE_HELP", "SecretVariables", "is_reference", "read_secret"]

REFERENCE_HELP = (
    "write 'conn.ID.FIELD' for a field of a connection (login, password, host, schema, port, uri or extra.KEY), "
    "or 'var.value.NAME' for a variable"
)
_CONNECTION = re.compile(
    r"conn\.(?P<id>[\w.-]+?)\.(?P<field>login|password|host|schema|port|uri|extra\.(?P<key>[^.].*))"
)
_VARIABLE = re.compile(r"var\.value\..+")


def is_reference(text: str) -> bool:
    """Say whether a text can be a reference."""
    return bool(_CONNECTION.fullmatch(text) or _VARIABLE.fullmatch(text))


def read_secret(reference: str) -> str:
    """Return the value behind a reference, which Airflow masks in logs from now on.

    Raises:
        RunError: where it is not there.
    """
    if not is_reference(reference):
        raise RunError(f"'{reference}' refers to no secret: {REFERENCE_HELP}")
    from airflow.providers.common.compat.sdk import AirflowNotFoundException, BaseHook, Variable, mask_secret
    from airflow.sdk.exceptions import AirflowRuntimeError

    try:
        if (match := _CONNECTION.fullmatch(reference)) is not None:
            connection = BaseHook.get_connection(match["id"])
            if match["key"] is not None:
                value = connection.extra_dejson.get(match["key"])
            else:
                value = connection.get_uri() if match["field"] == "uri" else getattr(connection, match["field"])
        else:
            value = Variable.get(reference.removeprefix("var.value."))
    except (AirflowNotFoundException, AirflowRuntimeError) as error:
        raise RunError(f"the secret '{reference}' of the job is not there") from error
    if value is None or value == "":
        raise RunError(f"the secret '{reference}' of the job is empty")
    text = str(value)
    mask_secret(text)
    return text


class SecretVariables(Mapping[str, str]):
    """Environment variables whose values are read at the moment when somebody looks at them.

    Args:
        references: by the variable's name.
    """

    def __init__(self, references: Mapping[str, str]) -> None:
        self._references = dict(references)

    def __getitem__(self, name: str) -> str:
        return read_secret(self._references[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._references)

    def __len__(self) -> int:
        return len(self._references)

    def __repr__(self) -> str:
        return f"SecretVariables({self._references!r})"
