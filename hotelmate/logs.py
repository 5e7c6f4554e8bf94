"""Log lines: events with fields, as JSON for machines and as text for a person at a terminal."""

import logging
import sys

import structlog
from structlog.typing import Processor

from hotelmate.telemetry.origins import add_request_id
from hotelmate.telemetry.tracing import add_trace_id

_NOT_UTF_8 = "Invalid UTF-8 sequence received from client."


def configure() -> None:
    """Send our own lines and those of the libraries to standard error, in one form."""
    shared: list[Processor] = [
        add_request_id,
        add_trace_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    at_a_terminal = sys.stderr.isatty()
    render: list[Processor] = (
        # The default draws tracebacks with every local variable: tokens and passwords, and seconds of work.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if at_a_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
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
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # What these say at INFO is either said by us or said for every request.
    for chatty in ("uvicorn", "alembic", "pusher", "aiohttp"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # What is malformed is for whoever sent it to hear: the one warns of every form, the other traces back
    # text in a WebSocket's frame that is not UTF-8.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.msg != _NOT_UTF_8)
