"""What `.airflowignore` hides from Airflow, it hides from Dagwright, and nothing else.

Airflow is asked for the Python files that it finds, so the trees consist of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.utils.file import list_py_file_paths

from dagwright.project import ProjectConfig

FILES = [
    f"{folder}{name}"
    for folder in ("", "dags/", "dags/x/", "dags/x/y/", "dags/tests/", "other/x/")
    for name in ("a.py", "b.py", "test_a.py", "a b.py", "ü.py")
]

RULES = [
    {"": "x\n"},
    {"": "x/\n!dags/x/\n"},
    {"": "/x\n/dags/x\n"},
    {"": "dags/*/a.py\n**/y/*\n"},
    {"": "*.py\n!a.py\n!dags/b.py\n"},
    {"": "dags/**\n!dags/a.py\n"},
    {"": "dags/*\n!dags/x\n"},
    {"": "test_*  # tests\n\n   # nothing\na\\ b.py\n"},
    {"": "a b.py\nü.*\n"},
    {"": "[a-b].py\n!dags/x/[!a].py\n"},
    {"": "?.py\nother\n", "dags/": "!?.py\n/x/a.py\n", "dags/x/": "!a.py\ny/\n"},
    {"dags/": "/tests\nx/y\n", "dags/x/": "*\n!b.py\n", "other/": "x/\n"},
    {"": "*\n", "dags/": "!*\n"},
    {"": "*\n!*/\n!dags/a.py\n"},
    {"": "a.py/\n/\n"},
    {"": "dags/x/\n!x\nother/\n"},
]


@pytest.mark.filterwarnings("ignore:GitWildMatchPattern:DeprecationWarning")  # Airflow's own use of pathspec
@pytest.mark.parametrize("rules", RULES)
def test_both_leave_the_same_files(tmp_path: Path, rules: dict[str, str]) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    for folder, text in rules.items():
        (tmp_path / folder / ".airflowignore").write_text(text)

    theirs = {Path(path).relative_to(tmp_path).as_posix() for path in list_py_file_paths(tmp_path, safe_mode=False)}
    ours, _ = ProjectConfig(root=tmp_path, dags=("**/*.py",)).dag_files()
    assert {file.name for file in ours} == theirs
