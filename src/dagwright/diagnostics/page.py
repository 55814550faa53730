"""The documentation page of all codes, made from the table so that the two cannot differ.

`python -m dagwright.diagnostics.page > docs/errors.md` writes it.
"""

from __future__ import annotations

import sys
from itertools import groupby

from dagwright.diagnostics.codes import CODES, Code

__all__ = ["format_errors_page"]

_HEADINGS = {
    "1": "DW1xx: text",
    "2": "DW2xx: types and values",
    "3": "DW3xx: tasks and dependencies",
    "4": "DW4xx: project and registry",
    "5": "DW5xx: building the DAG",
}

_OPENING = """\
# Errors

Every problem that Dagwright finds has a code. `dagwright explain DW203` shows on the command line what stands here.

This page is made by `python -m dagwright.diagnostics.page > docs/errors.md`.
"""


def format_errors_page() -> str:
    """Return the page as Markdown, one section with an anchor such as `dw203` for each code."""
    parts = [_OPENING]
    for hundred, codes in groupby(CODES.values(), key=lambda code: code.code[2]):
        parts.append(f"## {_HEADINGS[hundred]}\n")
        parts += [_section(code) for code in codes]
    return "\n".join(parts)


def _section(code: Code) -> str:
    parts = [f'<a id="{code.code.lower()}"></a>\n', f"### {code.code}: {code.title}\n", f"{code.explanation}\n"]
    for heading, example in (("Wrong", code.example_wrong), ("Right", code.example_right)):
        if example:
            parts.append(f"{heading}:\n\n```{code.language}\n{example.rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(format_errors_page())
