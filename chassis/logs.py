"""Logs: one JSON object a line. What is logged names events and subjects by id, never a person."""

import logging
import sys
from typing import IO

import structlog

_QUIET = ("kombu", "amqp", "alembic", "nameko", "sqlalchemy", "urllib3", "werkzeug")

_shared: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure(stream: IO[str] = sys.stderr, level: int = logging.INFO) -> None:
    """Sends our logs and the libraries' warnings to `stream`."""
    structlog.configure(
        processors=[*_shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=_shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
