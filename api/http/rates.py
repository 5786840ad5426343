"""How often one may ask; counted in the memory of a process, so that N workers allow N times as much."""

import math
import time
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.http.problems import Problem, ProblemType, later

WRONG_OF_CLIENT = RateLimitItemPerMinute(50, 15)
"""Wrong passwords from one client address, whatever the accounts."""
WRONG_OF_PAIR = RateLimitItemPerMinute(10, 15)
"""Wrong passwords from one client address for one account."""
WRONG_OF_ACCOUNT = RateLimitItemPerHour(50)
"""Wrong passwords for one account from anywhere; beyond it WRONG_UNDER_ATTACK holds for each client."""
WRONG_UNDER_ATTACK = RateLimitItemPerMinute(2, 15)
"""Enough for its owner, who comes from another address than those who guess: nobody can be locked out."""
IPV6_SITE = 64
"""Bits of an IPv6 address that stand for one client: it chooses the others itself."""


class Counters(MemoryStorage):
    """Counters of the library, cleared by its own thread alone.

    Version 5.8 clears in `get` as well, and then that thread ends with a KeyError where it meets a key that
    has just gone. A key holds the number of its window: one that is over is never counted up again.
    """

    def get(self, key: str) -> int:
        """Return the count of a window, 0 for one that is over."""
        return self.storage.get(key, 0) if self.expirations.get(key, 0) > time.time() else 0


class Rates:
    """Sliding windows; what is refused does not count."""

    def __init__(self, requests_per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(Counters())
        self._requests = RateLimitItemPerMinute(requests_per_minute)

    def ask(self, credential: str) -> None:
        """Count a request of a key or a session.

        Raises
        ------
        Problem
            429 beyond the limit.
        """
        if not self._limiter.hit(self._requests, credential):
            raise self._too_many(self._requests, credential)

    def require_login(self, email: str, client: str) -> None:
        """Refuse to try another password where too many were wrong, whether there is an account or not.

        Raises
        ------
        Problem
            429 beyond a limit.
        """
        attacked = not self._limiter.test(WRONG_OF_ACCOUNT, email)
        of_pair = WRONG_UNDER_ATTACK if attacked else WRONG_OF_PAIR
        for limit, names in ((of_pair, (email, client)), (WRONG_OF_CLIENT, (client,))):
            if not self._limiter.test(limit, *names):
                raise self._too_many(limit, *names)

    def wrong_login(self, email: str, client: str) -> None:
        """Count a wrong password."""
        self._limiter.hit(WRONG_OF_ACCOUNT, email)
        self._limiter.hit(WRONG_OF_CLIENT, client)
        for limit in (WRONG_OF_PAIR, WRONG_UNDER_ATTACK):
            self._limiter.hit(limit, email, client)

    def _too_many(self, limit: RateLimitItem, *names: str) -> Problem:
        wait = self._limiter.get_window_stats(limit, *names).reset_time - time.time()
        return later(ProblemType.TOO_MANY, "Too many requests; wait a while.", max(1, math.ceil(wait)))


def client_of(host: str) -> str:
    """Name the client at an address.

    >>> client_of("2001:db8::1:2"), client_of("::ffff:192.0.2.1"), client_of("192.0.2.1"), client_of("")
    ('2001:db8::/64', '192.0.2.1', '192.0.2.1', '')
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), IPV6_SITE), strict=False))
    return host
