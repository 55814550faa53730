"""The environments of the benchmark: one for each library, made from PyPI with the same pins as Dagwright's own.

    .venv-bench-NAME, in the repository's folder; made anew when what it is made of changes.

dag-factory and airflow-blueprint take any Airflow 3, so that they run on the one that constraints.txt pins.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

__all__ = ["ENVIRONMENTS", "python_of", "versions_of"]

ROOT = Path(__file__).resolve().parent.parent
_PINS = "constraints.txt"
_SHOWN = (
    "apache-airflow-core",
    "apache-airflow-providers-standard",
    "pydantic",
    "PyYAML",
    "dag-factory",
    "airflow-blueprint",
)

# By name: the pins, and what is installed.
ENVIRONMENTS = {
    "dagwright": (_PINS, ("--editable", ".[airflow]")),
    "airflow-3.4": ("tools/matrix/airflow-3.4.txt", ("--editable", ".[airflow]")),
    "dag-factory": (_PINS, ("dag-factory==1.1.0", "apache-airflow", "apache-airflow-providers-standard")),
    "blueprint": (_PINS, ("airflow-blueprint==0.5.0", "apache-airflow", "apache-airflow-providers-standard")),
}


def python_of(name: str) -> str:
    """Return the Python of an environment, which is made where it is missing or out of date."""
    pins, wanted = ENVIRONMENTS[name]
    folder = ROOT / f".venv-bench-{name}"
    stamp = folder / ".made-of"
    python = folder / "bin" / "python"
    texts = [(ROOT / file).read_bytes() for file in (pins, "pyproject.toml")]
    made_of = hashlib.sha256(b"\0".join([*texts, *map(str.encode, wanted)])).hexdigest()
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != made_of:
        print(f"environment {folder.name}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--python", sys.executable, str(folder))
        # A pin without its hashes: uv asks for all of them or none, and a peer needs packages that Dagwright does not.
        lines = (ROOT / pins).read_text(encoding="utf-8").splitlines()
        pinned = [re.sub(r"\s*\\$", "", line) for line in lines if re.match(r"[A-Za-z0-9]", line)]
        (folder / "pins.txt").write_text("\n".join(pinned), encoding="utf-8")
        pre = ["--prerelease", "allow"] if pins != _PINS else []
        _uv(
            "pip", "install", "--python", str(python), "--compile-bytecode", *pre,
            "--constraints", str(folder / "pins.txt"), *wanted,
        )  # fmt: skip
        stamp.write_text(made_of, encoding="utf-8")
    return str(python)


def versions_of(python: str) -> dict[str, str]:
    """Return what is installed in an environment, of the packages that matter."""
    code = (
        "import importlib.metadata as m, json, platform, sys\n"
        "found = {'Python': platform.python_version()}\n"
        "for name in sys.argv[1:]:\n"
        "    try: found[name] = m.version(name)\n"
        "    except m.PackageNotFoundError: pass\n"
        "print(json.dumps(found))\n"
    )
    printed = subprocess.run([python, "-c", code, *_SHOWN], check=True, capture_output=True, text=True).stdout
    return {str(name): str(number) for name, number in json.loads(printed).items()}


def _uv(*arguments: str) -> None:
    found = shutil.which("uv")
    if find_spec("uv") is not None:
        command = [sys.executable, "-m", "uv"]
    elif found is not None:
        command = [found]
    else:
        sys.exit("error: uv is missing: make the environment with `make env`")
    subprocess.run([*command, *arguments, "--quiet"], check=True, cwd=ROOT)
