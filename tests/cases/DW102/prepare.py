"""A data file of 100 MB that took a DAG file's name; sparse, so that it costs no room."""

from pathlib import Path

folder = Path("dags")
folder.mkdir()
with (folder / "rates.dag.yaml").open("wb") as file:
    file.truncate(100 * 1024 * 1024)
