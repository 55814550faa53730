"""Optional packages: imported when they are needed, and named with the command that installs them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from dagwright.runtime.errors import MissingPackageError

__all__ = ["need"]


def need(module: str, *, extra: str) -> Any:
    """Import a module of an optional package.

    Raises:
        MissingPackageError: with the exact command, where it or something that it needs is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"the package '{error.name or module}' is not installed; install it with: pip install 'dagwright[{extra}]'"
        ) from error
