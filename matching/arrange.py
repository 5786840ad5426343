"""Order the ranked funds into the list that is shown."""

from hashlib import blake2b

import numpy as np

from matching.market import Floats, Ints, Market
from matching.records import Startup


def arrange(startup: Startup, market: Market, rows: Ints, scores: Floats, k: int) -> Ints:
    """Return positions in `rows` of the `k` best, best first.

    Co-investors of one deal often tie exactly. A tie is broken by a hash of both profiles: the same
    pair always falls the same way, but no fund is first everywhere for its id or its name.
    """
    if k <= 0 or not len(rows):
        return np.zeros(0, np.int64)
    last = np.partition(scores, -min(k, len(scores)))[-min(k, len(scores))]
    shown = np.flatnonzero(scores >= last)
    asked = "\0".join((startup.name, *startup.texts)).encode()
    lots = [_lots(asked, market, row) for row in rows[shown]]
    order = sorted(range(len(shown)), key=lambda i: (-scores[shown[i]], lots[i]))
    return shown[order[:k]].astype(np.int64)


def _lots(asked: bytes, market: Market, row: int) -> tuple[bytes, bytes]:
    """Draw a fund's lot, and a second one by its id, which only funds of the same profile come to need."""
    funds = market.funds
    told = funds.tie_key[row], funds.records[row].fund_id.encode()
    first, second = (blake2b(asked + b"\0" + part, digest_size=8).digest() for part in told)
    return first, second
