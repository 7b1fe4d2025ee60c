"""Ids: a prefix that names the kind, and a UUID version 7 (RFC 9562) in hex.

128 bits, sortable by time, and strictly growing within a process also when the clock stands still or jumps back:
the 48 bits of milliseconds and the next 12 bits (a fraction of the millisecond, section 6.2, method 3) form a tick
that never repeats; the last 62 bits are random. (CPython has `uuid.uuid7` from 3.14 on; the core takes no
dependency for this.)
"""

import secrets
import threading
import time
from contextvars import ContextVar

minted_in_turn: ContextVar[set[str] | None] = ContextVar("minted_in_turn", default=None)
"""The ids that were minted since the current turn began, so that the turn knows its own from a model's."""

_lock = threading.Lock()
_last_tick = 0


def _next_tick() -> int:
    """Milliseconds since 1970 in the upper 48 bits of 60, a fraction of one in the lower 12; always growing."""
    global _last_tick
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    tick = milliseconds << 12 | (nanoseconds << 12) // 1_000_000
    with _lock:
        _last_tick = max(tick, _last_tick + 1)
        return _last_tick


def new_id(prefix: str) -> str:
    """Return a new id, such as `msg_019a…`, and note it in the current turn."""
    tick = _next_tick()
    upper = (tick >> 12) << 16 | 0x7000 | tick & 0xFFF
    lower = 0x8000_0000_0000_0000 | secrets.randbits(62)
    return note_minted(f"{prefix}_{upper:016x}{lower:016x}")


def note_minted(id: str) -> str:
    """Note in the current turn, if there is one, that the server minted `id`; return it."""
    minted = minted_in_turn.get()
    if minted is not None:
        minted.add(id)
    return id
