"""The maker of a hand-written DAG, kept by the DAG itself."""

from __future__ import annotations

from airflow.sdk import DAG

from dagwright.diagnostics import DagwrightError
from dagwright.model.places import HolderKinds
from dagwright.model.settings import RenderSettings
from dagwright.render import compat
from dagwright.render.errors import Reporter
from dagwright.render.maker import DagMaker
from dagwright.render.ownership import Ownership

__all__ = ["maker_of_current_dag"]

_ATTRIBUTE = "_dagwright_maker"


class _Remembered:
    """Holds a maker on its DAG; copies and pickles of the DAG know none."""

    def __init__(self, maker: DagMaker) -> None:
        self.maker: DagMaker | None = maker

    def __deepcopy__(self, memo: dict[int, object]) -> None:
        return None

    def __reduce__(self) -> tuple[object, ...]:
        return type(None), ()


def maker_of_current_dag() -> DagMaker:
    """Return the maker of the surrounding hand-written `with DAG(...)` block.

    Raises:
        DagwrightError: there is no such block.
    """
    dag = compat.current_dag()
    if dag is None:
        raise DagwrightError("a factory is made or wired outside of a DAG: do it in a `with DAG(...)` block")
    remembered = dag.__dict__.get(_ATTRIBUTE)
    return remembered.maker if isinstance(remembered, _Remembered) and remembered.maker else _remember(dag)


def _remember(dag: DAG) -> DagMaker:
    ownership = Ownership(HolderKinds())
    maker = DagMaker(dag, Reporter(None, ownership), RenderSettings(), ownership)
    dag.__dict__[_ATTRIBUTE] = _Remembered(maker)
    return maker
