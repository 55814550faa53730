"""The table of codes: what each means and what to do about it. Prose is data here, one module per hundred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dagwright.diagnostics.codes import graph, project, rendering, text, types
from dagwright.diagnostics.codes.code import Code

__all__ = ["CODES", "Code", "close_codes", "explain"]

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for module in (text, types, graph, project, rendering)
        for code in sorted(module.CODES, key=lambda entry: entry.code)
    }
)


def explain(code: str) -> Code | None:
    """Return what a code means, written as `DW203`, `dw203` or `203`; None where there is no such code."""
    return CODES.get(_full(code))


def close_codes(code: str) -> tuple[str, ...]:
    """Return the codes, at most three, that somebody may have meant who wrote one that does not exist."""
    from difflib import get_close_matches  # noqa: PLC0415  only a mistake pays for it

    return tuple(get_close_matches(_full(code[:20]), CODES, n=3, cutoff=0.7))


def _full(code: str) -> str:
    return "DW" + code.strip().upper().removeprefix("DW")
