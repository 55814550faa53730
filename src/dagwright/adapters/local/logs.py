"""Sends all logging of the process, structlog's and the standard library's, to a sink as readable lines.

Airflow configures both when it is imported; this replaces the end of each chain and keeps the levels.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from dagwright.adapters.local.sink import Sink
from dagwright.diagnostics import DagwrightError

if TYPE_CHECKING:
    import structlog

__all__ = ["logging_to"]

# What Airflow's scheduler and its API, which run in this process too, say about a task beside the task itself.
_ENGINE_LOGGERS = (
    "airflow.api_fastapi",
    "airflow.dag_processing",
    "airflow.models",
    "airflow.sdk.definitions.dag",
    "airflow.serialization",
    "alembic",
    "cadwyn",
    "uvicorn",
)
_HIDDEN_KEYS = ("timestamp", "logger", "logger_name", "loc", "positional_args", "level", "ti")
# What calls a function for an operator.
_CALLERS = ("airflow.sdk.", "airflow.providers.standard.", "dagwright.runtime.")
_FOLD_MARKS = ("::group::", "::endgroup::")


@contextmanager
def logging_to(sink: Sink) -> Iterator[None]:
    """Send log records to the sink while the context is open. Airflow must be imported."""
    import structlog

    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.ExceptionRenderer(_traceback),
            _render,
        ],
        # Airflow's class offers the methods of a standard logger, which operators use.
        wrapper_class=before["wrapper_class"],
        logger_factory=lambda name=None, *_: _SinkLogger(sink, name),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, [_SinkHandler(sink)]
    try:
        yield
    finally:
        root.handlers = handlers
        structlog.configure(**before)


class _SinkLogger:
    """The innermost logger of structlog; the rendered event is all it gets."""

    def __init__(self, sink: Sink, name: str | None) -> None:
        self._sink = sink
        self.name = name

    def debug(self, record: _Record) -> None:
        self._write("DEBUG", record)

    def info(self, record: _Record) -> None:
        self._write("INFO", record)

    def warning(self, record: _Record) -> None:
        self._write("WARNING", record)

    def error(self, record: _Record) -> None:
        self._write("ERROR", record)

    def critical(self, record: _Record) -> None:
        self._write("CRITICAL", record)

    msg = notset = info
    warn = warning
    exception = err = error
    fatal = critical

    def _write(self, level: str, record: _Record) -> None:
        self._sink.line(level, record.text, engine=_is_engine(level, record.logger or self.name, record.text))


class _Record:
    def __init__(self, text: str, logger: str | None) -> None:
        self.text = text
        self.logger = logger


class _SinkHandler(logging.Handler):
    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
            self._sink.line(record.levelname, text, engine=_is_engine(record.levelname, record.name, text))
        except Exception:  # noqa: BLE001  # a record that cannot be formatted must not fail the task
            self.handleError(record)


def _render(_: Any, __: str, event: structlog.typing.EventDict) -> tuple[tuple[_Record], dict[str, Any]]:
    logger = event.get("logger_name") or event.get("logger")
    for key in _HIDDEN_KEYS:
        event.pop(key, None)
    below = [str(text) for key in ("stack", "exception") if (text := event.pop(key, None))]
    head = " ".join([str(event.pop("event", "")), *(f"{key}={value!r}" for key, value in event.items())])
    return (_Record("\n".join([head, *below]), logger),), {}


def _is_engine(level: str, logger: str | None, text: str) -> bool:
    """Whether a record is not the task's; what Airflow's UI folds has no meaning in a plain file."""
    return text.startswith(_FOLD_MARKS) or (
        level in ("DEBUG", "INFO", "WARNING") and (logger or "").startswith(_ENGINE_LOGGERS)
    )


def _traceback(exc_info: structlog.typing.ExcInfo) -> str:
    """Format a traceback without the frames in which Airflow calls the operator, and the operator a function.

    Dagwright's own failures, such as a validation or an upload, have none.
    """
    kind, error, place = exc_info
    if isinstance(error, DagwrightError):
        # It says in one sentence what is wrong; the frames would push that off the screen.
        return f"{type(error).__name__}: {error}"
    return "".join(traceback.format_exception(kind, error, _inner(place))).rstrip()


def _inner(place: TracebackType | None) -> TracebackType | None:
    """Return the first frame of the user's own code, or of the operator where there is none."""
    operator = place
    while operator is not None and _module(operator).startswith("airflow.sdk."):
        operator = operator.tb_next
    own = operator
    while own is not None and (
        # Such as the import of the user's module.
        _module(own).startswith(_CALLERS) or _module(own).partition(".")[0] in sys.stdlib_module_names
    ):
        own = own.tb_next
    return own or operator or place


def _module(place: TracebackType) -> str:
    return str(place.tb_frame.f_globals.get("__name__", ""))
