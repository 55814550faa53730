"""Where output goes: each task's into its own file, nothing onto the screen, no secret anywhere."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dagwright.adapters.local import Home, TaskEvent, run_dag
from tests.integration.adapters.conftest import Run

if TYPE_CHECKING:
    from airflow.sdk import DAG


def test_all_ways_to_say_something_end_in_the_tasks_file(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    def make() -> DAG:
        import structlog
        from airflow.sdk import DAG, BaseOperator, task

        class Talking(BaseOperator):
            def execute(self, context: Any) -> Any:
                self.log.info("self.log says %s", "hello")
                self.log.debug("too low")

        with DAG("talk", schedule=None) as dag:
            Talking(task_id="operator")

            @task
            def function() -> None:
                print("print says hello")
                print(file=sys.stderr)
                sys.stderr.write("stderr says hello\n")
                sys.stdout.buffer.write(b"bytes say hello\n")
                logging.getLogger("somebody.else").warning("logging says %s", "hello")
                structlog.get_logger("third.party").error("structlog says hello", answer=42)
                os.write(1, b"descriptor says hello\n")
                subprocess.run(["sh", "-c", "echo child says hello; echo child errs >&2"], check=True)
                subprocess.run(["echo", "handed-on stdout says hello"], check=True, stdout=sys.stdout)
                thread = threading.Thread(target=print, args=("thread says hello",))
                thread.start()
                thread.join()
                print("two\nlines")
                print("print without newline", end="")

            @task
            def last() -> None:
                print("only here")

            function() >> last()
        return dag

    print("before")
    ran = run(make)
    print("after")
    log = ran.log("function")
    lines = log.splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d (INFO    |WARNING |ERROR   ) ", line) for line in lines)
    for said in (
        "INFO     print says hello",
        "INFO     stderr says hello",
        "INFO     bytes say hello",
        "WARNING  logging says hello",
        "ERROR    structlog says hello answer=42",
        "INFO     descriptor says hello",
        "INFO     child says hello",
        "INFO     child errs",
        "INFO     handed-on stdout says hello",
        "INFO     thread says hello",
        "INFO     two",
        "INFO     lines",
    ):
        assert [line[9:] for line in lines].count(said) == 1, said
    # Airflow 3.2 prints on the same line.
    assert lines[-1][9:].startswith("INFO     print without newline")
    assert "INFO     self.log says hello" in ran.log("operator")
    assert "too low" not in ran.log("operator")
    assert "only here" in ran.log("last")
    assert "hello" not in ran.log("last")
    assert "only here" not in log
    assert capfd.readouterr() == ("before\nafter\n", "")


def test_a_traceback_begins_at_the_operator(run: Run) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, BaseOperator

        class Failing(BaseOperator):
            def execute(self, context: Any) -> Any:
                try:
                    int("inner")
                except ValueError as error:
                    raise RuntimeError("outer") from error

        with DAG("traceback", schedule=None) as dag:
            Failing(task_id="failing")
        return dag

    lines = run(make).log("failing").splitlines()
    start = next(index for index, line in enumerate(lines) if line.endswith("ERROR    Task failed with exception"))
    assert lines[start + 1] == "Traceback (most recent call last):"
    last = lines.index("Traceback (most recent call last):", start + 2)
    assert __file__ in lines[last + 1]
    assert "ValueError: invalid literal for int() with base 10: 'inner'" in lines
    assert lines[-1] == "RuntimeError: outer"


def test_secrets_of_connections_and_variables_are_masked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_VAULT", "ssh://user:gr8-s3cret-pass@example.com")
    monkeypatch.setenv("AIRFLOW_VAR_API_TOKEN", "t0ken-t0ken")

    def make() -> DAG:
        from airflow.sdk import DAG, BaseHook, Variable, task

        with DAG("secrets", schedule=None) as dag:

            @task
            def leak() -> None:
                password = BaseHook.get_connection("vault").password
                token = Variable.get("api_token")
                assert (password, token) == ("gr8-s3cret-pass", "t0ken-t0ken")
                print("print", password, token)
                logging.getLogger("x").info("logging %s %s", password, token)
                subprocess.run(["echo", "child", str(password), str(token)], check=True)
                raise RuntimeError(f"raise {password} {token}")

            leak()
        return dag

    ran = run(make)
    log = ran.log("leak")
    assert "s3cret" not in log
    assert "t0ken" not in log
    for way in ("print", "logging", "child", "RuntimeError: raise"):
        assert f"{way} *** ***" in log
    assert ran.task("leak").log_tail[-1] == "RuntimeError: raise *** ***"
    assert "s3cret" not in (ran.result.log_dir / "run.log").read_text()


def test_what_a_child_said_stands_before_the_error_that_follows(run: Run) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, task

        with DAG("talkative", schedule=None) as dag:

            @task
            def count() -> None:
                subprocess.run(["seq", "10000"], check=True)
                raise RuntimeError("after counting")

            count()
        return dag

    lines = run(make).log("count").splitlines()
    error = next(number for number, line in enumerate(lines) if line[9:].startswith("ERROR "))
    assert lines[error - 1][9:] == "INFO     10000"
    assert lines[-1] == "RuntimeError: after counting"


def test_the_screen_is_the_callers_while_an_event_is_told(
    airflow_home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG, task

        print("making")
        with DAG("screen", schedule=None) as dag:

            @task
            def only() -> None:
                print("inside")

            only()
        return dag

    def show(event: TaskEvent) -> None:
        print(event.state)
        os.write(2, b"raw\n")

    result = run_dag(make, airflow_home, on_event=show)
    assert capfd.readouterr() == ("running\nsuccess\n", "raw\nraw\n")
    assert "INFO     making" in (result.log_dir / "run.log").read_text()


def test_logging_is_the_callers_again_afterwards(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    def make() -> DAG:
        from airflow.sdk import DAG

        return DAG("nothing", schedule=None)

    handlers = list(logging.getLogger().handlers)
    streams = (sys.stdout, sys.stderr)
    run(make)
    assert logging.getLogger().handlers == handlers
    assert (sys.stdout, sys.stderr) == streams
    logging.getLogger("mine").warning("heard")
    assert "heard" in caplog.text


def test_tries_share_a_file_and_runs_do_not(run: Run) -> None:
    def make() -> DAG:
        from datetime import timedelta

        from airflow.sdk import DAG, task

        with DAG("files", schedule=None) as dag:

            @task(retries=1, retry_delay=timedelta(0))
            def failing(ti: Any = None) -> None:
                print(f"try number {ti.try_number}")
                raise RuntimeError

            failing()
        return dag

    first, second = run(make), run(make)
    for ran in (first, second):
        assert re.findall(r"try number \d", ran.log("failing")) == ["try number 1", "try number 2"]
    assert first.result.log_dir != second.result.log_dir
