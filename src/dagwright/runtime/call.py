"""The callable that a factory hands to PythonOperator.

Airflow templates `op_kwargs` and shows them in the UI, and a DAG's version follows them. What must be none
of these (absolute paths of the machine, switches of the project) travels in the callable instead, of which
Airflow records the name alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["WorkerCall"]


class WorkerCall:
    """A module-level function of this package with some of its keyword arguments already given.

    PythonOperator passes whatever its callable's signature names, the task's context included; this one names
    exactly the parameters that are still open, so that it gets `op_kwargs` and nothing else.

    Raises:
        TypeError: when a setting is no parameter of the function.
    """

    def __init__(self, function: Callable[..., Any], settings: Mapping[str, Any]) -> None:
        parameters = inspect.signature(function).parameters
        unknown = sorted(set(settings) - set(parameters))
        if unknown:
            raise TypeError(f"{function.__qualname__} has no parameter {unknown[0]!r}")
        put = super().__setattr__
        put("function", function)
        put("settings", MappingProxyType(dict(settings)))
        put("__module__", function.__module__)
        put("__name__", function.__name__)
        put("__qualname__", function.__qualname__)
        put("__doc__", function.__doc__)
        still_open = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for name, parameter in parameters.items()
            if name not in settings
        ]
        put("__signature__", inspect.Signature(still_open))

    function: Callable[..., Any]
    settings: Mapping[str, Any]
    __name__: str
    __qualname__: str

    def __call__(self, **op_kwargs: Any) -> Any:
        """Call the function with the settings and the operator's rendered arguments."""
        return self.function(**self.settings, **op_kwargs)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __repr__(self) -> str:
        # Neither an address nor a setting: the text may end up in what Airflow hashes.
        return f"WorkerCall({self.function.__module__}.{self.function.__qualname__})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WorkerCall):
            return NotImplemented
        return self.function is other.function and self.settings == other.settings

    def __hash__(self) -> int:
        return hash((self.function, tuple(sorted(self.settings))))

    def __reduce__(self) -> tuple[object, ...]:
        return WorkerCall, (self.function, dict(self.settings))
