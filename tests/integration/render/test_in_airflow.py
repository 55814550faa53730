"""A Python file in a dags folder that loads a DAG file, in Airflow's own processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FACTORIES = """
from dagwright import OperatorFactory


class Login(OperatorFactory):
    password: str

    def make_operator(self):
        try:
            raise ValueError(f"{self.password} is too short")
        except ValueError as error:
            raise RuntimeError(f"no login with {self.password}") from error
"""
FILES = {
    "dagwright.toml": 'factories = ["logins"]\n[vars]\npassword = {from_env = "LOGIN_PASSWORD"}\n',
    "logins.py": FACTORIES,
    "dags/good.dag.yaml": """
tasks:
  tell: {type: operator, class: airflow.providers.standard.operators.bash.BashOperator, args: {bash_command: say.sh}}
  after: {type: operator, depends_on: [tell], class: airflow.providers.standard.operators.empty.EmptyOperator}
""",
    "dags/say.sh": "echo it works in '{{ dagwright_workspace() }}' > \"$AIRFLOW_HOME/said\"; # a template\n",
    "dags/misspelt.dag.yaml": "tasks:\n  a: {type: operatr}\n  b: {type: login, pasword: x}\n",
    "dags/secret.dag.yaml": 'tasks:\n  a: {type: login, password: "${{ vars.password }}"}\n',
    "dags/two.dag.yaml": 'tasks:\n  a: {type: login, password: x}\n  b: {type: login, password: "y"}\n',
}
BAG = """
import json
try:
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # before Airflow 3.2
    from airflow.models.dagbag import DagBag
bag = DagBag({folder!r})
print(json.dumps({{
    "dags": {{dag.dag_id: [dag.relative_fileloc, dag.task_ids] for dag in bag.dags.values()}},
    "errors": bag.import_errors,
}}))
"""


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run a Python command in a fresh home of Airflow, whose dags folder has a file for each DAG file of a project."""
    home = tmp_path_factory.mktemp("home")
    project = home / "project"
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    (home / "dags").mkdir()
    for file in (project / "dags").glob("*.yaml"):
        name = file.name.partition(".")[0]
        (home / "dags" / f"{name}.py").write_text(
            f"# airflow dag\nimport dagwright\n\ndag = dagwright.load({str(file)!r}).make_dag()\n"
        )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DAGWRIGHT"))}
    environment |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "LOGIN_PASSWORD": "hunter2-hunter2",
        "NO_COLOR": "1",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "hunter2" not in done.stdout + done.stderr
        return done.stdout

    run.home = home  # type: ignore[attr-defined]  # tests look into it
    return run


@pytest.fixture(scope="module")
def bag(airflow: Any) -> dict[str, Any]:
    bag: dict[str, Any] = json.loads(airflow("-c", BAG.format(folder=str(airflow.home / "dags"))).splitlines()[-1])
    return bag


def error_in(bag: dict[str, Any], name: str) -> str:
    (text,) = (text for file, text in bag["errors"].items() if Path(file).name == name)
    return str(text)


def test_a_good_file_is_a_dag_and_the_others_are_import_errors(bag):
    assert list(bag["dags"]) == ["good"]
    # By this a worker finds the file to parse, wherever `fileloc` points.
    assert Path(bag["dags"]["good"][0]).name == "good.py"
    assert bag["dags"]["good"][1] == ["tell", "after"]
    assert sorted(Path(file).name for file in bag["errors"]) == ["misspelt.py", "secret.py", "two.py"]


def test_an_import_error_shows_the_places_in_the_dag_file(bag):
    text = error_in(bag, "misspelt.py")

    assert "error[DW201]: unknown type 'operatr'" in text
    assert "--> dags/misspelt.dag.yaml:2:13" in text
    assert "error[DW203]: unknown field 'pasword'" in text
    assert "--> dags/misspelt.dag.yaml:3:20" in text


def test_an_import_error_shows_every_factory_that_fails(bag):
    text = error_in(bag, "two.py")

    assert text.count("error[DW501]: login raises RuntimeError: no login with") == 2
    assert "--> dags/two.dag.yaml:3:3" in text
    assert text.count("raised at logins.py:12 in Login.make_operator") == 2


def test_an_import_error_holds_no_secret(bag):
    text = error_in(bag, "secret.py")

    assert "error[DW501]: login raises RuntimeError: no login with ***" in text
    assert "is too short" not in text  # the exception behind it, which nobody could clean


def test_dags_test_runs_it(airflow):
    airflow("-m", "airflow", "db", "migrate")
    airflow("-m", "airflow", "dags", "test", "good")

    said = (airflow.home / "said").read_text()
    assert "it works in" in said
    assert "/dagwright/workspaces/good/manual__" in said
