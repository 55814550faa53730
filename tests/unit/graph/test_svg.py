from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest

from dagwright.graph import DagGraph, drawn_edges, format_svg

SVG = "{http://www.w3.org/2000/svg}"


class Rect(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Rect) -> bool:
        return (
            self.left < other.left and self.top < other.top and other.right < self.right and other.bottom < self.bottom
        )

    def meets(self, other: Rect) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def boxes(root: ET.Element) -> dict[str, Rect]:
    found = {}
    for group in root.iter(f"{SVG}g"):
        name = group.get("data-task") or group.get("data-group")
        rect = group.findall(f"{SVG}rect")[-1] if name else None
        if name and rect is not None:
            x, y, width, height = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
            found[name] = Rect(x, y, x + width, y + height)
    return found


def points(path: str) -> list[tuple[float, float]]:
    """Walk along a path of M, C and H, in small steps."""
    x = y = 0.0
    walked: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([MCH])([^MCH]+)", path):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "H":
            walked.extend((x + (values[0] - x) * step / 50, y) for step in range(51))
            x = values[0]
        else:
            x1, y1, x2, y2, x3, y3 = values
            for step in range(51):
                t, u = step / 50, 1 - step / 50
                walked.append(
                    (
                        u**3 * x + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x3,
                        u**3 * y + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y3,
                    )
                )
            x, y = x3, y3
        walked.append((x, y))
    return walked


def check(graph: DagGraph) -> Mapping[str, Rect]:
    """Check what holds for every picture, and return its boxes."""
    text = format_svg(graph)
    root = ET.fromstring(text.encode())
    places = boxes(root)
    assert places.keys() == graph.task_by_id.keys() | graph.group_by_id.keys()
    for group_id in (None, *graph.group_by_id):
        children = graph.children_of(group_id)
        for one, other in combinations(children, 2):
            assert not places[one].meets(places[other]), (one, other)
        for child in children:
            assert group_id is None or places[group_id].holds(places[child]), child
    paths = {
        (path.attrib["data-from"], path.attrib["data-to"]): path.attrib["d"]
        for path in root.iter(f"{SVG}path")
        if "data-from" in path.attrib
    }
    assert paths.keys() == {(edge.upstream, edge.downstream) for edge in drawn_edges(graph)}
    for ends, path in paths.items():
        check_way(graph, places, ends, path)
    return places


def check_way(graph: DagGraph, places: Mapping[str, Rect], ends: tuple[str, str], path: str) -> None:
    """Check that an edge leads from box to box and crosses none but the groups around its ends."""
    way = points(path)
    allowed = {*ends, *graph.groups_around(ends[0]), *graph.groups_around(ends[1])}
    left, right = places[ends[0]], places[ends[1]]
    if left.left > right.left and way[0][0] < way[-1][0]:
        left, right = right, left
    assert abs(way[0][0] - left.right) < 8
    assert left.top < way[0][1] < left.bottom
    assert abs(way[-1][0] - right.left) < 8
    assert right.top < way[-1][1] < right.bottom
    for name, box in places.items():
        if name not in allowed:
            inside = [place for place in way if box.left < place[0] < box.right and box.top < place[1] < box.bottom]
            assert not inside, (ends, name)


@pytest.mark.parametrize("name", ["typical", "warehouse", "nasty"])
def test_boxes_and_edges_of_dags_written_by_hand(name: str, request: pytest.FixtureRequest) -> None:
    check(request.getfixturevalue(name))


def test_one_task_and_none(build) -> None:
    check(build("d", {"only": ("EmptyOperator", [])}))
    check(build("d", {}))


def test_a_wide_fan_out(build) -> None:
    middle = [f"load_{number}" for number in range(20)]
    places = check(
        build("d", {"start": ("", []), **{each: ("", ["start"]) for each in middle}, "end": ("", middle)}),
    )
    assert len({places[each].left for each in middle}) == 1
    assert places["start"].right < places["load_0"].left < places["load_0"].right < places["end"].left


def test_many_tasks_that_nothing_connects_are_a_block(build) -> None:
    places = check(build("d", {f"g.t{number}": ("", []) for number in range(20)}))
    assert len({places[f"g.t{number}"].left for number in range(20)}) > 2


@pytest.mark.parametrize("seed", range(12))
def test_dags_thrown_together(build, seed: int) -> None:
    chance = random.Random(seed)
    tasks: dict[str, tuple[str, list[str]]] = {}
    for number in range(40):
        group = chance.choice(["", "", "a.", "a.b.", "a.b.c.d.e.", "f.", "f.g."])
        tasks[f"{group}t{number}"] = ("Operator", chance.sample(list(tasks), min(len(tasks), chance.choice([0, 1, 2]))))
    names = list(tasks)
    labels = [(up, name, "a label") for name in names[::7] for up in tasks[name][1]]
    check(build("d", tasks, labels=labels, empty_groups=["a.nothing"]))


def test_five_hundred_tasks(build) -> None:
    tasks: dict[str, tuple[str, list[str]]] = {}
    for number in range(500):
        tasks[f"g{number % 20}.t{number}"] = ("Operator", [f"g{number % 20}.t{number - 60}"] if number >= 60 else [])
    assert len(boxes(ET.fromstring(format_svg(build("d", tasks))))) == 520


def test_groups_in_a_circle_are_drawn(build) -> None:
    places = check(build("d", {"g.a": ("", []), "b": ("", ["g.a"]), "g.c": ("", ["b"])}))
    assert places["g"].right < places["b"].left


def test_labels_of_edges_do_not_lie_on_boxes_or_each_other(warehouse: DagGraph) -> None:
    root = ET.fromstring(format_svg(warehouse))
    labels = []
    for group in root.iter(f"{SVG}g"):
        if group.get("class") == "dw-edge-label":
            rect = group.find(f"{SVG}rect")
            assert rect is not None
            x, y, width, height = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
            labels.append(Rect(x, y, x + width, y + height))
    assert len(labels) == 2
    assert not labels[0].meets(labels[1])
    assert not any(label.meets(box) for label in labels for box in boxes(root).values())


def test_long_names_end_in_the_box_and_stand_in_the_title(nasty: DagGraph) -> None:
    root = ET.fromstring(format_svg(nasty).encode())
    long_id = "long_" * 40
    task = next(group for group in root.iter(f"{SVG}g") if group.get("data-task") == long_id)
    title, label = task.find(f"{SVG}title"), task.find(f"{SVG}text")
    assert title is not None
    assert label is not None
    assert (title.text or "").startswith(long_id)
    assert "…" in (label.text or "")
    assert boxes(root)[long_id].right - boxes(root)[long_id].left <= 280


def test_a_setup_and_its_teardown_are_joined_by_a_dashed_line(warehouse: DagGraph) -> None:
    dashed = [path for path in ET.fromstring(format_svg(warehouse)).iter() if "dw-dashed" in path.get("class", "")]
    assert [(path.get("data-from"), path.get("data-to")) for path in dashed] == [("resume_cluster", "pause_cluster")]


def test_nothing_in_the_picture_comes_from_elsewhere(typical: DagGraph) -> None:
    text = format_svg(typical).replace('xmlns="http://www.w3.org/2000/svg"', "")
    for sign in ("<script", "http", "url(", "@import", "href"):
        assert sign not in text


PROGRAM = """
import sys
from dagwright.graph import DagGraph, format_mermaid, format_svg, format_tree
import json
graph = DagGraph.from_json(json.loads(sys.stdin.read()))
sys.stdout.buffer.write((format_svg(graph) + format_mermaid(graph) + format_tree(graph)).encode())
"""


def test_the_same_graph_is_the_same_bytes_in_any_process(warehouse: DagGraph) -> None:
    import json

    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=json.dumps(warehouse.to_json()).encode(),
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().startswith(b"<svg")
