"""Binding: what every layer says about a DAG file becomes its factory, with the place of every value."""

from dagwright.binding.dag_file import BoundDag, DagBinder
from dagwright.binding.loading import load, load_project
from dagwright.binding.opening import Project, Trees, open_project

__all__ = ["BoundDag", "DagBinder", "Project", "Trees", "load", "load_project", "open_project"]
