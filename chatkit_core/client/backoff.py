"""How long to wait before the next try."""

import random
from collections.abc import Callable

FIRST = 0.25
"""Seconds before the first try, about."""
LONGEST = 10.0


def delay(attempt: int, draw: Callable[[], float] = random.random) -> float:
    """Return seconds: twice as long from try to try, and so far at random that clients do not come back all at once.

    Args:
        attempt: 1 for the first try.
        draw: returns a number from 0 to 1.
    """
    whole = min(LONGEST, FIRST * 2.0 ** min(attempt - 1, 10))
    return whole / 2 + draw() * whole / 2
