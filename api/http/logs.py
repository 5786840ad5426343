"""Structured logs: one JSON line a request, with its id, never a body, a name or an address."""

import logging
import re
import sys
import traceback
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


def log_failure(event: str, error: BaseException, **told: str) -> None:
    """Log where something broke; never the message of the error, which may quote a record."""
    structlog.get_logger().error(event, error=type(error).__name__, where=frames(error), **told)


def frames(error: BaseException) -> list[str]:
    """List the lines of the program that an error came through, the innermost last."""
    return [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-8:]]


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
