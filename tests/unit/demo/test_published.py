"""What the demo's table says about files that are equal, altered, missing or not asked for."""

from pathlib import Path

import pytest

from demo.published import compare, format_rows

FILES = {"public/a.csv": "out/a.csv", "public/b.csv": "out/b.csv"}


@pytest.fixture
def workspaces(tmp_path: Path) -> Path:
    folder = tmp_path / "penguins" / "manual__1" / "out"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_bytes(b"a")
    (folder / "b.csv").write_bytes(b"bb")
    return tmp_path


@pytest.mark.parametrize(
    ("published", "verdicts"),
    [
        ({"public/a.csv": b"a", "public/b.csv": b"bb"}, {"public/a.csv": "OK", "public/b.csv": "OK"}),
        ({"public/a.csv": b"x", "public/b.csv": b"bb"}, {"public/a.csv": "DIFFERS", "public/b.csv": "OK"}),
        ({"public/b.csv": b""}, {"public/a.csv": "MISSING", "public/b.csv": "DIFFERS"}),
        (
            {"public/a.csv": b"a", "public/b.csv": b"bb", "public/.a.csv.part": b"a"},
            {"public/.a.csv.part": "STRAY", "public/a.csv": "OK", "public/b.csv": "OK"},
        ),
    ],
)
def test_verdicts(workspaces: Path, published: dict[str, bytes], verdicts: dict[str, str]):
    assert {row.name: row.verdict for row in compare("S3", FILES, published, workspaces)} == verdicts


def test_file_that_the_run_never_made_is_no_match(tmp_path: Path):
    assert [row.verdict for row in compare("S3", FILES, {"public/a.csv": b"a"}, tmp_path)] == ["STRAY", "MISSING"]


def test_table_shows_sizes_and_the_first_digits_of_both_digests(workspaces: Path):
    rows = list(compare("S3", FILES, {"public/a.csv": b"a"}, workspaces))
    assert format_rows(rows) == (
        "where name                  bytes  sha256 at source  sha256 at target\n"
        "-------------------------------------------------------------------------\n"
        "S3    public/a.csv              1  ca978112ca1bbdca  ca978112ca1bbdca  OK\n"
        "S3    public/b.csv              2  3b64db95cb55c763  -                 MISSING"
    )
