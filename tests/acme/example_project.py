"""The example project as tests see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from dagwright.cli import main

__all__ = ["HERE", "Project"]

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Project:
    """A copy of the example project; its environment is `dev` where a command names none."""

    folder: Path

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return self.folder.joinpath(name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def dagwright(self, *arguments: str) -> Result:
        """Run a command in the project's folder, in this process."""
        runner = CliRunner(env={"COLUMNS": "100", "NO_COLOR": "1", "DAGWRIGHT_ENV": "dev"})
        return runner.invoke(main, arguments, prog_name="dagwright", catch_exceptions=False)
