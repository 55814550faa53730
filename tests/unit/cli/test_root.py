"""The command itself: help, version, exit codes, colours, and what it loads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from dagwright.cli import main
from dagwright.cli.outcome import BUG, CHANGES_FOUND, CLEAN, COULD_NOT_START, FAILED, INTERRUPTED
from dagwright.cli.root import VERBS
from tests.unit.cli.conftest import Run

REPOSITORY = Path(__file__).parents[3]
# What `dagwright --help` may load beside the standard library.
LIGHT = {"click", "dagwright", "colorama", "typing_extensions"}


def verbs() -> dict[str, click.Command]:
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def test_the_list_says_what_the_verbs_say():
    for name, command in verbs().items():
        assert command.short_help == VERBS[name][1]
        assert (command.help or "").splitlines()[0] == VERBS[name][1]
        assert hasattr(import_module(f"dagwright.cli.{VERBS[name][0]}"), VERBS[name][0])


def test_version(run: Run):
    assert run("--version").stdout == f"dagwright {version('dagwright')}\n"


def test_the_help_lists_all_exit_codes(run: Run):
    text = " ".join(run("--help").stdout.split())
    listed = re.findall(r"(?:: |, )(\d+) [a-z]", text[text.index("Exit codes") :])
    assert [int(code) for code in listed] == [CLEAN, FAILED, COULD_NOT_START, BUG, CHANGES_FOUND, INTERRUPTED]


def test_an_unknown_verb(run: Run):
    result = run("checks")
    assert result.exit_code == 2
    assert "no such command 'checks'; did you mean 'check'?" in result.stderr


def test_a_bug_is_reported_in_short(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("too\x1bbad")

    monkeypatch.setattr("dagwright.cli.opening.open_project", broken)
    result = run("check")
    assert result.exit_code == 3
    assert "RuntimeError: too\\x1bbad" in result.stderr
    assert "--traceback" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback (most recent call last)" in run("check", "--traceback").stderr
    assert "Traceback (most recent call last)" in run("--traceback", "check").stderr
    assert "Traceback (most recent call last)" in run("check", DAGWRIGHT_TRACEBACK="1").stderr


def test_an_interrupt(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dagwright.cli.opening.open_project", interrupted)
    assert run("check").exit_code == 130


def test_colour_is_for_those_who_want_it(project: Path, run: Run):
    (project / "dags/talk.dag.yaml").write_text("type: x\n", encoding="utf-8")
    assert "\x1b" not in run("check").stdout
    assert "\x1b[1;31merror" in run("--color", "check").stdout
    assert "\x1b[1;31merror" in run("check", "--color").stdout
    assert "\x1b" not in run("--color", "check", "--no-color").stdout


def loaded_by(code: str, folder: Path) -> set[str]:
    """Run Python code in a process of its own and return the names of all loaded modules."""
    code = f"import sys, json\n{code}\nsys.stderr.write('MODULES' + json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return set(json.loads(result.stderr.rpartition("MODULES")[2]))


def calling(*arguments: str) -> str:
    return f"from dagwright.cli import main\ntry: main({list(arguments)!r})\nexcept SystemExit: pass"


def test_help_loads_next_to_nothing(tmp_path: Path):
    before = loaded_by("", tmp_path)
    tops = {name.partition(".")[0] for name in loaded_by(calling("--help"), tmp_path) - before}
    assert tops - set(sys.stdlib_module_names) - LIGHT == set()
    assert "dagwright.binding" not in loaded_by(calling("--help"), tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("ls", "dags"),
        ("ls", "tasks"),
        ("ls", "factories"),
        ("describe", "speak"),
        ("show", "dags/talk.dag.yaml", "--origins", "--defaults"),
        ("explain", "DW203"),
        ("init", "new"),
        ("run", "--help"),
        ("graph", "--help"),
    ],
    ids=" ".join,
)
def test_offline_verbs_never_load_airflow(project: Path, arguments: tuple[str, ...]):
    loaded = {name.partition(".")[0] for name in loaded_by(calling(*arguments), project)}
    assert loaded & {"airflow", "pandas", "rich", "great_expectations", "boto3", "paramiko", "httpx"} == set()


def test_every_command_and_option_is_documented():
    page = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    general, *sections = page.split("\n## dagwright ")
    documented = {section.split()[0]: section for section in sections}
    assert list(documented) == list(VERBS)
    common = {option for parameter in main.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for option in common | {"--project", "--env"}:
        assert f"`{option}" in general, option
    for name, command in verbs().items():
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                assert parameter.make_metavar(click.Context(command)).strip("[].") in documented[name]
            else:
                for option in {*parameter.opts, *parameter.secondary_opts} - common - {"--project", "--env"}:
                    assert f"`{option}" in documented[name], (name, option)
    for name, section in documented.items():
        for word in (word for word in section.replace("`", " ").split() if word.startswith("--") and word.strip("-")):
            known = {option for parameter in verbs()[name].params for option in parameter.opts}
            assert word.rstrip(".,;:=|") in known | common, (name, word)


def test_airflow_at_the_top_of_a_factory_module_is_noted(project: Path):
    # A stand-in, so that this needs no Airflow: what counts is who imports a package of that name.
    (project / "airflow.py").write_text("", encoding="utf-8")
    module = project / "talking.py"
    module.write_text("import os\nimport airflow\n" + module.read_text(encoding="utf-8"), encoding="utf-8")
    code = "import dagwright.cli.airflow_watch as w\nw._throw_away_home = lambda stack: None\n"
    code += calling("check")
    result = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert result.stderr.startswith(
        "note: talking.py:2 imports airflow, which every command then waits for (0.0 s here)"
    )
    assert result.stderr.endswith("1 file, no problems\n")
