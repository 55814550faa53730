"""The example's jobs on the real data set, as the example's file calls them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "typical"


def test_commands_of_the_file_make_every_file_that_is_validated_and_published(tmp_path: Path):
    document = yaml.safe_load((EXAMPLE / "dags" / "penguins.yml").read_text(encoding="utf-8"))
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    for job in document["jobs"]["job_definitions"]:
        subprocess.run(
            ["/bin/sh", "-c", job["command"]],
            cwd=tmp_path,
            env={"PATH": path, "PYTHONPATH": str(EXAMPLE / "jobs")},
            check=True,
        )
    validated = [file["path"] for file in document["validators"]["files"]]
    assert validated == document["publishers"]["sftp"]["files"] == document["publishers"]["s3"]["files"]
    assert {file: len((tmp_path / file).read_text(encoding="utf-8").splitlines()) for file in validated} == {
        "out/penguins.csv": 334,
        "out/species.csv": 6,
    }
    # The data set as the package ships it; another release of it would be news.
    digest = hashlib.sha256((tmp_path / "raw" / "penguins.csv").read_bytes()).hexdigest()
    assert digest == "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"
