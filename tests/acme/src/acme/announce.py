"""A task from a function."""

from typing import Any

from acme.channel import Channel
from dagwright import operator_factory

__all__ = ["announce"]


@operator_factory(aliases=["say"])
def announce(name: str, channel: Channel, text: str = "{{ dag.dag_id }} of {{ ds }}") -> Any:
    """Say something in a channel.

    Example:
        ```yaml
        tasks:
          tell: {type: announce, text: the night begins}
        ```
    """
    from airflow.providers.standard.operators.bash import BashOperator

    return BashOperator(task_id=name, bash_command=channel.command(text))
