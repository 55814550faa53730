"""A try recognises what earlier tries of its own left, and touches nothing else."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from dagwright.runtime.identity import RunIdentity
from dagwright.runtime.part_names import PartNames

RUN = RunIdentity(dag_id="rates", run_id="manual__1", task_id="publish")
NOW = time.time()


@pytest.mark.parametrize(
    ("by", "age", "is_left"),
    [
        (RUN, 0, True),
        (replace(RUN, run_id="manual__2"), 60, False),  # may be at work right now
        (replace(RUN, run_id="manual__2"), 100_000, True),
        (replace(RUN, task_id="other"), 100_000, False),
        (replace(RUN, dag_id="other"), 100_000, False),
        (None, 100_000, False),
    ],
)
def test_whose_it_is(by: RunIdentity | None, age: float, is_left: bool):
    name = PartNames(by).new("rates.csv")

    assert PartNames(RUN).is_left(name, NOW - age) is is_left
    assert PartNames.target(name) == "rates.csv"


def test_a_server_that_knows_no_times():
    assert PartNames(RUN).is_left(PartNames(RUN).new("a"), None)
    assert not PartNames(RUN).is_left(PartNames(replace(RUN, run_id="x")).new("a"), None)


@pytest.mark.parametrize(
    "name", ["rates.csv", ".rates.csv.part", ".a.0123456789ab01234567-01234567.part.csv", "..part"]
)
def test_a_file_of_somebody_else(name: str):
    assert not PartNames(RUN).is_left(name, 0)


def test_two_tries_use_two_names():
    assert PartNames(RUN).new("a") != PartNames(RUN).new("a")


def test_nobody_knows_whose_it_is():
    nobody = PartNames(None)

    assert not nobody.is_left(nobody.new("a"), 0)
