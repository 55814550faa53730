"""Measure programs side by side on a noisy machine.

Every round starts each program once, in an order that turns from round to round; what is compared are the ratios
within a round. The median of the ratios comes with the exact 95 % interval that order statistics give it (the
binomial distribution's, no assumption about the noise).
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Cost", "Ratio", "measure", "ratio_of", "run"]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one process cost: seconds on the clock, CPU seconds (user and system), and what it printed."""

    wall: float
    cpu: float
    printed: str


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """The median of ratios and the interval that holds the true median in 95 of 100 cases."""

    median: float
    low: float
    high: float


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if process.returncode != 0:
        raise RuntimeError(f"{list(command)} failed:\n{printed}")
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, printed=printed)


def measure(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], rounds: int
) -> dict[str, list[Cost]]:
    """Run each program once per round, after one round that warms caches and is not counted."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    names = list(commands)
    for number in range(-1, rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            cost = run(commands[name], environment)
            if number >= 0:
                costs[name].append(cost)
    return costs


def ratio_of(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Return the median of the ratios within the rounds."""
    ratios = sorted(above / below for above, below in zip(numerators, denominators, strict=True))
    low, high = _interval(len(ratios))
    return Ratio(median=statistics.median(ratios), low=ratios[low], high=ratios[high])


def _interval(count: int) -> tuple[int, int]:
    """Return the places of the sorted values between which the median lies in 95 of 100 cases."""
    outside, cut = 0.0, 0
    while cut < count // 2:
        outside += math.comb(count, cut) / 2**count
        if outside > 0.025:
            break
        cut += 1
    first = max(cut - 1, 0)
    return first, count - 1 - first
