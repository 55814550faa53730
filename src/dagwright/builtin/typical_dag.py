"""Jobs, then validators, then publishers."""

from dagwright import DagFactory, chain
from dagwright.builtin.stages import Jobs, Publishers, Validators

__all__ = ["TypicalDag"]


class TypicalDag(DagFactory):
    """Compute files, validate them, publish them; nothing is published when a validation fails.

    Each stage is one TaskGroup; a stage that is absent is skipped.

    Attributes:
        jobs: what computes the files.
        validators: what has to hold before anything is published.
        publishers: where the files go: a mapping from names to publishers.

    Example:
        ```yaml
        type: typical_dag
        schedule: "@daily"
        jobs:
          job_definitions:
            - name: fetch_rates
              docker_image: ecb-rates
              command: python fetch.py --day {{ ds }}
        publishers:
          sftp: {connection_id: partner_sftp, files: [out/rates.csv]}
        ```
    """

    jobs: Jobs | None = None
    validators: Validators | None = None
    publishers: Publishers | None = None

    def make_tasks(self) -> None:
        """Chain the stages."""
        chain(self.jobs, self.validators, self.publishers)
