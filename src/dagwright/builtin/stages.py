"""The stages of a typical DAG: each is one TaskGroup."""

from typing import Annotated

from annotated_types import MinLen

from dagwright import OperatorFactory
from dagwright.builtin.job import Job
from dagwright.builtin.publisher import Publisher
from dagwright.builtin.validator import Validator

__all__ = ["Jobs", "Publishers", "Validators"]


class Jobs(OperatorFactory):
    """The jobs of a dataflow, in one TaskGroup.

    Attributes:
        job_definitions: the jobs; a job without `type` is a container job.
    """

    job_definitions: Annotated[list[Job], MinLen(1)]

    def make_operators(self) -> None:
        """Make every job; `depends_on` wires them."""
        for job in self.job_definitions:
            job.make_operator()


class Validators(OperatorFactory):
    """The validations of a dataflow, in one TaskGroup.

    Attributes:
        files: the files to validate.
    """

    files: Annotated[list[Validator], MinLen(1)]

    def make_operators(self) -> None:
        """Make every validation."""
        for validator in self.files:
            validator.make_operator()


class Publishers(OperatorFactory, shorthand="targets"):
    """The publishers of a dataflow, in one TaskGroup; in data it is the mapping of its targets itself.

    Attributes:
        targets: the targets by name; a name that is a type needs no `type`.
    """

    targets: Annotated[dict[str, Publisher], MinLen(1)]

    def make_operators(self) -> None:
        """Make every publisher."""
        for publisher in self.targets.values():
            publisher.make_operator()
