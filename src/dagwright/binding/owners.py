"""Who owns a DAG id that several files give: one rule, whichever way Airflow finds the files.

The owner is the first sound file in the order of claim: those that are called like the id, then all others, each by
name. So a copy that still holds a `dag_id` takes no DAG from the file that it was copied from, and a worker finds the
DAG that is scheduled in the file that it looks at first. A file with errors makes no DAG, so the next one has its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from dagwright.binding.dag_file import BoundDag
from dagwright.binding.secrets import masked
from dagwright.diagnostics import Diagnostic, Related, SourceText, Span, has_errors
from dagwright.project import DagFile, stem_of

__all__ = ["claim", "duplicate_id", "refuse_duplicate_ids"]


def claim(dag_id: str, dag_file: DagFile) -> tuple[bool, str]:
    """Return by what to sort the files that give a DAG id, so that the strongest claim comes first.

    A sound file need not know of those with a weaker claim than its own.
    """
    return stem_of(dag_file.path.name) != dag_id, dag_file.name


def refuse_duplicate_ids(files: Sequence[BoundDag]) -> list[Diagnostic]:
    """Take the factory from each file whose DAG id is another one's: in Airflow the two would overwrite each other.

    Returns:
        One finding for each of them.
    """
    by_id: dict[str, list[BoundDag]] = {}
    for bound in files:
        if bound.dag_id:
            by_id.setdefault(bound.dag_id, []).append(bound)
    owners = {dag_id: _owner(same) for dag_id, same in by_id.items() if len(same) > 1}
    problems = []
    for bound in files:
        owner = owners.get(bound.dag_id, bound)
        if owner is not bound:
            problems.append(duplicate_id(bound, owner))
            bound.factory = None
    return problems


def duplicate_id(bound: BoundDag, owner: BoundDag) -> Diagnostic:
    """Return the finding of a file whose DAG id is another one's."""
    return Diagnostic(
        code="DW305",
        message=f"duplicate DAG id '{masked(bound.dag_id, bound.secrets)}'{_where_from(bound)}",
        span=_id_span(bound),
        path="" if bound.dag_id_span is None else "dag_id",
        pointer="" if bound.dag_id_span is None else "/dag_id",
        help="rename one of the files or give it another 'dag_id'",
        related=(Related(message=f"the id is already used here{_where_from(owner)}", span=_id_span(owner)),),
    )


def _owner(same: list[BoundDag]) -> BoundDag:
    # Factories of a large project stay in the processes that bound it: errors say what is sound.
    return min(same, key=lambda bound: (has_errors(bound.diagnostics), claim(bound.dag_id, bound.dag_file)))


def _where_from(bound: BoundDag) -> str:
    return ", which the file's name gives" if bound.dag_id_span is None else ""


def _id_span(bound: BoundDag) -> Span:
    """Return where the id is said, or the first line of the file that gives it by its name."""
    if bound.dag_id_span is not None:
        return bound.dag_id_span
    source = cast(SourceText, bound.source)
    return Span(source=source, start_offset=0, end_offset=len(source.line(1)))
