"""Any factories, freely composed."""

from typing import Annotated

from annotated_types import MinLen

from dagwright import DagFactory, OperatorFactory

__all__ = ["Pipeline"]


class Pipeline(DagFactory):
    """Tasks by name; `depends_on` wires them. The DAG factory where a file names none.

    Attributes:
        tasks: operator factories by name; a name that is a type needs no `type`.

    Example:
        ```yaml
        schedule: "@daily"
        tasks:
          fetch: {type: container_job, docker_image: ecb-rates, command: python fetch.py}
          count:
            type: python_job
            depends_on: [fetch]
            callable: rates.jobs:count_rows
        ```
    """

    tasks: Annotated[dict[str, OperatorFactory], MinLen(1)]
