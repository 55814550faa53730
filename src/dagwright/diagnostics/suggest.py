"""Which known word a misspelt one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["did_you_mean", "did_you_mean_label"]

_LONGEST_WORD = 100  # comparing is quadratic, and nobody misspells a word that long


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that is most like a word, the same one in every run, or None where none is like it.

    Equal but for case and dashes beats close.
    """
    known = sorted(set(candidates) - {word})
    if not word or len(word) > _LONGEST_WORD:
        return None
    plain = _plain(word)
    for candidate in known:
        if _plain(candidate) == plain:
            return candidate

    from difflib import get_close_matches  # noqa: PLC0415  ten milliseconds that only a mistake pays for

    by_plain: dict[str, str] = {}
    for candidate in known:
        by_plain.setdefault(_plain(candidate), candidate)
    close = get_close_matches(plain, by_plain, n=1)
    return by_plain[close[0]] if close else None


def did_you_mean_label(word: str, candidates: Iterable[str]) -> str:
    """Return `did you mean '…'?` for a finding's label, or an empty text."""
    meant = did_you_mean(word, candidates)
    return "" if meant is None else f"did you mean '{meant}'?"


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_")
