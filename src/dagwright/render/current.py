"""The maker of a DAG, kept by the DAG itself for `with DAG(...)` blocks."""

from __future__ import annotations

from airflow.sdk import DAG

from dagwright.diagnostics import DagwrightError
from dagwright.model.settings import RenderSettings
from dagwright.render import compat
from dagwright.render.errors import Reporter
from dagwright.render.macros import add_macros
from dagwright.render.maker import DagMaker
from dagwright.render.ownership import Ownership

__all__ = ["maker_of_current_dag", "remember"]

_ATTRIBUTE = "_dagwright_maker"


class _Remembered:
    """Holds a maker on its DAG; copies and pickles of the DAG know none."""

    def __init__(self, maker: DagMaker) -> None:
        self.maker = maker

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
    remembered = dag.__dict__.get(_ATTRIBUTE)
    if remembered is not None:
        return remembered.maker  # type: ignore[no-any-return]  # only `remember` writes the attribute
    ownership = Ownership()
    settings = RenderSettings()
    maker = DagMaker(dag, Reporter(None, ownership), settings, ownership)
    add_macros(dag, settings)
    remember(dag, maker)
    return maker


def remember(dag: DAG, maker: DagMaker) -> None:
    """Let a DAG know its maker, so that a later `with dag:` block goes on with what is made."""
    dag.__dict__[_ATTRIBUTE] = _Remembered(maker)
