"""Suggestions: cheap ones first, close ones next, the same ones always."""

from __future__ import annotations

import random

import pytest

from dagwright.diagnostics import did_you_mean, did_you_mean_label


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("tarket", ["schema", "tables", "target", "warehouse"], "target"),
        ("Docker-Image", ["docker_image", "image"], "docker_image"),
        ("dockerImage", ["docker_image", "image"], "docker_image"),
        ("NAME", ["names", "name"], "name"),
        ("Name", ["NAME", "name"], "NAME"),
        ("xyz", ["schema", "tables"], None),
        ("", ["a"], None),
        ("a", [], None),
        ("target", ["target"], None),
        ("x" * 1_000_000, ["x" * 99], None),
    ],
)
def test_did_you_mean(word, candidates, meant):
    assert did_you_mean(word, candidates) == meant


def test_the_order_of_the_candidates_does_not_matter():
    candidates = ["taska", "taskb", "taskc", "taskd"]
    shuffled = [random.Random(seed).sample(candidates, 4) for seed in range(20)]
    assert len({did_you_mean("task", some) for some in shuffled}) == 1


def test_the_label():
    assert did_you_mean_label("tarket", ["target"]) == "did you mean 'target'?"
    assert did_you_mean_label("xyz", ["target"]) == ""
