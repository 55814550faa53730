"""Which command installs a module that a factory misses."""

from __future__ import annotations

import re
import traceback

__all__ = ["how_to_install", "wanted_module"]

_PROVIDER = re.compile(r"\bairflow\.providers(?:\.\w+)+")

# Namespaces below `airflow.providers` in which each distribution is one level deeper.
_NAMESPACES = frozenset({"apache", "atlassian", "cncf", "common", "dbt", "microsoft"})
# Providers of Dagwright's own factories: what the imported module begins with, the most special first.
_PROVIDER_EXTRAS = (
    ("airflow.providers.amazon.aws.operators.ecs", "ecs"),
    ("airflow.providers.amazon.aws.operators.redshift_data", "redshift"),
    ("airflow.providers.docker", "docker"),
    ("airflow.providers.cncf.kubernetes", "kubernetes"),
    ("airflow.providers.postgres", "postgres"),
)
_EXTRAS = {
    "boto3": "s3",
    "botocore": "s3",
    "duckdb": "duckdb",
    "great_expectations": "validation",
    "pandas": "validation",
    "paramiko": "sftp",
    "pyarrow": "validation",
}


def how_to_install(module: str) -> str | None:
    """Return the command that installs a module: an Airflow provider or what an extra of Dagwright brings."""
    for beginning, extra in _PROVIDER_EXTRAS:
        if module == beginning or module.startswith(f"{beginning}."):
            return _with_extra(extra)
    parts = module.split(".")
    if parts[:2] == ["airflow", "providers"] and len(parts) > 2:
        depth = 4 if parts[2] in _NAMESPACES else 3
        if len(parts) < depth:
            return None
        return f"pip install apache-airflow-providers-{'-'.join(parts[2:depth]).replace('_', '-')}"
    known = _EXTRAS.get(parts[0])
    return _with_extra(known) if known is not None else None


def _with_extra(extra: str) -> str:
    return f"pip install 'dagwright[{extra}]'"


def wanted_module(error: ModuleNotFoundError) -> str:
    """Return the module that an import was to bring.

    Where nothing of a namespace such as `airflow.providers.apache` is installed, the exception names only that;
    the line of code says what was wanted.
    """
    name = error.name or ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        found = _PROVIDER.search(frame.line or "")
        if found is not None and found[0].startswith(f"{name}."):
            return found[0]
    return name
