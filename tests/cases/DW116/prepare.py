"""A link that leads nowhere: its target was moved. Also true for somebody who may read everything."""

from pathlib import Path

Path("dags/prices.dag.yaml").symlink_to("archive/prices.dag.yaml")
