"""The example of docs/project.md says what really holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs/project.md"
BLOCK = re.compile(r"^```\w+ (?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def example(root: Path, write) -> Path:
    files = {match["name"]: match["text"] for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    assert files.keys() == {"dagwright.toml", "dags/finance/defaults.yaml"}
    write({**files, "dags/finance/report.dag.yaml": "tasks: {}\n", "dags/typical/a.yml": "jobs: {}\n"})
    return root


@pytest.mark.parametrize(
    ("env", "layers", "bucket", "retries", "allowed"),
    [
        (None, ["dagwright.toml", "dags/finance/defaults.yaml"], "finance-dev", 2, set[str]()),
        ("dev", ["dagwright.toml", "dags/finance/defaults.yaml"], "finance-dev", 2, {"process"}),
        (
            "prod",
            [
                "dagwright.toml",
                "dagwright.toml [env.prod]",
                "dags/finance/defaults.yaml",
                "dags/finance/defaults.yaml [env.prod]",
            ],
            "finance-public",
            5,
            set[str](),
        ),
    ],
)
def test_the_example_does_what_its_table_says(example: Path, config, *, env, layers, bucket, retries, allowed) -> None:
    project = config(env=env)
    folder = example / "dags/finance"
    found = project.layers(folder)
    assert [layer.name for layer in found] == layers
    assert found[-1].defaults.plain()["container_job"]["task_args"]["retries"] == retries
    assert project.variables(folder)["bucket"].node.plain() == bucket
    assert project.allow == allowed
    assert project.layer_diagnostics([folder]) == []


def test_the_example_finds_its_files(example: Path, config) -> None:
    files, diagnostics = config().dag_files()
    assert diagnostics == []
    assert [(file.name, file.type) for file in files] == [
        ("dags/finance/report.dag.yaml", None),
        ("dags/typical/a.yml", "typical_dag"),
    ]
