"""How much one text may ask of us; far above what people write, far below what hurts."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_ALIAS_NODES", "MAX_BYTES", "MAX_DEPTH"]

MAX_BYTES: Final = 5 * 1024 * 1024
"""The largest file that is read at all."""

MAX_DEPTH: Final = 100
"""How many collections may stand inside each other, aliases followed."""

MAX_ALIAS_NODES: Final = 100_000
"""How many values aliases may add to those that are written out."""
