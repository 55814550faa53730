"""The shape of one documented code."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Code"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One kind of finding.

    Attributes:
        code: such as `DW203`.
        title: a few words, lower case.
        explanation: what it means, why it is refused, what to do.
        example_wrong: a text that has the problem, or nothing where a text cannot show it.
        example_right: the same text without the problem.
        language: what the examples are written in: `yaml`, `json`, `toml`, `python` or `text`.
    """

    code: str
    title: str
    explanation: str
    example_wrong: str = ""
    example_right: str = ""
    language: str = "yaml"
