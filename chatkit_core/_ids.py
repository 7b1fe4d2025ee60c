"""Ids: a prefix that names the kind, and a UUID version 7 (RFC 9562) in hex.

128 bits, sortable by time, and strictly growing within a process also when the clock stands still or jumps back:
the 48 bits of milliseconds and the next 12 bits (a fraction of the millisecond, section 6.2, method 3) form a tick
that never repeats; the last 62 bits are random. (CPython has `uuid.uuid7` from 3.14 on; the core takes no
dependency for this.)

Ids are minted in hot paths, and who asks the system for random bytes gives up the GIL: beside a busy thread that costs
more than all else here. So the random numbers of a few hundred ids are drawn at once, and each is used once.
"""

import os
import threading
import time
from array import array
from contextvars import ContextVar

minted_in_turn: ContextVar[set[str] | None] = ContextVar("minted_in_turn", default=None)
"""The ids that were minted since the current turn began, so that the turn knows its own from a model's."""

_DRAWN_AT_ONCE = 512

_lock = threading.Lock()
_last_tick = 0
_random = array("Q")
"""64-bit numbers that were drawn and not used."""


def _forget_those_of_the_parent() -> None:
    """In a forked process: the parent goes on to use its numbers, and one of its threads may have held the lock."""
    global _lock
    _lock = threading.Lock()
    del _random[:]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_those_of_the_parent)


def _next() -> tuple[int, int]:
    """Return a tick that is greater than all before, and a 64-bit number that nobody can guess.

    A tick is milliseconds since 1970 in the upper 48 bits of 60, a fraction of one in the lower 12.
    """
    global _last_tick
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    tick = milliseconds << 12 | (nanoseconds << 12) // 1_000_000
    with _lock:
        _last_tick = max(tick, _last_tick + 1)
        if not _random:
            _random.frombytes(os.urandom(_DRAWN_AT_ONCE * _random.itemsize))
        return _last_tick, _random.pop()


def new_id(prefix: str) -> str:
    """Return a new id, such as `msg_019a…`, and note it in the current turn."""
    tick, random = _next()
    upper = (tick >> 12) << 16 | 0x7000 | tick & 0xFFF
    lower = 0x8000_0000_0000_0000 | random >> 2
    return note_minted(f"{prefix}_{upper:016x}{lower:016x}")


def note_minted(id: str) -> str:
    """Note in the current turn, if there is one, that the server minted `id`; return it."""
    minted = minted_in_turn.get()
    if minted is not None:
        minted.add(id)
    return id
