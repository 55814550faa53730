"""PyYAML's composer without PyYAML's types: text → its node graph, nothing resolved, nothing constructed.

PyYAML finds the type of every scalar by the rules of YAML 1.1 in Python. We want neither the rules nor the
cost, so its three hooks are built-in types that take the same arguments: `slice` keeps (kind, value, implicit)
where the tag would stand, the two others do nothing.
"""

from __future__ import annotations

from typing import Any, Final

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

__all__ = ["HAS_LIBYAML", "Composing", "PythonComposing"]


class PythonComposing(Reader, Scanner, Parser, Composer):
    """The composer in Python, for installations of PyYAML without libyaml."""

    resolve: Any = slice
    descend_resolver: Any = slice
    ascend_resolver: Any = bool

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)


HAS_LIBYAML: Final[bool] = yaml.__with_libyaml__

Composing: Any
if HAS_LIBYAML:
    from yaml._yaml import CParser  # type: ignore[import-not-found, unused-ignore]

    class _LibyamlComposing(CParser):  # type: ignore[misc, unused-ignore]
        """The composer in C, an order of magnitude faster."""

        resolve = slice
        descend_resolver = slice
        ascend_resolver = bool

    Composing = _LibyamlComposing
else:
    Composing = PythonComposing
