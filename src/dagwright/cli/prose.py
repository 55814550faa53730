"""Documentation of codes and classes, fitted to the screen."""

from __future__ import annotations

from dagwright.diagnostics.cells import wrap

__all__ = ["format_prose"]


def format_prose(text: str, width: int) -> str:
    """Break the paragraphs of a text anew; one that holds indented lines or a list keeps its lines."""
    parts: list[str] = []
    in_code = False
    for paragraph in text.split("\n\n"):
        lines = paragraph.splitlines()
        keep = in_code or any(line.lstrip().startswith("```") or line.startswith((" ", "- ")) for line in lines)
        parts.append(paragraph if keep else "\n".join(wrap(" ".join(lines), width)))
        # A fenced example may hold empty lines.
        in_code ^= paragraph.count("```") % 2 == 1
    return "\n\n".join(parts)
