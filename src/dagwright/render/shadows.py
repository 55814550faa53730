"""Plain dataclass factories: their `make_operator` is called by hand, and still makes its operator once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dagwright.model.making import RAW, current_maker

__all__ = ["Shadows"]

_MAKING_METHODS = ("make_operator", "make_operators")


class Shadows:
    """Sends the making methods of plain objects to the maker while the block runs.

    The object's own dictionary hides the method of its class, also for frozen dataclasses; objects with slots
    have none, so by hand they must be called once.
    """

    def __init__(self, plain: list[Any]) -> None:
        self._plain = [each for each in plain if hasattr(each, "__dict__")]

    def __enter__(self) -> None:
        for each in self._plain:
            for method in _MAKING_METHODS:
                written = getattr(type(each), method, None)
                if written is not None:
                    each.__dict__[method] = _once(each, written)

    def __exit__(self, *_: object) -> None:
        for each in self._plain:
            for method in _MAKING_METHODS:
                each.__dict__.pop(method, None)


def _once(factory: Any, written: Callable[[Any], Any]) -> Callable[[], Any]:
    raw = getattr(written, RAW, written)
    return lambda: current_maker().made(factory, raw)
