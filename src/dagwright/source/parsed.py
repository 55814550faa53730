"""What a parser hands back: the values, where there are any, and everything that is wrong with the text."""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.diagnostics import Diagnostic
from dagwright.source.nodes import MappingNode, Node

__all__ = ["Parsed", "ParsedMapping"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome of parsing one text.

    Attributes:
        root: the value of the whole text; None where the text is empty or too broken to be of use. A root
            beside errors is sound as far as it goes (the first of two equal keys counts), so that later
            stages can report their findings in the same run.
        diagnostics: the findings, in the order of the text.
    """

    root: Node | None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedMapping:
    """The outcome of parsing a text that must hold a mapping at its top."""

    root: MappingNode | None
    diagnostics: tuple[Diagnostic, ...] = ()
