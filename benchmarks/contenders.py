"""Who is compared: the rows of the table, what Airflow is shown of each, and in which environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fleet_files import Fleet
from benchmarks.names import file_name

__all__ = ["AGAIN", "CONTENDERS", "HAND", "Contender"]


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One row.

    Attributes:
        name: as the table shows it.
        environment: whose Python runs it.
        folder: what Airflow's DAG folder is.
        file: of one DAG, which a worker parses.
        baseline: the row of hand-written DAGs in the same version of Airflow.
        one_file: whether one Python file makes all DAGs.
        is_peer: whether it is another library.
        environ: what has to be set for it.
    """

    name: str
    environment: str
    folder: Callable[[Fleet], Path]
    file: Callable[[Fleet], Path]
    baseline: str
    one_file: bool = False
    is_peer: bool = False
    environ: tuple[tuple[str, str], ...] = ()

    @property
    def is_baseline(self) -> bool:
        """Whether the others are compared with it."""
        return self.name == self.baseline


HAND = "hand-written Python"
_HAND_34 = "hand-written Python, Airflow 3.4"
AGAIN = "hand-written Python again (A/A)"
_IMPORTER = (("AIRFLOW__DAG_PROCESSOR__DAG_IMPORTER_CONFIGS", '["dagwright.adapters.importer.DagwrightImporter"]'),)


def _by_hand(name: str, environment: str, baseline: str) -> Contender:
    return Contender(
        name=name,
        environment=environment,
        folder=lambda fleet: fleet.by_hand,
        file=lambda fleet: fleet.by_hand / file_name(fleet.one, ".py"),
        baseline=baseline,
    )


CONTENDERS = (
    _by_hand(HAND, "dagwright", HAND),
    _by_hand(AGAIN, "dagwright", HAND),
    Contender(
        name="Dagwright: stubs",
        environment="dagwright",
        folder=lambda fleet: fleet.stubs,
        file=lambda fleet: fleet.stubs / "dags" / file_name(fleet.one, ".dag.yaml.py"),
        baseline=HAND,
    ),
    Contender(
        name="Dagwright: one loader",
        environment="dagwright",
        folder=lambda fleet: fleet.loader,
        file=lambda fleet: fleet.loader / "load_all_dags.py",
        baseline=HAND,
        one_file=True,
    ),
    _by_hand(_HAND_34, "airflow-3.4", _HAND_34),
    Contender(
        name="Dagwright: importer, Airflow 3.4",
        environment="airflow-3.4",
        folder=lambda fleet: fleet.project,
        file=lambda fleet: fleet.project / "dags" / file_name(fleet.one, ".dag.yaml"),
        baseline=_HAND_34,
        environ=_IMPORTER,
    ),
    Contender(
        name="airflow-blueprint 0.5.0",
        environment="blueprint",
        folder=lambda fleet: fleet.blueprint,
        file=lambda fleet: fleet.blueprint / "loader.py",
        baseline=HAND,
        one_file=True,
        is_peer=True,
    ),
    Contender(
        name="dag-factory 1.1.0",
        environment="dag-factory",
        folder=lambda fleet: fleet.dag_factory,
        file=lambda fleet: fleet.dag_factory / "load_dags.py",
        baseline=HAND,
        one_file=True,
        is_peer=True,
    ),
)
