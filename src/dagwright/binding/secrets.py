"""Keeps values of the process environment, which may be secrets, out of every message about a file."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import replace

from dagwright.diagnostics import Diagnostic
from dagwright.model.naming import slug

__all__ = ["hide_secrets", "masked"]

_MASK = "***"
# Shorter values are hidden as whole words only: a message without any '1' says nothing.
_SHORT = 4


def masked(text: str, secrets: AbstractSet[str]) -> str:
    """Return a text without the secrets, and without the ids that are made of them."""
    for secret in sorted({*secrets, *map(slug, secrets)}, key=len, reverse=True):
        if len(secret) >= _SHORT:
            text = text.replace(secret, _MASK)
        elif secret:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", _MASK, text)
    return text


def hide_secrets(found: Diagnostic, secrets: AbstractSet[str]) -> Diagnostic:
    """Return a finding whose own words hold no secret; the excerpts show what the file says."""
    if not secrets:
        return found
    return replace(
        found,
        message=masked(found.message, secrets),
        label=masked(found.label, secrets),
        notes=tuple(masked(note, secrets) for note in found.notes),
        help=masked(found.help, secrets),
    )
