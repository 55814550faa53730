"""The project: its file, its environments, its variables and layers, and the DAG files that belong to it."""

from dagwright.project.config import DEFAULT_DAGS, DEFAULT_OPERATORS, ProjectConfig
from dagwright.project.entities import Bind, DagFile, Layer, Variable
from dagwright.project.loading import ENVIRONMENT_VARIABLE, find_project, load_config
from dagwright.project.locate import stem_of

__all__ = [
    "DEFAULT_DAGS",
    "DEFAULT_OPERATORS",
    "ENVIRONMENT_VARIABLE",
    "Bind",
    "DagFile",
    "Layer",
    "ProjectConfig",
    "Variable",
    "find_project",
    "load_config",
    "stem_of",
]
