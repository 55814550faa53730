"""PyYAML's node graph → our nodes, with everything refused that YAML allows and a data file must not say.

This is the inner loop of loading a project: one call per collection and none per scalar, nodes made without
their `__init__`, and the checks that only few texts need (tags, aliases) switched on by whether their
character occurs in the text at all.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from dagwright.diagnostics import Diagnostic, Related, SourceText, Span
from dagwright.source.core_schema import NUMBER_STARTS, SPECIAL_STARTS, TAG_PREFIX, WORDS, resolve_plain, resolve_tagged
from dagwright.source.limits import MAX_ALIAS_NODES, MAX_DEPTH
from dagwright.source.nodes import Entry, ListNode, MappingNode, Node, ScalarNode

__all__ = ["YamlBuilder"]

_ALIAS: Final = re.compile(r"(?:[\s\-:?,\[\]{}]|#[^\n]*)*(\*[^\s,\[\]{}]+)")
_ANCHOR: Final = re.compile(r"(?<![^\s,\[{])&[^\s&]")
_TAG: Final = re.compile(r"(?<![^\s,\[{])!")
_TAG_PLACE: Final = re.compile(r"(?:&\S+\s+)?(!<[^\s>]*>|![^\s,\[\]{}]*)")
_SCALAR: Final = yaml.ScalarNode
_MAPPING: Final = yaml.MappingNode
_SPECIAL_KEYS: Final = frozenset(WORDS) | {"<<"}
_QUOTE_HELP: Final = "put quotes around it"


class YamlBuilder:
    """Builds the nodes of one document.

    Attributes:
        diagnostics: what was found so far.
        usable: False once the nodes are fit for no later stage (recursive, too large or too deep).
    """

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.diagnostics: list[Diagnostic] = []
        self.usable = True
        text = source.text
        self._has_tags = "!" in text and _TAG.search(text) is not None
        self._has_aliases = "&" in text and _ANCHOR.search(text) is not None
        self._built: dict[int, Node | None] = {}
        self._finished: list[MappingNode | ListNode] = []

    def build(self, root: Any) -> Node | None:
        """Return the nodes of a composed document, or None where they are unusable."""
        node = self._scalar(root) if type(root) is _SCALAR else self._collection(root, 1, 0)
        if self._has_aliases and self.usable:
            self._check_expansion()
        return node if self.usable else None

    def _collection(self, composed: Any, depth: int, after: int) -> Node:
        """Build a mapping or a list at a depth; an alias to it stands behind the offset `after`."""
        start: int = composed.start_mark.index
        if self._has_aliases:
            if id(composed) in self._built:
                known = self._built[id(composed)]
                return self._refuse_recursion(start, after) if known is None else known
            self._built[id(composed)] = None
        if depth > MAX_DEPTH:
            return self._refuse_depth(start)
        if type(composed.tag) is str:
            self._check_collection_tag(composed, start)
        if type(composed) is _MAPPING:
            node: MappingNode | ListNode = self._mapping(composed, start, depth)
        else:
            node = self._list(composed, start, depth)
        if self._has_aliases:
            self._built[id(composed)] = node
            self._finished.append(node)
        return node

    def _mapping(self, composed: Any, start: int, depth: int) -> MappingNode:  # noqa: PLR0915  calls cost more
        source, has_tags, special = self.source, self._has_tags, SPECIAL_STARTS
        special_keys, numbers = _SPECIAL_KEYS, NUMBER_STARTS
        new, scalar_type = object.__new__, _SCALAR
        node: Any
        entries: dict[str, Entry] = {}
        end = start
        for key_node, value_node in composed.value:
            key_start = key_node.start_mark.index
            key_end = key_node.end_mark.index
            if key_start < end:
                key_start, key_end = self._alias_place(end)
            key = key_node.value
            if (
                type(key_node) is not scalar_type
                or has_tags
                or (not key_node.style and (key in special_keys or key[0] in numbers))
            ):
                key = self._checked_key(key_node, key_start, key_end)
                if key is None:
                    end = max(key_end, self._trimmed(key_start, value_node.end_mark.index))
                    continue
            if type(value_node) is scalar_type and not has_tags:
                value = value_node.value
                value_start = value_node.start_mark.index
                end = value_node.end_mark.index
                style = value_node.style
                if not style:
                    if not value:
                        value = None
                    elif value[0] in special:
                        value = self._plain(value, value_start, end)
                elif style == "|" or style == ">":  # noqa: PLR1714  a set is no faster and reads no better
                    end = self._trimmed(value_start, end)
                node = new(ScalarNode)
                node.source = source
                node.start = value_start
                node.end = end
                node.value = value
            else:
                is_scalar = type(value_node) is scalar_type
                node = self._scalar(value_node) if is_scalar else self._collection(value_node, depth + 1, key_end)
                end = node.end
            if end < key_end:
                end = self._alias_place(key_end)[1]
            if key in entries:
                self._refuse_duplicate(entries[key], key_start, key_end)
                continue
            entry = new(Entry)
            entry.key = key
            entry.key_start = key_start
            entry.key_end = key_end
            entry.value = node
            entries[key] = entry
        node = new(MappingNode)
        node.source = source
        node.start = start
        node.end = self._flow_end(composed) if composed.flow_style else end
        node.entries = entries
        return node  # type: ignore[no-any-return]

    def _list(self, composed: Any, start: int, depth: int) -> ListNode:
        items: list[Node] = []
        end = start
        for item in composed.value:
            node = self._scalar(item) if type(item) is _SCALAR else self._collection(item, depth + 1, end)
            items.append(node)
            end = node.end if node.start >= end else self._alias_place(end)[1]
        if composed.flow_style:
            end = self._flow_end(composed)
        return ListNode(self.source, start, end, items)

    def _scalar(self, composed: Any) -> ScalarNode:
        text, style, tag = composed.value, composed.style, composed.tag
        start, end = composed.start_mark.index, composed.end_mark.index
        if style == "|" or style == ">":  # noqa: PLR1714
            end = self._trimmed(start, end)
        value: str | float | bool | None = text
        if type(tag) is str:
            value = self._tagged(tag, text, start, end)
        elif not style and (not text or text[0] in SPECIAL_STARTS) and not self._is_forced_string(start):
            value = self._plain(text, start, end)
        return ScalarNode(self.source, start, end, value)

    def _plain(self, text: str, start: int, end: int) -> str | float | bool | None:
        try:
            return resolve_plain(text)
        except ValueError:
            self._add("DW103", "the integer has too many digits", start, end, advice=_QUOTE_HELP)
            return text

    def _tagged(self, tag: str, text: str, start: int, end: int) -> str | float | bool | None:
        short = tag.removeprefix(TAG_PREFIX)
        if short != tag:
            try:
                return resolve_tagged(short, text)
            except ValueError:
                self._add("DW107", f"the value is no '!!{short}'", start, end)
                return text
            except KeyError:
                pass
        self._refuse_tag(start)
        return text

    def _is_forced_string(self, start: int) -> bool:
        """Say whether a lone '!' stands before a scalar, which makes it a string (PyYAML drops it)."""
        found = _TAG_PLACE.match(self.text, start) if self._has_tags else None
        return found is not None and found[1] == "!"

    def _check_collection_tag(self, composed: Any, start: int) -> None:
        wanted = "map" if type(composed) is _MAPPING else "seq"
        if composed.tag != TAG_PREFIX + wanted:
            self._refuse_tag(start)

    def _checked_key(self, composed: Any, start: int, end: int) -> str | None:
        """Return a key's text, or None for a key whose entry is dropped."""
        if type(composed) is not _SCALAR:
            if start == composed.start_mark.index:
                end = self._flow_end(composed)
            if self.text[start - 1 : start + 1] == "{{":
                message = "'{{ … }}' without quotes is a mapping to YAML"
                self._add("DW113", message, start - 1, end + 1, advice="put quotes around the whole value")
            else:
                self._add("DW113", "a key is a string, not a mapping or a list", start, end)
            return None
        text: str = composed.value
        tag: Any = composed.tag
        if type(tag) is str:
            value = self._tagged(tag, text, start, end)
        elif composed.style or self._is_forced_string(start):
            return text
        elif text == "<<":
            self._add(
                "DW106",
                "merge keys ('<<') are not supported",
                start,
                end,
                advice="write the keys out, or put what they share into a layer of defaults",
            )
            return None
        else:
            value = self._plain(text, start, end)
        if not isinstance(value, str):
            said = f"the key '{text}' is no string" if text else "the key is empty"
            self._add("DW113", said, start, end, advice=_QUOTE_HELP)
        return text

    def _check_expansion(self) -> None:
        """Follow every alias on paper: how much would stand there if all of them were written out?"""
        sizes: dict[int, tuple[int, int]] = {}
        written = 0
        for node in self._finished:
            children = [entry.value for entry in node.entries.values()] if isinstance(node, MappingNode) else node.items
            counted = [sizes.get(id(child), (1, 0)) for child in children]
            written += 1 + len(children)
            size = 1 + sum(count for count, _ in counted)
            depth = 1 + max((below for _, below in counted), default=0)
            sizes[id(node)] = (size, depth)
            if depth > MAX_DEPTH:
                self._refuse_depth(node.start)
                return
            if size > written + MAX_ALIAS_NODES:
                self.usable = False
                self._add(
                    "DW108",
                    f"aliases blow this up to more than {MAX_ALIAS_NODES:,} values",
                    node.start,
                    node.end,
                )
                return

    def _refuse_recursion(self, anchor: int, after: int) -> Node:
        start, end = self._alias_place(after)
        self.usable = False
        related = (Related(message="the value stands here", span=self._span(anchor, anchor + 1)),)
        self._add(
            "DW108", f"the alias '{self.text[start:end]}' stands inside its own value", start, end, related=related
        )
        return ScalarNode(self.source, start, end, None)

    def _refuse_depth(self, start: int) -> Node:
        if self.usable:
            self._add("DW117", f"collections stand more than {MAX_DEPTH} deep inside each other", start, start + 1)
        self.usable = False
        return ScalarNode(self.source, start, start, None)

    def _refuse_duplicate(self, first: Entry, start: int, end: int) -> None:
        related = (Related(message="first set here", span=self._span(first.key_start, first.key_end)),)
        self._add("DW105", f"the key '{first.key}' is set twice", start, end, related=related)

    def _refuse_tag(self, start: int) -> None:
        found = _TAG_PLACE.match(self.text, start)
        start, end = found.span(1) if found else (start, start + 1)
        self._add("DW107", f"the tag '{self.text[start:end]}' is unknown", start, end, advice="write the plain value")

    def _flow_end(self, composed: Any) -> int:
        """Return the end of a flow collection; that of a pair without braces reaches up to the next token."""
        return self._trimmed(composed.start_mark.index, composed.end_mark.index)

    def _alias_place(self, after: int) -> tuple[int, int]:
        """Find the alias behind an offset (PyYAML knows only where its anchor stands)."""
        found = _ALIAS.match(self.text, after)
        return found.span(1) if found else (after, after)

    def _trimmed(self, start: int, end: int) -> int:
        return start + len(self.text[start:end].rstrip())

    def _span(self, start: int, end: int) -> Span:
        return Span(source=self.source, start_offset=start, end_offset=end)

    def _add(
        self, code: str, message: str, start: int, end: int, *, related: tuple[Related, ...] = (), advice: str = ""
    ) -> None:
        span = self._span(start, end)
        self.diagnostics.append(Diagnostic(code=code, message=message, span=span, related=related, help=advice))
