"""What a process writes down: JSON lines with a time, the process, the trace and the ids at hand; never a person's name
or NIP, nor what anybody wrote."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.kit.base import faults
from shared.kit.base.settings import settings


def configure(service: str, role: str, instance: str | None = None) -> None:
    """For structlog and the standard library alike, uvicorn's own lines included."""
    process = {"service": service, "role": role, "instance": instance or settings().instance}
    structlog.configure(
        processors=[*common(process), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    out = logging.StreamHandler(sys.stdout)
    out.setFormatter(formatter(process))
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(logging.WARNING)
    for ours in ("shared", "services"):
        logging.getLogger(ours).setLevel(logging.INFO)
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        theirs = logging.getLogger(name)
        theirs.handlers.clear()
        theirs.propagate = True
        theirs.setLevel(logging.WARNING)


def formatter(process: Mapping[str, str]) -> logging.Formatter:
    """How a line is written, whoever logs it."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *common(process)],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=_type_of),
        ],
    )


def common(process: Mapping[str, str]) -> list[Processor]:
    """What becomes of every line."""

    def of_process(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        return {**process, **line}

    return [
        structlog.contextvars.merge_contextvars,
        of_process,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace_id,
        structlog.processors.ExceptionRenderer(faults.described),
        _without_quotes,
    ]


def _trace_id(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """The trace by its id, which is what a tracing tool is asked for, instead of the whole context."""
    if context := line.pop("trace", None):
        line["trace_id"] = str(context)[3:35]
    return line


def _without_quotes(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """No value of a line says more than it may, whoever wrote it: an exception is named, a text is cut."""
    for name, value in line.items():
        if isinstance(value, BaseException):
            line[name] = faults.named(value)
        elif isinstance(value, str):
            line[name] = faults.without_quotes(value)
    return line


def _type_of(value: Any) -> str:
    """What JSON has no form for is not spelled out: it may hold anything."""
    return type(value).__name__
