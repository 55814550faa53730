"""A file that some program wrote, with two hundred lists inside each other."""

from pathlib import Path

folder = Path("dags")
folder.mkdir()
(folder / "rates.dag.yaml").write_text("tags: " + "[" * 200 + "]" * 200 + "\n")
