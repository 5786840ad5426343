"""Writers that race: the primary key lets one win, the others look at what it wrote."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError

Done = TypeVar("Done")


def settled(write: Callable[[], Done]) -> Done:
    """Write in a transaction of its own; who loses a race writes once more, and then sees the winner."""
    try:
        return write()
    except IntegrityError:
        return write()
