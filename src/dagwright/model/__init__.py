"""Factories as typed metadata: the bases, slots, the registry and the shape tree."""

from dagwright.model.bases import Component, OperatorFactory
from dagwright.model.checking import CheckContext
from dagwright.model.dag_factory import DagFactory
from dagwright.model.fields import ProjectFile, ProjectFolder, WorkspacePath
from dagwright.model.functions import operator_factory
from dagwright.model.problems import FactoryError
from dagwright.model.schedule import AssetCondition, Schedule
from dagwright.model.settings import RenderSettings
from dagwright.model.task_args import TaskArgs
from dagwright.model.wiring import chain

__all__ = [
    "AssetCondition",
    "CheckContext",
    "Component",
    "DagFactory",
    "FactoryError",
    "OperatorFactory",
    "ProjectFile",
    "ProjectFolder",
    "RenderSettings",
    "Schedule",
    "TaskArgs",
    "WorkspacePath",
    "chain",
    "operator_factory",
]
