"""What a program costs, and how two of them compare on a noisy machine.

Programs are started in rounds; what is compared are the ratios within a round. The median of the ratios comes with the
exact 95 % interval that order statistics give it (the binomial distribution's, no assumption about the noise).
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Cost", "Ratio", "ratio_of", "run"]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one process cost: seconds, CPU seconds (user and system), bytes at most, and what it printed."""

    wall: float
    cpu: float
    memory: int
    printed: str


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """The median of ratios and the interval that holds the true median in 95 of 100 cases.

    Fewer than six rounds give no such interval: it is then that from the smallest to the largest ratio.
    """

    median: float
    low: float
    high: float
    rounds: int


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
    return Cost(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=usage.ru_maxrss * 1024, printed=printed)


def ratio_of(numerators: Sequence[float], denominators: Sequence[float]) -> Ratio:
    """Return the median of the ratios within the rounds."""
    ratios = sorted(above / below for above, below in zip(numerators, denominators, strict=True))
    low, high = _interval(len(ratios))
    return Ratio(median=statistics.median(ratios), low=ratios[low], high=ratios[high], rounds=len(ratios))


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
