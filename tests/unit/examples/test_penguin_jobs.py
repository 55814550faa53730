"""The example's jobs on a handful of rows; the whole data set is the demo's and the integration tests'."""

import csv
from pathlib import Path

import pytest

from penguin_jobs import clean, download, summarise

RAW = """\
species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,year
Adelie,Torgersen,39.1,18.7,181,3750,male,2007
Adelie,Torgersen,NA,NA,NA,NA,NA,2007
Adelie,Torgersen,34.1,18.1,193,3475,NA,2007
Gentoo,Biscoe,46.1,13.2,211,4500,female,2007
Adelie,Torgersen,40.3,18,195,3251,female,2007
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    file = tmp_path / "raw.csv"
    file.write_text(RAW, encoding="utf-8")
    return file


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_clean_keeps_complete_rows_in_order_and_numbers_them(raw: Path, tmp_path: Path):
    out = tmp_path / "new" / "clean.csv"
    clean.main(["--raw", str(raw), "--out", str(out)])
    assert out.read_text(encoding="utf-8") == (
        "id,species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\n"
        "1,Adelie,Torgersen,39.1,18.7,181,3750,male\n"
        "2,Gentoo,Biscoe,46.1,13.2,211,4500,female\n"
        "3,Adelie,Torgersen,40.3,18,195,3251,female\n"
    )


def test_variable_breaks_exactly_one_row(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out = tmp_path / "clean.csv"
    monkeypatch.setenv("PENGUINS_BREAK_ROW", "2")
    clean.main(["--raw", str(raw), "--out", str(out)])
    assert [row["body_mass_g"] for row in rows(out)] == ["3750", "-4500", "3251"]


def test_empty_variable_breaks_nothing(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out = tmp_path / "clean.csv"
    monkeypatch.setenv("PENGUINS_BREAK_ROW", "")
    clean.main(["--raw", str(raw), "--out", str(out)])
    assert [row["body_mass_g"] for row in rows(out)] == ["3750", "4500", "3251"]


@pytest.mark.parametrize("number", ["0", "4"])
def test_row_that_is_not_there_cannot_be_broken(raw: Path, tmp_path: Path, number: str):
    with pytest.raises(SystemExit, match="the cleaned data has 3 rows"):
        clean.main(["--raw", str(raw), "--out", str(tmp_path / "clean.csv"), "--break-row", number])
    assert not (tmp_path / "clean.csv").exists()


def test_summary_counts_and_averages_per_group(raw: Path, tmp_path: Path):
    cleaned, out = tmp_path / "clean.csv", tmp_path / "summary.csv"
    clean.main(["--raw", str(raw), "--out", str(cleaned)])
    summarise.main(["--clean", str(cleaned), "--out", str(out)])
    assert out.read_text(encoding="utf-8") == (
        "species,island,penguins,mean_body_mass_g\nAdelie,Torgersen,2,3500.5\nGentoo,Biscoe,1,4500.0\n"
    )


def test_download_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(download, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="pip install palmerpenguins"):
        download.main(["--out", str(tmp_path / "raw.csv")])
