"""The demo's own work, with real servers and a stand-in for `dagwright run`: what it shows and how it ends."""

import functools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STAND_IN = Path(__file__).with_name("stand_in.py")
OK = r"{} +[0-9]+  ([0-9a-f]{{16}})  \1  OK"


def command(behaviour: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "demo", "--dagwright", f"'{sys.executable}' '{STAND_IN}' {behaviour}", *arguments]


def demo(behaviour: str, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "AIRFLOW_CONN_AWS_DEFAULT": "aws://", "AWS_PROFILE": "none"}
    done = subprocess.run(
        command(behaviour, *arguments),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert not list(tmp_path.iterdir()), "temporary files are left"
    assert "Traceback" not in done.stderr
    return done


def test_equal_files_are_shown_and_the_exit_code_is_0(tmp_path: Path):
    done = demo("obey", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("SFTP  penguins.csv", "SFTP  species.csv", "S3    public/penguins.csv", "S3    public/species.csv"):
        assert re.search(OK.format(re.escape(name)), done.stdout), done.stdout
    assert "All 4 published files are" in done.stdout
    # The temporary folder's name is as long as it is; everything else fits a small terminal.
    assert max(len(line.replace(str(tmp_path), "/tmp")) for line in done.stdout.splitlines()) <= 80
    assert done.stderr == ""


def test_broken_row_publishes_nothing_and_the_exit_code_is_1(tmp_path: Path):
    done = demo("obey", tmp_path, "--break-row")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PENGUINS_BREAK_ROW=7" in done.stdout
    assert "nothing was published: 0 files at the SFTP server, 0 objects in S3" in done.stdout


def test_broken_row_that_is_published_all_the_same_is_told_apart(tmp_path: Path):
    done = demo("publish", tmp_path, "--break-row", "9")
    assert done.returncode == 3
    assert "NOT AS IT SHOULD BE: the run's exit code is 0, 4 files were published" in done.stdout


def test_altered_missing_and_stray_files_fail(tmp_path: Path):
    done = demo("spoil", tmp_path)
    assert done.returncode == 1
    for line in (
        "SFTP  left/.penguins.csv.part .* STRAY",
        "SFTP  penguins.csv .* DIFFERS",
        "SFTP  species.csv .* MISSING",
    ):
        assert re.search(f"^{line}$", done.stdout, re.MULTILINE), done.stdout
    assert "FAILED: the run's exit code is 0; see the table" in done.stdout


def test_failed_run_fails(tmp_path: Path):
    done = demo("fail", tmp_path)
    assert done.returncode == 1
    assert "FAILED: the run's exit code is 1; see the table" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_leaves_nothing_behind(tmp_path: Path, number: signal.Signals):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    # Whoever runs tests in the background has them ignore Ctrl-C, and a process hands that down.
    heed = functools.partial(signal.signal, number, signal.SIG_DFL)
    with subprocess.Popen(
        command("wait"),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=heed,  # noqa: PLW1509  no threads here
    ) as process:
        assert process.stdout is not None
        port = ""
        for line in process.stdout:
            port = line.partition("sftp://127.0.0.1:")[2].partition(" ")[0] or port
            if line.startswith("waiting in"):
                break
        process.send_signal(number)
        assert process.wait(timeout=60) == 130
    assert port
    assert not list(tmp_path.iterdir())
