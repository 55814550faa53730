"""The maker of a DAG and the file behind it, kept by the DAG itself.

`with DAG(...)` blocks go on with the maker; adapters ask where a DAG and its tasks come from.
"""

from __future__ import annotations

from typing import NamedTuple

from airflow.sdk import DAG

from dagwright.diagnostics import DagwrightError
from dagwright.model.loaded import Loaded
from dagwright.model.settings import RenderSettings
from dagwright.render import compat
from dagwright.render.errors import Reporter
from dagwright.render.macros import add_macros
from dagwright.render.maker import DagMaker
from dagwright.render.ownership import Ownership

__all__ = ["Origin", "maker_of_current_dag", "origin_of", "remember"]

_ATTRIBUTE = "_dagwright_maker"


class Origin(NamedTuple):
    """What a DAG comes from: its file, and the maker that knows which factory made which task, where there is one."""

    loaded: Loaded
    maker: DagMaker | None


class _Remembered:
    """Holds a maker and a file on their DAG; copies and pickles of the DAG know none."""

    def __init__(self, maker: DagMaker | None, loaded: Loaded | None) -> None:
        self.maker = maker
        self.loaded = loaded

    def __deepcopy__(self, memo: dict[int, object]) -> None:
        return None

    def __reduce__(self) -> tuple[object, ...]:
        return type(None), ()


def maker_of_current_dag() -> DagMaker:
    """Return the maker of the surrounding `with DAG(...)` block.

    Raises:
        DagwrightError: there is no such block.
    """
    dag = compat.current_dag()
    if dag is None:
        raise DagwrightError("a factory is made or wired outside of a DAG: do it in a `with DAG(...)` block")
    remembered = _remembered(dag)
    if remembered is not None and remembered.maker is not None:
        return remembered.maker
    ownership = Ownership()
    settings = RenderSettings()
    maker = DagMaker(dag, Reporter(None, ownership), settings, ownership)
    add_macros(dag, settings)
    remember(dag, maker)
    return maker


def remember(dag: DAG, maker: DagMaker | None = None, loaded: Loaded | None = None) -> None:
    """Let a DAG know its maker, so that a later `with dag:` block goes on with what is made, and its file."""
    known = _remembered(dag)
    if known is not None:
        maker, loaded = maker or known.maker, loaded or known.loaded
    dag.__dict__[_ATTRIBUTE] = _Remembered(maker, loaded)


def origin_of(dag: object) -> Origin | None:
    """Return what a DAG comes from, None for one that no DAG file describes."""
    remembered = _remembered(dag)
    if remembered is None or remembered.loaded is None:
        return None
    return Origin(remembered.loaded, remembered.maker)


def _remembered(dag: object) -> _Remembered | None:
    return getattr(dag, _ATTRIBUTE, None)
