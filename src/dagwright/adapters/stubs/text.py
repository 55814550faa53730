"""The text of a stub, and reading one back: whose it is, and whether somebody edited it.

A stub is code that Airflow runs, so what comes from outside, such as the names of files, stands in string literals
only. The second line holds a digest of all that follows.
"""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass

__all__ = ["MARK", "ReadStub", "Stub", "read_stub", "stub_text"]

MARK = "# dagwright-stub 1 "

# Airflow's safe mode wants the words "airflow" and "dag"; both are here whatever the stub imports.
_HEAD = "# `dagwright sync` made this file, which lets Airflow find a DAG: edit the DAG file that it names instead.\n"
_IMPORT = re.compile(r"^import (airflow\.[\w.]+)", re.MULTILINE)
_DAG_ID = re.compile(r"^# DAG ([\w.-]+)$", re.MULTILINE)
# What may stand outside of a string literal. An id that Airflow refuses might hold a line break, and code behind it.
_LEGAL_ID = re.compile(r"[\w.-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stub:
    """What a stub says.

    Attributes:
        dag_file: the DAG file, absolute or relative to the stub.
        project: the project's folder, likewise.
        env: the environment that it is bound to; None where the process that reads it chooses.
        dag_id: the DAG id when the stub was made; empty where it was not known. The text keeps no illegal one.
        modules: modules of Airflow that the DAG needs. The DAG processor imports them once, before it forks.
        rivals: DAG files of the project with the same DAG id whose claim to it is stronger.
    """

    dag_file: str
    project: str
    env: str | None = None
    dag_id: str = ""
    modules: tuple[str, ...] = ("airflow.sdk",)
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadStub:
    """A stub as it was found; `stub` is None where an edit left nothing that can be read."""

    stub: Stub | None
    edited: bool


def stub_text(stub: Stub) -> str:
    """Return the Python code of a stub."""
    arguments = ["__file__", _literal(stub.dag_file), f"project={_literal(stub.project)}"]
    if stub.env is not None:
        arguments.append(f"env={_literal(stub.env)}")
    if stub.rivals:
        arguments.append(f"rivals=[{', '.join(map(_literal, stub.rivals))}]")
    lines = "".join(f"    {argument},\n" for argument in arguments)
    body = f"# DAG {stub.dag_id}\n" if _LEGAL_ID.fullmatch(stub.dag_id) else ""
    body += "".join(f"import {module}  # noqa: F401\n" for module in stub.modules)
    body += f"\nfrom dagwright.adapters.stubs import dag_of\n\ndag = dag_of(\n{lines})\n"
    return f"{_HEAD}{MARK}{_digest(body)}\n{body}"


def read_stub(text: str) -> ReadStub | None:
    """Read a stub back; None for a file that is none."""
    head, mark, rest = text.partition(MARK)
    if not mark or (head and not head.endswith("\n")):
        return None
    digest, _, body = rest.partition("\n")
    edited = head != _HEAD or digest.strip() != _digest(body)
    return ReadStub(stub=_parsed(body), edited=edited)


def _literal(text: str) -> str:
    """Return Python's string literal, in ASCII: not JSON's, which has two escapes for what is one character here."""
    escaped = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{escaped}"'


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _parsed(body: str) -> Stub | None:
    try:
        calls = [node.value for node in ast.parse(body).body if isinstance(node, ast.Assign)]
        (call,) = [node for node in calls if isinstance(node, ast.Call)]
        dag_file = ast.literal_eval(call.args[1])
        named = {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in call.keywords}
        found = _DAG_ID.search(body)
        return Stub(
            dag_file=str(dag_file),
            project=str(named["project"]),
            env=named.get("env"),
            dag_id=found[1] if found is not None else "",
            modules=tuple(_IMPORT.findall(body)),
            rivals=tuple(named.get("rivals", ())),
        )
    except (SyntaxError, ValueError, KeyError, IndexError):
        return None
