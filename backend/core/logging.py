"""Logging for people at a terminal, as JSON everywhere else. No payloads, tokens or prompts in logs.

Errors are logged without their messages, whoever raises and logs them: a message may quote a customer, a record or a
query's parameters. Kind, code and place stay.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

import structlog

get_logger = structlog.stdlib.get_logger
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def describe(error: BaseException) -> str:
    """What an error is without its words: its type, and its code, SQLSTATE or system error where it has one."""
    kind = type(error).__qualname__
    if isinstance(error, OSError) and error.strerror is not None:
        return f"{kind}: {error.strerror}"
    marks = (getattr(error, name, None) for name in ("code", "type", "sqlstate"))
    mark = next((mark for mark in marks if isinstance(mark, str) and mark), None)
    return kind if mark is None else f"{kind} ({mark})"


def trace(error: BaseException) -> str:
    """The traceback of an error and of what it goes back to, the first cause first, without their words."""
    parts = [
        f"{''.join(traceback.format_tb(one.__traceback__))}{describe(one)}" for one in _chain(error)
    ]
    return "\n\nwhich led to\n\n".join(reversed(parts))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            for inner in one.exceptions:
                yield from _chain(inner)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _formatted(exc_info: _ExcInfo) -> str:
    return trace(exc_info[1])


def configure(level: int = logging.INFO) -> None:
    """Set up structlog and the standard library's logging once per process."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_formatted),
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpx2", "httpcore", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
