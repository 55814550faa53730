"""The command line: one module per verb; everything that is printed is printed here."""

from dagwright.cli.root import main

__all__ = ["main"]
