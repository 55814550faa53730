"""A small project in a folder of its own, and a way to call the command line in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagwright.cli import main

Run = Callable[..., Result]

PROJECT = """
factories = ["{package}"]
[vars]
region = "eu"
token = {{ from_env = "DAGWRIGHT_TEST_TOKEN", default = "none" }}
[defaults.dag]
owner = "rates-team"
[defaults.speak]
loud = true
words = {{ greeting = "hello", region = "${{{{ vars.region }}}}" }}
"""

FACTORIES = '''
from dagwright import Component, DagFactory, OperatorFactory

class Column(Component, shorthand="name"):
    """A column."""
    name: str
    type: str = "VARCHAR"

class Voice(Component, abstract=True, default_type="quiet"):
    """How to speak."""

class QuietVoice(Voice):
    """Whisper."""
    level: int = 1

class ShoutVoice(Voice):
    """Shout."""
    token: str = ""

class Speak(OperatorFactory, aliases=["say"]):
    """Say something.

    All of it at once.

    Attributes:
        text: what to say.
    """
    text: str
    loud: bool = False
    words: dict[str, str] = {}
    columns: list[Column] = []
    voice: Voice | None = None
    def make_operator(self):
        raise NotImplementedError

class TalkDag(DagFactory):
    """Talk for a while."""
    talks: dict[str, Speak]
'''

TALK = """
type: talk_dag
schedule: "@daily"
talks:
  first:
    text: "no"
    columns: [day, {name: rate, type: numeric}]
    voice: {type: shout, token: "x${{ vars.token }}"}
  second:
    depends_on: [first]
    voice: {level: 3}
    text: |
      two lines:
        - {{ ds }} # not a comment
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Call `dagwright` with arguments; what a project imports is forgotten afterwards."""
    monkeypatch.delenv("DAGWRIGHT_ENV", raising=False)
    path, modules = list(sys.path), set(sys.modules)

    def call(*arguments: str | Path, columns: int = 100, **environ: str) -> Result:
        runner = CliRunner(env={"COLUMNS": str(columns), "NO_COLOR": "1", **environ})
        return runner.invoke(main, [str(each) for each in arguments], prog_name="dagwright", catch_exceptions=False)

    yield call
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if not name.startswith(("dagwright", "pydantic", "yaml", "rich")):
            del sys.modules[name]


def write_project(folder: Path, package: str = "talking") -> Path:
    """Write the project into a folder."""
    files = {"dagwright.toml": PROJECT.format(package=package), f"{package}.py": FACTORIES, "dags/talk.dag.yaml": TALK}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip(), encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is sound; its folder is the current one."""
    monkeypatch.chdir(write_project(tmp_path))
    return tmp_path
