"""Check that every relative link in the documentation leads to a file, and every fragment to a heading.

Addresses of other machines are not asked.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md", "examples/**/*.md")
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$", re.MULTILINE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def anchors(page: Path) -> set[str]:
    """Return the fragments of a page's headings, as GitHub makes them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(slug if not seen[slug] else f"{slug}-{seen[slug]}")
        seen[slug] += 1
    return found


def broken_links(page: Path) -> list[str]:
    """Return what is wrong with the links of one page."""
    text = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), page.read_text(encoding="utf-8"))
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        for link in _LINK.findall(_CODE.sub("", line)):
            if _SCHEME.match(link):
                continue
            path, _, fragment = unquote(link).partition("#")
            target = (page.parent / path).resolve() if path else page
            place = f"{page.relative_to(ROOT)}:{number}"
            if not target.exists():
                problems.append(f"{place}: '{link}' leads nowhere")
            elif fragment and target.suffix == ".md" and fragment not in anchors(target):
                problems.append(f"{place}: '{link}': no heading of that name")
    return problems


def main() -> int:
    """Check every page and return the exit code."""
    pages = sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})
    problems = [problem for page in pages for problem in broken_links(page)]
    print("\n".join([*problems, f"{len(pages)} pages, {len(problems)} broken links"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
