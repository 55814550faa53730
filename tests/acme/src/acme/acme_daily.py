"""Acme's own kind of dataflow."""

from collections.abc import Iterable
from typing import Annotated

from annotated_types import MinLen

from acme.announce import announce
from acme.channel import Channel
from acme.feed import Feed
from dagwright import CheckContext, DagFactory, Diagnostic, OperatorFactory, chain
from dagwright.builtin import Job, Publisher, Validator

__all__ = ["AcmeDaily"]


class AcmeDaily(DagFactory, aliases=["acme_nightly"], version=3):
    """Feeds, jobs, checks, loads, publishers, and a word when all is done.

    Attributes:
        feeds: files from elsewhere; a bare path is a download.
        jobs: what is computed from them.
        checks: what has to hold before anything is published.
        loads: what brings the files into tables.
        publishers: where the files go; a name that is a type needs no `type`.
        done: where it is said that the dataflow is done.

    Example:
        ```yaml
        type: acme_daily
        schedule: "@daily"
        feeds: [rates.csv]
        checks:
          - {type: row_count, path: in/rates.csv}
        publishers:
          http: {connection_id: partner_web, files: [in/rates.csv]}
        ```
    """

    feeds: Annotated[list[Feed], MinLen(1)]
    jobs: dict[str, Job] = {}
    checks: list[Validator] = []
    loads: dict[str, OperatorFactory] = {}
    publishers: dict[str, Publisher] = {}
    done: Channel

    def check(self, context: CheckContext) -> Iterable[Diagnostic]:
        """Find publishers of what nobody has looked at."""
        if self.publishers and not self.checks:
            yield context.error(
                "publishers", "nothing is published unchecked at acme", at_key=True, help="add a task to 'checks'"
            )

    def make_tasks(self) -> None:
        """Wire the stages one after the other."""
        done = announce(name="done", channel=self.done)
        chain(self.feeds, self.jobs, self.checks, self.loads, self.publishers, done)
