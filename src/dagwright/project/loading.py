"""From a file or folder to its project: read the project file and choose the environment."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from dagwright.diagnostics import Diagnostic, Severity
from dagwright.diagnostics.suggest import did_you_mean_label
from dagwright.project.config import DEFAULT_DAGS, DEFAULT_OPERATORS, ProjectConfig
from dagwright.project.locate import DAGWRIGHT_TOML, PYPROJECT_TOML, find_project, pyproject_has_table
from dagwright.project.project_file import ProjectTables, read_tables
from dagwright.project.tables import TableReader, kind_of
from dagwright.source import content_of, parse, read_source
from dagwright.source.nodes import MappingNode

__all__ = ["ENVIRONMENT_VARIABLE", "find_project", "load_config"]

ENVIRONMENT_VARIABLE = "DAGWRIGHT_ENV"


def load_config(
    folder_or_file: Path, *, env: str | None, inside_airflow: bool, environ: Mapping[str, str]
) -> tuple[ProjectConfig | None, list[Diagnostic]]:
    """Load the project that a file or folder belongs to.

    Problems of single keys leave a configuration of what is right; it is None where the file cannot be
    parsed and where the environment is unknown or must be chosen and is not.

    Args:
        folder_or_file: where to look for the project, upwards; without one, its folder is the project.
        env: the environment, before `DAGWRIGHT_ENV`.
        inside_airflow: whether a real Airflow loads the project, so that an environment must be chosen.
        environ: the process environment.
    """
    start = Path(os.path.abspath(folder_or_file))  # noqa: PTH100  links stay as the user wrote them
    root = find_project(start)
    if root is None:
        root = start.parent if os.path.isfile(start) else start  # noqa: PTH113  Path.is_file may raise
        file, content, tables, diagnostics = None, None, ProjectTables(), list[Diagnostic]()
    else:
        has_own = os.path.isfile(root / DAGWRIGHT_TOML)  # noqa: PTH113
        file = root / (DAGWRIGHT_TOML if has_own else PYPROJECT_TOML)
        content = content_of(file)
        read, diagnostics = _read(file)
        if has_own and pyproject_has_table(root / PYPROJECT_TOML):
            message = f"{DAGWRIGHT_TOML} beside this file wins, and [tool.dagwright] is not read"
            diagnostics.append(
                Diagnostic(code="DW401", message=message, severity=Severity.WARNING, file=PYPROJECT_TOML)
            )
        if read is None:
            return None, diagnostics
        tables = read

    environment, problem = _choose(env, environ, tables.environments, file, inside_airflow=inside_airflow)
    if problem is not None:
        return None, [*diagnostics, problem]
    chosen = tables.environments[environment] if environment is not None else None
    allow = chosen.allow if chosen is not None and chosen.allow is not None else tables.allow
    workers = chosen.workers if chosen is not None and chosen.workers is not None else tables.workers
    locations = [tables.base, chosen.location if chosen is not None else None]
    config = ProjectConfig(
        root=root,
        file=file,
        dags=DEFAULT_DAGS if tables.dags is None else tables.dags,
        factories=tuple(tables.factories or ()),
        factories_listed_at=tables.factories or {},
        operators=DEFAULT_OPERATORS if tables.operators is None else tables.operators,
        binds=tables.binds,
        environments=tuple(tables.environments),
        environment=environment,
        allow=allow or frozenset(),
        several_workers=workers == "several",
        locations=tuple(location for location in locations if location is not None),
        environ=environ,
        content=content,
    )
    return config, diagnostics


def _read(file: Path) -> tuple[ProjectTables | None, list[Diagnostic]]:
    source, diagnostics = read_source(file, file.name)
    if source is None:
        return None, diagnostics
    parsed = parse(source)
    diagnostics += parsed.diagnostics
    if not isinstance(parsed.root, MappingNode):
        return None, diagnostics
    reader = TableReader()
    table: MappingNode | None = parsed.root
    place: tuple[str, ...] = ()
    if file.name == PYPROJECT_TOML:
        for key in ("tool", "dagwright"):
            node = table.get(key) if table is not None else None
            place = (*place, key)
            if node is not None and not isinstance(node, MappingNode):
                reader.wrong(place, f"'{key}' must be a mapping, not {kind_of(node)}", node.span)
            table = node if isinstance(node, MappingNode) else None
    if table is None:
        return None, [*diagnostics, *reader.diagnostics]
    tables = read_tables(reader, table, place, file.name)
    found = sorted(reader.diagnostics, key=lambda problem: problem.span.start_offset if problem.span else 0)
    return tables, [*diagnostics, *found]


def _choose(
    env: str | None, environ: Mapping[str, str], declared: Collection[str], file: Path | None, *, inside_airflow: bool
) -> tuple[str | None, Diagnostic | None]:
    """Return the chosen environment, or what is wrong with the choice."""
    chosen = env or environ.get(ENVIRONMENT_VARIABLE) or None
    name = file.name if file is not None else None
    notes = (f"environments: {', '.join(sorted(declared))}",) if declared else ()
    if chosen is None:
        if not declared or not inside_airflow:
            return None, None
        message = "inside Airflow a project with environments loads only when one of them is chosen"
        help_text = f"set {ENVIRONMENT_VARIABLE} for the scheduler, the DAG processor and the workers"
        return None, Diagnostic(code="DW406", message=message, file=name, notes=notes, help=help_text)
    if chosen in declared:
        return chosen, None
    origin = "" if env else f", which {ENVIRONMENT_VARIABLE} names"
    if declared:
        message = f"the project has no environment '{chosen}'{origin}"
        help_text = did_you_mean_label(chosen, declared)
    else:
        message = f"the project declares no environments, so there is no '{chosen}'{origin}"
        help_text = f"declare it in {name or DAGWRIGHT_TOML}: [env.{chosen}]"
    return None, Diagnostic(code="DW405", message=message, file=name, notes=notes, help=help_text)
