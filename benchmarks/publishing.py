"""`python -m benchmarks.publishing`: the memory of a worker that publishes a large file, for every publisher.

Each publisher runs in a process of its own that is idle first, with Airflow imported as in any task; what it needs
above that, its SDK included, is the number. Servers run in other processes, on loopback: asyncssh, moto, an emulator of
Google Cloud Storage, and Azurite. They hold what they get in memory or on this disk, so the times are mostly theirs.
Publishers whose packages or servers are not installed are left out, and named.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["main"]

_LIMIT_MB = 200
_TARGETS = ("file", "sftp", "s3", "gcs", "azure_blob")
_MB = 1_000_000


def _name_tests() -> None:
    """Let `tests` be this repository's, whatever else is installed under the name (a dependency of `gcs` is)."""
    tests = ModuleType("tests")
    tests.__path__ = [str(Path(__file__).parent.parent / "tests")]
    sys.modules["tests"] = tests


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark and print a table; 1 where a publisher needs too much."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publishing", description="memory of publishing")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--gzip", action="store_true", help="compress on the way")
    parser.add_argument(
        "targets", nargs="*", metavar="PUBLISHER", help=f"some of {', '.join(_TARGETS)}; all by default"
    )
    options = parser.parse_args(arguments)
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="dagwright-bench-") as folder:
        workspace = Path(folder, "workspace")
        _write(workspace / "out/large.bin", options.megabytes * _MB)
        print(f"publishing {options.megabytes} MB{', compressed' if options.gzip else ''}")
        print(f"{'publisher':<12}{'idle MB':>9}{'peak MB':>9}{'above MB':>10}{'seconds':>9}")
        for target in options.targets or _TARGETS:
            missing = _missing(target)
            if missing:
                print(f"{target:<12} left out: {missing} is not installed")
                continue
            with _process("server", target, folder) as server:
                place = json.loads(server.stdout.readline())
                found = _measure(target, workspace, place, options.gzip)
            worst = max(worst, found["peak"] - found["idle"])
            row = (found["idle"], found["peak"], found["peak"] - found["idle"])
            print(f"{target:<12}{row[0]:>9.0f}{row[1]:>9.0f}{row[2]:>10.0f}{found['seconds']:>9.1f}", flush=True)
    print(f"the most: {worst:.0f} MB above the idle worker; the limit is {_LIMIT_MB} MB")
    return int(worst > _LIMIT_MB)


def _missing(target: str) -> str | None:
    from tests.servers.azurite import find_azurite

    needs = {"sftp": ["asyncssh", "paramiko"], "s3": ["moto", "boto3"], "gcs": ["gcsfs", "gcp_storage_emulator"]}
    needs["azure_blob"] = ["adlfs"]
    for module in needs.get(target, []):
        if find_spec(module) is None:
            return module
    return "azurite" if target == "azure_blob" and find_azurite() is None else None


def _write(path: Path, size: int) -> None:
    """Write bytes that nothing can compress much."""
    path.parent.mkdir(parents=True)
    block = b"".join(hashlib.sha256(bytes([high, low])).digest() for high in range(128) for low in range(256))
    with path.open("wb") as file:
        while size > 0:
            size -= file.write(block[:size])


@contextmanager
def _process(*arguments: str) -> Iterator[Any]:
    environment = {**os.environ, "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "benchmarks.publishing", "--", f"_{arguments[0]}", *arguments[1:]]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.communicate()  # the end of its input ends it


def _measure(target: str, workspace: Path, place: dict[str, Any], gzip: bool) -> dict[str, float]:
    with _process("worker", target, str(workspace), json.dumps({**place, "gzip": gzip})) as worker:
        text = worker.stdout.read()
    lines = [line for line in text.splitlines() if line.startswith("measured ")]
    if not lines:
        raise SystemExit(f"{target}: the worker failed\n{text[-2000:]}")
    found: dict[str, float] = json.loads(lines[-1].removeprefix("measured "))
    return found


def _serve(target: str, folder: str) -> None:
    """Run a server until the end of the input, and say where it is."""
    root = Path(folder, target)
    root.mkdir()
    with _server(target, root) as place:
        print(json.dumps(place), flush=True)
        sys.stdin.read()


@contextmanager
def _server(target: str, root: Path) -> Iterator[dict[str, Any]]:
    if target == "sftp":
        from tests.integration.servers import sftp_server

        with sftp_server(root) as sftp:
            yield {"connection": sftp.connection(), "directory": "in"}
    elif target == "s3":
        from tests.integration.servers import s3_server

        with s3_server() as s3:
            yield {"connection": s3.connection(), "bucket": s3.create_bucket("bench")}
    elif target == "gcs":
        from tests.servers.gcs import gcs_server

        with gcs_server() as gcs:
            yield {"connection": gcs.connection(), "bucket": gcs.create_bucket("bench")}
    elif target == "azure_blob":
        from tests.servers.azurite import azure_server

        with azure_server(root) as azure:
            azure.container("bench")
            yield {"connection": azure.connection(), "container": "bench"}
    else:
        yield {"folder": str(root)}


def _work(target: str, workspace: str, place: dict[str, Any]) -> None:
    """Publish as a task does, and say what it took."""
    with tempfile.TemporaryDirectory(prefix="dagwright-home-") as home:
        os.environ["AIRFLOW_HOME"] = home
        import airflow.sdk  # noqa: F401  the idle worker

        from dagwright.runtime.workspace import RunWorkspace

        idle = _status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from now on
        if "connection" in place:
            os.environ["AIRFLOW_CONN_BENCH"] = place.pop("connection")
            place["connection_id"] = "bench"
        began = time.perf_counter()
        (published,) = _publish(target)(RunWorkspace(Path(workspace)), ["out/large.bin"], **place)
        seconds = time.perf_counter() - began
        peak = _status("VmHWM")
    print(f"{published.bytes} bytes as {published.target}")
    print("measured " + json.dumps({"idle": idle, "peak": peak, "seconds": seconds}))


def _publish(target: str) -> Callable[..., Any]:
    if target == "sftp":
        from dagwright.runtime.publish_sftp import publish_to_sftp

        return publish_to_sftp
    if target == "s3":
        from dagwright.runtime.publish_s3 import publish_to_s3

        return publish_to_s3
    if target == "file":
        from dagwright.runtime.publish_file import publish_to_folder

        return lambda *given, folder, **how: publish_to_folder(*given, folder=Path(folder), **how)
    from dagwright.runtime.publish_objects import publish_to_azure_blob, publish_to_gcs

    return publish_to_gcs if target == "gcs" else publish_to_azure_blob


def _status(name: str) -> float:
    """Return a size of this process in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / _MB
    raise LookupError(name)


if __name__ == "__main__":
    _name_tests()
    match sys.argv[1:]:
        case ["--", "_server", target, folder]:
            _serve(target, folder)
        case ["--", "_worker", target, workspace, place]:
            _work(target, workspace, json.loads(place))
        case _:
            sys.exit(main())
