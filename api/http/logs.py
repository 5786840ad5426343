"""Structured logs: one JSON line a request, with its id, never a body, a name or an address."""

import logging
import re
import sys
from contextvars import ContextVar
from secrets import token_hex

import structlog

_REQUEST = ContextVar("request_id", default="")
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def begin(given: str | None) -> str:
    """Name a request: as its sender did, where that is a plain word, else at random."""
    told = given if given and _GIVEN.fullmatch(given) else token_hex(8)
    _REQUEST.set(told)
    return told


def request_id() -> str:
    """Return the id of the request that is being answered."""
    return _REQUEST.get()


def set_up() -> None:
    """Write every line of the log as JSON to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
