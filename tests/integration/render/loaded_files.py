"""A DAG file behind a factory, without the binder: what the renderer asks of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dagwright.diagnostics import Diagnostic, SourceText, Span
from dagwright.model.loaded import PlaceInData, attach_loaded
from dagwright.model.settings import RenderSettings


class FakeFile:
    """Knows the places of the objects that it is told."""

    def __init__(self, text: str, places: dict[int, tuple[object, str, str]], root: Path, dag_id: str) -> None:
        self.source = SourceText("dags/rates.dag.yaml", text)
        self.settings = RenderSettings(project_root=root, file="dags/rates.dag.yaml", workspace="file:///w")
        self.file = root / "dags" / "rates.dag.yaml"
        self.dag_id = dag_id
        self._places = places

    def without_secrets(self, found: Diagnostic) -> Diagnostic:
        return replace(found, message=found.message.replace("hunter2", "***"))

    def digest(self) -> str:
        return "0123456789abcdef" * 4

    def place_of(self, made: object, field: Sequence[str | int] = (), *, at_key: bool = False) -> PlaceInData | None:
        if id(made) not in self._places:
            return None
        _, path, word = self._places[id(made)]
        start = self.source.text.index(word)
        span = Span(source=self.source, start_offset=start, end_offset=start + len(word))
        return PlaceInData(span, path, "/" + path.replace(".", "/"))

    def said(self, made: object = None, field: str = "") -> list[PlaceInData]:
        return []


def from_file(
    factory: Any,
    *,
    text: str = "tasks:\n  a: {}\n  b: {}\n",
    places: dict[str, tuple[object, str]] | None = None,
    root: Path = Path("/project"),
    dag_id: str = "rates",
) -> Any:
    """Let a factory come from a file; places map a path to the object there and the word in the text."""
    known = {id(made): (made, path, word) for path, (made, word) in (places or {}).items()}
    attach_loaded(factory, FakeFile(text, known, root, dag_id))
    return factory
