"""Writes what can be computed of the documentation: `builtins.md` from the factories, `images/typical.svg` from a DAG.

`python docs/make_pages.py` writes both; a test compares what it would write with what is there. The picture needs
Airflow, the page does not.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from dagwright import DagFactory, LoadError, OperatorFactory, TaskArgs, load
from dagwright.graph import format_svg
from dagwright.model.options import options_of
from dagwright.model.registry import Filler, Registry, build_registry
from dagwright.model.shapes import (
    ClassShape,
    FieldShape,
    LeafShape,
    ListShape,
    MapShape,
    Shape,
    SlotShape,
    UnionShape,
    kind_of_class,
)

DOCS = Path(__file__).parent
_INTRODUCTION = """# Built-in factories

All of them are registered as a third party's are. `dagwright describe NAME` says the same on the command line. This
page is made from the classes by `python docs/make_pages.py`.

A field without a default is required. Where a type says *slot*, [any registered class](slots.md) below it fits.
"""
_TEXTS = {
    "duration": "duration",
    "file": "file of the project",
    "folder": "folder of the project",
    "moment": "date and time",
}
_LINKS = {"schedule": "[schedule](factories.md#dag-factories)"}
_STAGE_TYPES = frozenset({"jobs", "validators", "publishers"})
STAGES = "Stages of a typical DAG"
PARTS = "Parts of the above"


def format_builtins(registry: Registry) -> str:
    """Return the text of builtins.md."""
    fillers = sorted(registry.fillers.values(), key=lambda filler: options_of(filler.cls).type_name)
    sections: dict[str, list[Filler]] = {title: [] for title in ("DAG factories", "Operator factories", "Runtimes")}
    for filler in fillers:
        sections.setdefault(section(registry, filler), []).append(filler)
    last = {title: sections.pop(title, []) for title in (PARTS, STAGES)}
    parts = [_INTRODUCTION]
    for title, inside in {**sections, **last}.items():
        parts.append(f"## {title}\n")
        parts += [_factory(registry, filler) for filler in inside]
    own = _own(registry, OperatorFactory)
    parts.append(f"## Every task\n\nEvery operator factory has these fields as well.\n\n{own}\n")
    parts.append(
        "`task_args` are arguments of Airflow's `BaseOperator`, the DAG's (its `default_args`) for every task, a "
        "factory's for everything inside; what a factory sets itself wins, then the nearest. The known ones: "
        f"{_task_args()}. Which of them the installed Airflow lacks, `dagwright check --render` says.\n"
    )
    parts.append(
        "## Every DAG\n\nEvery DAG factory has these fields as well; null leaves each to Airflow, whose documentation "
        "says what those without a description here mean.\n\n"
        f"{_own(registry, DagFactory)}\n"
    )
    parts.append(f"## Slots\n\n{_slots(registry)}")
    return "\n".join(parts)


def section(registry: Registry, filler: Filler) -> str:
    """Return the title under which a class stands; components stand under their slot's, in the plural."""
    if options_of(filler.cls).type_name in _STAGE_TYPES:
        return STAGES
    kind = kind_of_class(filler.cls)
    if kind != "component":
        return {"dag": "DAG factories", "operator": "Operator factories"}[kind]
    slots = [
        slot for slot in registry.slots() if any(filler in fillers for fillers in registry.slot_names(slot).values())
    ]
    return f"{options_of(slots[0]).type_name.capitalize()}s" if slots else PARTS


def _factory(registry: Registry, filler: Filler) -> str:
    shape = registry.shapes.of_class(filler.cls)
    base: type = {"operator": OperatorFactory, "dag": DagFactory}.get(shape.kind, object)
    inherited = {field.name for field in dataclasses.fields(base)} if dataclasses.is_dataclass(base) else set()
    fields = [field for field in shape.fields.values() if field.attribute not in inherited]
    names = " or ".join(f"`{name}`" for name in sorted(_names(registry, filler), key=lambda name: (len(name), name)))
    text, example = _documentation(filler.cls)
    parts = [f"### {options_of(filler.cls).type_name}\n", f"{text}\n", _table(fields)]
    if names:
        parts.insert(1, f"Type: {names}.\n")
    if shorthand := options_of(filler.cls).shorthand:
        parts.insert(-1, f"A bare value stands for its `{shorthand}`.\n")
    if example:
        parts.append(f"\n{example}")
    return "\n".join(parts) + "\n"


def _names(registry: Registry, filler: Filler) -> set[str]:
    return {
        name for slot in registry.slots() for name, fillers in registry.slot_names(slot).items() if filler in fillers
    }


def _documentation(cls: type) -> tuple[str, str]:
    """Return a class's docstring without its sections, and its example."""
    doc = inspect.cleandoc(cls.__doc__ or "")
    text = doc.partition("\nAttributes:\n")[0].partition("\nExample:\n")[0].strip()
    example = inspect.cleandoc(doc.partition("\nExample:\n")[2])
    return text, example


def _own(registry: Registry, cls: type) -> str:
    shape: ClassShape = registry.shapes.of_class(cls)
    return _table(list(shape.fields.values()))


def _table(fields: list[FieldShape]) -> str:
    rows = ["| field | type | default | |", "|---|---|---|---|"]
    for field in fields:
        default = "" if field.required else f"`{_default(field.default)}`"
        rows.append(
            f"| `{field.name}` | {_type(field.shape)} | {default} | {field.description.replace('|', '&#124;')} |"
        )
    return "\n".join(rows)


def _default(value: Any) -> str:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return json.dumps({"type": options_of(type(value)).type_name}).replace('"', "")
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
    return json.dumps(value)


def _type(shape: Shape) -> str:
    match shape:
        case LeafShape():
            return _leaf(shape)
        case ListShape():
            return f"list of {_type(shape.item)}"
        case MapShape():
            return f"mapping of names to {_type(shape.value)}"
        case SlotShape():
            return f"slot [`{options_of(shape.base).type_name}`](#slots)"
        case UnionShape():
            return " or ".join([*(_type(member) for member in shape.members), *(["null"] if shape.nullable else [])])
        case ClassShape():
            name = shape.options.type_name
            return "mapping" if shape.kind == "data" else _LINKS.get(name) or f"[`{name}`](#{name})"
        case _:
            raise TypeError(shape)


def _leaf(shape: LeafShape) -> str:
    if shape.text is not None:
        return _TEXTS[shape.text]
    if get_origin(shape.annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(shape.annotation))
    if len(shape.kinds) == 7:
        return "anything"
    kinds = shape.kinds - {"integer"} if "number" in shape.kinds else shape.kinds
    words = {"object": "mapping", "array": "list"}
    return " or ".join(sorted((words.get(kind, kind) for kind in kinds), key=lambda kind: (kind == "null", kind)))


def _task_args() -> str:
    return ", ".join(f"`{name}`" for name in TaskArgs.__annotations__)


def _slots(registry: Registry) -> str:
    rows = ["| slot | default | filled by |", "|---|---|---|"]
    for slot in registry.slots():
        options = options_of(slot)
        names = ", ".join(f"`{name}`" for name in registry.type_names(slot))
        default = f"`{options.default_type}`" if options.default_type else ""
        rows.append(f"| `{options.type_name}` (`{slot.__module__}.{slot.__qualname__}`) | {default} | {names} |")
    return "\n".join(rows) + "\n"


def builtin_registry() -> Registry:
    """Return a registry of the built-in factories and nothing else that is installed."""
    registry, problems = build_registry(["dagwright.builtin"], plugins=False)
    if problems:
        raise LoadError(problems)
    return registry


def typical_picture() -> str:
    """Return the picture of the DAG in examples/typical."""
    from dagwright.render import dag_graph  # noqa: PLC0415  the page needs no Airflow

    dag_file = DOCS.parent / "examples" / "typical" / "dags" / "penguins.yml"
    return format_svg(dag_graph(load(dag_file, env="dev").make_dag()))


def main() -> None:
    """Write both files."""
    DOCS.joinpath("builtins.md").write_text(format_builtins(builtin_registry()), encoding="utf-8")
    DOCS.joinpath("images").mkdir(exist_ok=True)
    DOCS.joinpath("images", "typical.svg").write_text(typical_picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
