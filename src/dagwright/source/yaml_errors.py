"""A YAML parser's complaint → one plain sentence at the right place.

libyaml and PyYAML name each kind of mistake by a fixed phrase (`MarkedYAMLError.problem`, the one attribute that
tells them apart; it may have a detail behind it). The table says the same to somebody who writes DAG files and
knows nothing of tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import yaml

from dagwright.diagnostics import Diagnostic, Related, SourceText, Span

__all__ = ["explain_yaml_error"]

_INDENTATION: Final = re.compile(r"[ \t]*")
_TEMPLATE: Final = re.compile(r"\$?\{\{[^\r\n]*?(?:\}\}|(?=[\r\n]|\Z))")
_WORD: Final = re.compile(r"[^\s,\[\]{}:]+|\S")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What to say for a phrase; `at_context` points at the opening quote or bracket instead of where it ended."""

    phrases: tuple[str, ...]
    message: str
    help: str = ""
    context: str = ""
    code: str = "DW103"
    at_context: bool = False
    related: str = ""


_BLOCK_END = "expected <block end>"
_RULES: Final = (
    _Rule(("mapping values are not allowed",), "a ':' that starts a value cannot stand here",
          "put quotes around a value that contains ': ', or mend the indentation"),
    _Rule(("block sequence entries are not allowed", "sequence entries are not allowed"),
          "a list cannot begin on this line", "begin the list on a line of its own"),
    _Rule(("did not find expected key", _BLOCK_END), "this belongs to no key of the mapping around it",
          "mend the indentation, or put quotes around the whole value", "while parsing a block mapping",
          related="the mapping begins here"),
    _Rule(("did not find expected '-' indicator", _BLOCK_END), "this is no item of the list around it",
          "mend the indentation, or begin the item with '- '", "while parsing a block collection",
          related="the list begins here"),
    _Rule(("did not find expected ',' or '}'", "expected ',' or '}'"), "a ',' or '}' is missing before this",
          related="the '{' stands here"),
    _Rule(("did not find expected ',' or ']'", "expected ',' or ']'"), "a ',' or ']' is missing before this",
          related="the '[' stands here"),
    _Rule(("found unexpected end of stream",), "the quote is never closed",
          context="while scanning a quoted scalar", at_context=True),
    _Rule(("found unexpected document", ), "the quote is never closed", at_context=True),
    _Rule(("could not find expected ':'",), "a ':' is missing behind this key", at_context=True),
    _Rule(("found unknown escape character",), "the escape is unknown",
          "write '\\\\' for a backslash, or use single quotes"),
    _Rule(("did not find expected hexdecimal number", "expected escape sequence of"),  # codespell:ignore hexdecimal
          "the escape is not complete"),
    _Rule(("found invalid Unicode character escape",), "the escape names no character", "write the character itself"),
    _Rule(("did not find expected node content", "expected the node content"), "a value is missing before this"),
    _Rule(("found undefined alias",), "the alias names no anchor above it",
          "put quotes around a value that begins with '*'"),
    _Rule(("did not find expected alphabetic or numeric", "expected alphabetic or numeric"),
          "a name is missing behind '*' or '&'", "put quotes around a value that begins with one",
          at_context=True),
    _Rule(("found unexpected ':'",), "a ':' cannot stand here", "put quotes around the value"),
    _Rule(("found unknown directive", "could not find expected directive"), "the directive is unknown", "drop the line",
          at_context=True),
    _Rule(("second occurrence",), "the anchor is set twice", related="first set here"),
    _Rule(("found undefined tag handle",), "the tag is unknown", "write the plain value", code="DW107"),
    _Rule(("found incompatible YAML document",), "the file asks for another version of YAML", "drop the line"),
    _Rule(("did not find expected <document start>", "expected '<document start>'"),
          "the document ends before this", "mend the indentation"),
    _Rule(("did not find expected comment or line break", "expected a comment or a line break",
           "expected chomping or indentation"),
          "only an indentation digit, '+', '-' and a comment may follow '|' or '>'", at_context=True),
)  # fmt: skip


def explain_yaml_error(error: yaml.MarkedYAMLError, source: SourceText) -> Diagnostic:
    """Return the finding that an exception of PyYAML stands for."""
    text = source.text
    place = min(error.problem_mark.index if error.problem_mark else 0, len(text))
    context = min(error.context_mark.index if error.context_mark else place, place)
    line_start = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    special = _tab(source, line_start, place) or _template(source, line_start, place)
    if special:
        return special
    problem, said_context = str(error.problem or ""), str(error.context or "")
    for rule in _RULES:
        if problem.startswith(rule.phrases) and said_context.startswith(rule.context):
            break
    else:
        rule = _first_character(text, place) or _Rule((), f"YAML cannot read this: {problem}")
    if place >= len(text) and rule.related and problem.find(",") >= 0:
        rule = _Rule((), f"the '{text[context : context + 1]}' is never closed", at_context=True)
    start = context if rule.at_context else place
    related: tuple[Related, ...] = ()
    if rule.related and context < place:
        related = (Related(message=rule.related, span=_span(source, context, context + 1)),)
    span = _span(source, start, _word_end(text, start))
    return Diagnostic(code=rule.code, message=rule.message, span=span, help=rule.help, related=related)


def _tab(source: SourceText, line_start: int, place: int) -> Diagnostic | None:
    found = _INDENTATION.match(source.text, line_start)
    if found is None or "\t" not in found[0] or place > found.end():
        return None
    span = _span(source, *found.span())
    return Diagnostic(code="DW104", message="a tab indents this line", span=span, help="indent with spaces")


def _template(source: SourceText, line_start: int, place: int) -> Diagnostic | None:
    """Find braces of a template that stand without quotes and so mean a mapping to YAML."""
    for found in _TEMPLATE.finditer(source.text, line_start):
        if found.start() > place:
            break
        before = source.text[line_start : found.start()]
        if before.count('"') % 2 == 0 and before.count("'") % 2 == 0:
            shown = "${{ … }}" if found[0].startswith("$") else "{{ … }}"
            return Diagnostic(
                code="DW103",
                message=f"'{shown}' stands here without quotes",
                span=_span(source, *found.span()),
                help="put quotes around the whole value",
            )
    return None


def _first_character(text: str, place: int) -> _Rule | None:
    character = text[place : place + 1]
    if character == "\t":
        return _Rule((), "a tab stands where YAML needs spaces", "write spaces", code="DW104")
    if character not in tuple("@`%"):
        return None
    return _Rule((), f"a value cannot begin with '{character}'", "put quotes around it")


def _word_end(text: str, start: int) -> int:
    found = _WORD.match(text, start)
    return found.end() if found else start


def _span(source: SourceText, start: int, end: int) -> Span:
    return Span(source=source, start_offset=start, end_offset=end)
