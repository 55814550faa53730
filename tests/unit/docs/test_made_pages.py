"""What is computed of the documentation is what it would be now; what names things names what exists."""

from __future__ import annotations

import doctest
import importlib
import inspect
import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dagwright import load
from dagwright.model import shapes
from dagwright.model.registry import Filler
from tests.page_runner import PAGES, ROOT, forget_modules, load_script, own_modules

DOCS = ROOT / "docs"
make_pages = load_script(DOCS / "make_pages.py")
REGISTRY = make_pages.builtin_registry()
FACTORIES = sorted(REGISTRY.fillers.values(), key=lambda filler: filler.names[0])
# Stages of a typical DAG and parts of other factories are shown by their owner.
SHOWN_BY_THEIR_OWNER = (make_pages.STAGES, make_pages.PARTS)


def test_the_page_of_built_ins_is_made_from_the_classes():
    written = DOCS.joinpath("builtins.md").read_text(encoding="utf-8")

    assert make_pages.format_builtins(REGISTRY) == written, "run `python docs/make_pages.py`"


@pytest.mark.parametrize("filler", FACTORIES, ids=lambda filler: filler.names[0])
def test_the_example_in_a_docstring_loads(filler: Filler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DAGWRIGHT_LOCAL_RUN", "1")
    _, example = make_pages._documentation(filler.cls)
    if make_pages.section(REGISTRY, filler) in SHOWN_BY_THEIR_OWNER:
        assert example == ""
        return
    match = re.fullmatch(r"```(yaml|toml)\n(.*\n)```", example, re.DOTALL)
    assert match is not None, f"{filler.names[0]} has no example"
    language, text = match.groups()
    tmp_path.joinpath("suites").mkdir()
    tmp_path.joinpath("suites", "rates.json").write_text(
        '{"name": "rates", "expectations": [{"type": "expect_column_to_exist", "kwargs": {"column": "rate"}}]}'
    )
    for folder in ("jobs", "rates", "dags"):
        tmp_path.joinpath(folder).mkdir()
    tmp_path.joinpath("rates", "__init__.py").touch()
    tmp_path.joinpath("rates", "jobs.py").write_text("def count_rows(path='out/rates.csv'): ...\n")
    tmp_path.joinpath("dagwright.toml").write_text(text if language == "toml" else "")
    environment = None
    if language == "toml":
        environment = re.findall(r"^\[env\.(\w+)", text, re.MULTILINE)[0]
        text = "tasks: {a: {type: container_job, docker_image: x, command: x}}\n"
    elif not re.search(r"^(tasks|type):", text, re.MULTILINE):
        text = f"type: typical_dag\n{text}"

    with own_modules(tmp_path):
        factory = load(tmp_path / "dags" / "a.dag.yaml", text=text, env=environment)
        forget_modules(tmp_path)

    assert f"{filler.cls.__name__}(" in repr(factory)


@pytest.mark.parametrize("module", ["bases", "functions"])
def test_examples_of_the_model_run(module: str):
    results = doctest.testmod(importlib.import_module(f"dagwright.model.{module}"))

    assert (results.failed, results.attempted > 0) == (0, True)


NAMES = DOCS.joinpath("writing-a-runtime.md").read_text(encoding="utf-8").partition("## Names that you may use")[2]


@pytest.mark.parametrize("module", ["dagwright", "dagwright.builtin", "dagwright.builtin.container_job"])
def test_the_names_of_a_module_are_its_public_ones(module: str):
    (row,) = re.findall(rf"^\| `{re.escape(module)}` \| (.*) \|$", NAMES, re.MULTILINE)

    assert set(re.findall(r"`([A-Za-z]+(?:_[a-z]+)*)`", row)) - {"TYPE_CHECKING"} == set(
        importlib.import_module(module).__all__
    )


def test_the_names_for_a_worker_are_the_public_ones():
    runtime = importlib.import_module("dagwright.runtime")
    rows = re.findall(r"^\| `(?!dagwright)(.*?) \|(.*)\|$", NAMES, re.MULTILINE)
    said = {name for row in rows for name in re.findall(r"\b\w+\b", " ".join(row))}

    assert set(runtime.__all__) <= said
    for first, _ in rows:
        for name, arguments in re.findall(r"(\w+)\(([^)]*)\)", first):
            assert name in runtime.__all__
            parameters = inspect.signature(getattr(runtime, name)).parameters
            assert set(re.findall(r"(\w+)(?==|,|$)", arguments)) <= {*parameters, "None"}, name


def test_the_names_that_no_field_may_have_are_listed():
    text = DOCS.joinpath("factories.md").read_text(encoding="utf-8").partition("Only the names of the methods")[2]

    assert set(re.findall(r"`(\w+)`", text.partition(".")[0])) == shapes._RESERVED


def _reasons() -> set[tuple[str, str]]:
    """Return each package of the tables with a column 'what for', and the extra it belongs to."""
    found: set[tuple[str, str]] = set()
    text = DOCS.joinpath("dependencies.md").read_text(encoding="utf-8")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        header, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines())
        if "what for" not in header:
            continue
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            assert all(cells.values()), row
            extra = cells.get("extra", "").strip("`")
            found |= {(extra, package) for package in re.findall(r"`([\w-]+)`", cells["package"])}
    return found


def test_every_dependency_has_its_reason():
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))
    groups: dict[str, list[Any]] = {
        "": [*project["project"]["dependencies"], *itertools.chain(*project["dependency-groups"].values())],
        **project["project"]["optional-dependencies"],
    }
    names = {
        (extra, re.split(r"[\[<>=!~; ]", each)[0])
        for extra, group in groups.items()
        for each in group
        if isinstance(each, str)  # else it includes another group
    }
    # Pydantic brings it; the section on pictures has a table of its own.
    others = {("", "annotated-types"), ("", "resvg-py"), ("", "font-source-sans-pro")}

    assert _reasons() == names | others


def test_each_page_is_on_the_map():
    linked = set(re.findall(r"\]\(([\w-]+\.md)", DOCS.joinpath("index.md").read_text(encoding="utf-8")))

    assert {page.name for page in PAGES if page.parent == DOCS} - {"index.md"} <= linked
