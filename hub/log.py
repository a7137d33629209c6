"""The hub's log: an event name and fields, on stderr. Lines for people on a terminal, JSON everywhere else.

    log = structlog.get_logger()
    log.info("delivery.retry", delivery=delivery.id, attempt=3)

No document text, no secret and no key ever goes into a field. What uvicorn and the other libraries log in the old way
comes out in the same form.
"""

from __future__ import annotations

import logging
import sys
from typing import IO

import structlog
from structlog.typing import Processor

# Chatty below this, and nothing that an operator can act on.
LIBRARIES = (
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "httpx",
    "httpcore",
    "aio_pika",
    "aiormq",
    "asyncssh",
    "watchfiles",
    "alembic",
)


def configure(*, verbose: bool = False, stream: IO[str] | None = None) -> None:
    """Set logging up for this process. Called once, by the command that serves."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(stream)],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.DEBUG if verbose else logging.INFO, force=True)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG if verbose else logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def silence() -> None:
    """Let only warnings through: a command's output is for its reader, not a log."""
    configure()
    logging.getLogger().setLevel(logging.WARNING)


def _rendering(stream: IO[str]) -> list[Processor]:
    if stream.isatty():
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
