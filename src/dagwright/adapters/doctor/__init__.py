"""What is wrong with a deployment: how Airflow finds a project's DAGs, and what they need that is not there."""

from dagwright.adapters.doctor.examining import examine
from dagwright.adapters.doctor.report import Problem, Report

__all__ = ["Problem", "Report", "examine"]
