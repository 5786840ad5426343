"""Passwords: argon2id, and the same work for an address nobody has."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from matching.errors import BadValue

SHORTEST, LONGEST = 12, 200
AT_ONCE = 2
"""Checks that run side by side: each takes 19 MiB, and a process has few cores."""


class Passwords:
    """Makes and checks hashes, with the cost that OWASP gives as the least (19 MiB, two passes, one lane)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._nobody = self._hasher.hash("of nobody at all")
        self._free = BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """Hash a new password.

        Raises
        ------
        BadValue
            If it is too short or too long; the password is not in the message.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise BadValue(f"{SHORTEST} to {LONGEST} characters", f"{len(password)} characters", "password")
        return self._hasher.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        """Tell whether a password is the one of a hash; where there is none it takes as long to say no."""
        with self._free:
            try:
                return self._hasher.verify(stored or self._nobody, password) and bool(stored)
            except (VerificationError, InvalidHashError):
                return False
