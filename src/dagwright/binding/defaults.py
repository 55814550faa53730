"""Defaults by class: what `[defaults.container_job]` and its like say, found by the class they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagwright.diagnostics import Diagnostic
from dagwright.diagnostics.suggest import did_you_mean
from dagwright.model.bases import Component
from dagwright.model.options import options_of
from dagwright.model.registry import Registry
from dagwright.project import Layer
from dagwright.source import MappingNode, Node

__all__ = ["Defaults", "LayerDefaults", "read_layer"]

LayerDefaults = dict[type, MappingNode]


def read_layer(layer: Layer, registry: Registry, problems: list[Diagnostic]) -> LayerDefaults:
    """Find the class behind each name of one layer; a name may be a factory, a slot, or `dag` for every DAG."""
    found: LayerDefaults = {}
    if layer.defaults is None:
        return found
    slots = {options_of(slot).type_name: slot for slot in registry.slots()}
    for name, entry in layer.defaults.entries.items():
        fillers = [filler.cls for filler in registry.find_anywhere(name)]
        classes = [slots[name]] if name in slots and not fillers else fillers
        span = layer.defaults.key_span(name)
        if not classes and registry.incomplete and did_you_mean(name, [*registry.names_anywhere(), *slots]) is None:
            # It may be one of the factories whose code is broken, and that is reported already.
            continue
        if len(classes) != 1:
            known = sorted({*registry.names_anywhere(), *slots})
            suggestion = did_you_mean(name, known)
            message = (
                f"defaults for '{name}', which is no factory and no slot"
                if not classes
                else f"defaults for '{name}', which means {len(classes)} factories"
            )
            packages = " or ".join(f"'{filler.package}:{name}'" for filler in registry.find_anywhere(name))
            problems.append(
                Diagnostic(
                    code="DW407",
                    message=message,
                    span=span,
                    label=f"did you mean '{suggestion}'?" if suggestion and not classes else "",
                    help=f"write {packages}" if classes else "dagwright ls factories",
                )
            )
        elif not isinstance(entry.value, MappingNode):
            message = f"defaults for '{name}' are a mapping from fields to values"
            problems.append(Diagnostic(code="DW401", message=message, span=entry.value.span))
        else:
            found[classes[0]] = entry.value
            written = registry.fillers[classes[0]].written if classes[0] in registry.fillers else None
            if isinstance(written, type):
                # A plain dataclass that stands in another one is made as it was written.
                found[written] = entry.value
            problems.extend(_useless_type(name, classes[0], entry.value, registry))
    return found


def _useless_type(name: str, cls: type, defaults: MappingNode, registry: Registry) -> Iterator[Diagnostic]:
    """Report a `type` in defaults that chooses nothing."""
    if "type" in defaults and (options_of(cls).abstract or "type" not in registry.shapes.of_class(cls).fields):
        yield Diagnostic(
            code="DW401",
            message=f"'type' in the defaults of '{name}' chooses nothing",
            span=defaults.key_span("type"),
            help="a type is chosen where the factory stands, or by the field that holds it",
        )


class Defaults:
    """The defaults that hold in one folder, by class, with their ranks."""

    def __init__(self, layers: Iterable[LayerDefaults]) -> None:
        self._layers = list(layers)
        self._by_class: dict[type, list[tuple[int, Node]]] = {}
        # The DAG file speaks last and loudest.
        self.file_rank = 2 * len(self._layers) + 1

    def of_class(self, cls: type) -> list[tuple[int, Node]]:
        """Return what is said about a class and its abstract bases, weakest first."""
        known = self._by_class.get(cls)
        if known is None:
            bases = [base for base in reversed(cls.__mro__) if base is cls or issubclass(base, Component)]
            known = self._by_class[cls] = [
                (2 * index, layer[base]) for index, layer in enumerate(self._layers) for base in bases if base in layer
            ]
        return known
