"""Does with a page of the documentation what its reader would do: writes its files, loads, imports and runs them.

A page is one project. Its fenced blocks are done in order; what stands behind the language says what a block is:

    ```toml dagwright.toml             a file of the project
    ```yaml dags/rates.dag.yaml        a DAG file, which has to load (and to render, where Airflow is installed)
    ```yaml dags/rates.dag.yaml broken a DAG file, which must not load
    ```python acme/columns.py          a module, which has to import
    ```python tests/test_dags.py       tests, which pytest runs in the end, in a process of their own
    ```python                          statements, executed in the project's folder; names stay for later blocks
    ```python airflow                  the same, where Airflow is installed
    ```console                         `$ dagwright …` with everything that it prints
    ```console airflow                 the same, where Airflow is installed
    ```sh                              commands, not executed; their verbs, options, targets and extras have to exist
    ```yaml                            part of a file, which has to be YAML (JSON and TOML alike)

UPDATE_CASES=1 rewrites what stands in `console` blocks.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module, invalidate_caches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path, PurePosixPath
from typing import Any

import click
from click.testing import CliRunner

from dagwright import LoadError, load
from dagwright.diagnostics import SourceText, format_text
from dagwright.source import parse_mapping

ROOT = Path(__file__).parent.parent
# docs/errors.md is made from the table of codes, whose examples are tests of their own.
PAGES = [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "errors.md")]
_FENCE = re.compile(r"(`{3,})([^`]*)")
_DAG_FILES = ("dags/*.dag.yaml", "dags/*.dag.json", "dags/*.yml")
_ENVIRONMENT = {"COLUMNS": "110", "NO_COLOR": "1"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block: its page, its place, its language, the words behind the language, its text."""

    page: Path | None = None
    place: str
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def file(self) -> str | None:
        """The file of the page's project that the block is."""
        return next((word for word in self.words if "." in word), None)


def read_blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    blocks: list[Block] = []
    fence, words, lines, start = "", (""), list[str](), 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if fence:
            if line.strip() == fence:
                language, *more = words.split() or [""]
                text = "".join(f"{each}\n" for each in lines)
                place = f"{page.name}:{start}"
                blocks.append(Block(page=page, place=place, language=language, words=tuple(more), text=text))
                fence = ""
            else:
                lines.append(line)
        elif (opened := _FENCE.fullmatch(line)) is not None:
            fence, words, lines, start = opened[1], opened[2], [], number
    assert not fence, f"{page.name}:{start}: a fence is never closed"
    return blocks


@dataclass(kw_only=True)
class PageRun:
    """The project of one page, in a folder of its own."""

    folder: Path
    airflow: bool
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "page"})
    done: int = 0

    def run(self, blocks: list[Block]) -> None:
        """Do every block."""
        with chdir(self.folder), own_modules(self.folder):
            for block in blocks:
                if "airflow" in block.words and not self.airflow:
                    continue
                try:
                    self.do(block)
                except Exception as error:
                    error.add_note(f"in the block at {block.place}")
                    raise
                self.done += 1
            if Path("tests").is_dir():
                self.run_tests()

    def run_tests(self) -> None:
        """Run the tests of the page's project."""
        command = [sys.executable, "-m", "pytest", "-q", "--rootdir=.", "-p", "no:cacheprovider", "tests"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert " passed" in done.stdout

    def do(self, block: Block) -> None:
        """Do one block."""
        if block.file is not None:
            self.write(block, block.file)
            return
        match block.language:
            case "python":
                forget_modules(self.folder)
                exec(compile(block.text, block.place, "exec", dont_inherit=True), self.names)
            case "console":
                self.console(block)
            case "sh":
                for line in block.text.replace("\\\n", " ").splitlines():
                    check_command(line)
            case "yaml":
                parsed = parse_mapping(SourceText(block.place, block.text))
                assert not parsed.diagnostics, format_text(parsed.diagnostics)
            case "toml":
                tomllib.loads(block.text)
            case "json":
                json.loads(block.text)
            case "text" | "mermaid":
                pass
            case _:
                raise AssertionError(f"no rule for the language '{block.language}'")

    def write(self, block: Block, name: str) -> None:
        """Write a file of the project and see that it is what it says."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        forget_modules(self.folder)
        if name.startswith("tests/"):
            return
        if name.endswith(".py") and "airflow" not in block.words:
            for folder in PurePosixPath(name).parents[:-1]:
                self.folder.joinpath(folder, "__init__.py").touch()
            import_module(name.removesuffix(".py").replace("/", "."))
        elif name.endswith(".py"):
            exec(compile(block.text, block.place, "exec", dont_inherit=True), {"__name__": path.stem})
        elif any(fnmatchcase(name, pattern) for pattern in _DAG_FILES):
            self.load(path, block)
        elif name.endswith(".json"):
            json.loads(block.text)
        elif name.endswith(".toml"):
            tomllib.loads(block.text)

    def load(self, path: Path, block: Block) -> None:
        """Load a DAG file, and render it where Airflow is installed."""
        try:
            factory = load(path)
            if self.airflow:
                factory.make_dag()
        except LoadError:
            if "broken" not in block.words:
                raise
        else:
            assert "broken" not in block.words, f"{block.place} loads"

    def console(self, block: Block) -> None:
        """Run the commands of a block and compare what they print."""
        from dagwright.cli import main

        printed = ""
        for command in re.findall(r"^\$ (.*)$", block.text, re.MULTILINE):
            forget_modules(self.folder)
            program, *arguments = shlex.split(command)
            assert program == "dagwright", command
            result = CliRunner(env=_ENVIRONMENT).invoke(main, arguments, prog_name="dagwright", catch_exceptions=False)
            output = "\n".join(line.rstrip() for line in result.output.splitlines()).strip("\n")
            printed += f"$ {command}\n{output}\n" if output else f"$ {command}\n"
        if os.environ.get("UPDATE_CASES") == "1" and block.page is not None:
            text = block.page.read_text(encoding="utf-8")
            block.page.write_text(text.replace(block.text, printed), encoding="utf-8")
            return
        assert printed == block.text, f"{block.place} prints\n{printed}"


def check_command(line: str) -> None:
    """See that a command's verbs, options, make targets and extras exist."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        del words[0]
    match words:
        case ["dagwright", *arguments]:
            _check_dagwright(arguments)
        case ["make", target, *_]:
            makefile = ROOT.joinpath("Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), line
        case ["pip", "install", *packages]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            for package in packages:
                if extras := re.fullmatch(r"(?:dagwright|\.)\[(.*)\]", package):
                    unknown = set(extras[1].split(",")) - set(project["optional-dependencies"])
                    assert not unknown, f"{line}: {sorted(unknown)}"
        case [] | ["git" | "cd" | "export", *_]:
            pass
        case _:
            raise AssertionError(f"nothing checks the command '{line}'")


def _check_dagwright(arguments: list[str]) -> None:
    from dagwright.cli import main

    context = click.Context(main)
    command: click.Command = main
    if arguments and not arguments[0].startswith("-"):
        found = main.get_command(context, arguments[0])
        assert found is not None, f"no command '{arguments[0]}'"
        command = found
    options = {option for parameter in command.get_params(context) for option in parameter.opts}
    for argument in arguments:
        if argument.startswith("-"):
            assert argument.partition("=")[0] in options, f"'{arguments[0]}' has no option '{argument}'"


def load_script(path: Path) -> Any:
    """Return a script of this repository as a module; its folder is no package."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forget_modules(folder: Path) -> None:
    """Forget what was imported from a folder, so that a file that is written again is read again."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        # A package without `__init__.py` may have further folders, as this repository's `tests` has.
        places = [file] if file is not None else list(getattr(module, "__path__", ()))
        if places and all(Path(place).is_relative_to(folder) for place in places):
            del sys.modules[name]
    invalidate_caches()


@contextmanager
def own_modules(folder: Path) -> Iterator[None]:
    """Let modules be imported from a folder, and forget them afterwards."""
    path, bytecode = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, str(folder))
    # Two versions of a file may have the same size and be written in the same second.
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = bytecode
        forget_modules(folder)
