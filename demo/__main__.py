"""Run the typical example end to end and show what arrived where: `python -m demo [--break-row]`.

Starts an SFTP server and an S3 endpoint on ports of 127.0.0.1 that are free, runs the example's YAML file by
`dagwright run` in another process, reads back what was published and compares it with the run's files. Everything
is in a temporary folder that is gone at the end, also after Ctrl-C.

Exit codes: 0 all that was published is what the run made · 1 the run failed or something differs (with --break-row:
the validation failed as it should) · 3 with --break-row: the run went through, or something was published
all the same · 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import yaml

from demo.published import Row, compare, format_rows, read_s3, read_sftp
from tests.integration.servers import s3_server, sftp_server

ROOT = Path(__file__).resolve().parent.parent
DAG_FILE = ROOT / "examples" / "typical" / "dags" / "penguins.yml"
BROKEN_ROW = 7
PATIENCE = 20  # seconds for an interrupted run to end its own jobs


@dataclass(frozen=True, kw_only=True)
class Publishing:
    """What the YAML file says about its targets, by the name that each file gets there."""

    connection_id: str
    sftp: dict[str, str]
    bucket: str
    s3: dict[str, str]


def read_publishing(dag_file: Path) -> Publishing:
    """Read the publishers of the example's file."""
    publishers = yaml.safe_load(dag_file.read_text(encoding="utf-8"))["publishers"]
    sftp, s3 = publishers["sftp"], publishers["s3"]
    return Publishing(
        connection_id=sftp["connection_id"],
        sftp={Path(file).name: file for file in sftp["files"]},
        bucket=s3["bucket"],
        s3={s3["prefix"] + Path(file).name: file for file in s3["files"]},
    )


def forget_the_callers_accounts() -> None:
    """Take away what could lead this process, or the run, away from the servers that are started here."""
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_", "AWS_", "DAGWRIGHT_")):
            del os.environ[name]
    os.environ |= {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # A proxy for the outside world knows nothing of this machine's own ports.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def run(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run the command to its end; an interrupt reaches it first and is passed on."""
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # A terminal sends Ctrl-C to both; where only this process was told, the run hears it from here.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


@contextlib.contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the demo as tidily as Ctrl-C does."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def report(exit_code: int, rows: list[Row], *, broken: bool) -> int:
    """Print what was published and return the demo's exit code."""
    arrived = [row for row in rows if row.published is not None]
    print()
    if broken:
        if exit_code == 1 and not arrived:
            print("The run failed and nothing was published: 0 files at the SFTP server, 0 objects in S3.")
            return 1
        print(
            f"NOT AS IT SHOULD BE: the run's exit code is {exit_code}, {len(arrived)} files were published", flush=True
        )
        return 3
    print(format_rows(rows))
    print()
    if exit_code == 0 and rows and all(row.verdict == "OK" for row in rows):
        print(f"All {len(rows)} published files are, byte for byte, what the run made.")
        return 0
    print(f"FAILED: the run's exit code is {exit_code}; see the table", flush=True)
    return 1


def demonstrate(dagwright: Sequence[str], broken_row: int | None) -> int:
    """Start the servers, run the example, compare, stop the servers; return the exit code."""
    publishing = read_publishing(DAG_FILE)
    with (
        tempfile.TemporaryDirectory(prefix="dagwright-demo-") as temporary,
        contextlib.ExitStack() as stack,
    ):
        folders = {name: Path(temporary, name) for name in ("sftp", "workspace", "home")}
        for folder in folders.values():
            folder.mkdir()
        sftp = stack.enter_context(sftp_server(folders["sftp"]))
        s3 = stack.enter_context(s3_server())
        s3.create_bucket(publishing.bucket)
        print("Dagwright demo: one YAML file runs jobs, validates files and publishes them\n")
        print("  data  344 penguins, shipped by the package palmerpenguins")
        print(f"  SFTP  {sftp.address} (password; host key checked)")
        print(f"  S3    {s3.url} (bucket '{publishing.bucket}')")
        if broken_row is not None:
            print(f"  row   {broken_row} of the cleaned data gets a negative weight: PENGUINS_BREAK_ROW={broken_row}")
        arguments = ["run", str(DAG_FILE.relative_to(ROOT)), "--env", "dev"]
        places = ["--workspace", str(folders["workspace"]), "--home", str(folders["home"])]
        print(f"\n$ dagwright {shlex.join(arguments)} \\")
        print(f"    {shlex.join(places[:2])} \\\n    {shlex.join(places[2:])}\n", flush=True)
        environment = {
            **os.environ,
            **sftp.environment(publishing.connection_id),
            **s3.environment("aws_default"),
            "PENGUINS_BREAK_ROW": "" if broken_row is None else str(broken_row),
        }
        exit_code = run([*dagwright, *arguments, *places], environment)
        rows = [
            *compare("SFTP", publishing.sftp, read_sftp(sftp), folders["workspace"]),
            *compare("S3", publishing.s3, read_s3(s3, publishing.bucket), folders["workspace"]),
        ]
        return report(exit_code, rows, broken=broken_row is not None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m demo",
        description="Run examples/typical against an SFTP server and an S3 endpoint started here.",
    )
    parser.add_argument(
        "--break-row",
        type=int,
        nargs="?",
        const=BROKEN_ROW,
        metavar="N",
        help=f"spoil row N of the cleaned data (default {BROKEN_ROW}): the validation fails and nothing is published",
    )
    parser.add_argument(
        "--dagwright",
        type=shlex.split,
        default=[str(Path(sys.executable).with_name("dagwright"))],
        metavar="COMMAND",
        help="the command to run instead of this environment's dagwright",
    )
    options = parser.parse_args(arguments)
    forget_the_callers_accounts()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the S3 endpoint's line for every request
    try:
        with terminate_as_interrupt():
            return demonstrate(options.dagwright, options.break_row)
    except KeyboardInterrupt:
        print("\ninterrupted; servers stopped, temporary files removed", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
