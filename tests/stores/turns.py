"""Turns and entries to try a turn log with, besides those of its contract."""

from array import array

from chatkit_core.testing.turn_log_base import create
from chatkit_core.turn_log import EventEntry, Taken, TextEntry, TurnLog, TurnRecord


async def taken(log: TurnLog, record: TurnRecord, lease: str | None = None) -> Taken:
    """Create the turn; under a new lease if none is given."""
    return await create(log, lease or await log.acquire_lease(60), record)


def event_of(seq: int, data: bytes) -> EventEntry:
    return EventEntry(seq, "thread.item.done", data)


def words(first_seq: int, *words: str) -> TextEntry:
    """Text of as many deltas as there are words."""
    text = TextEntry(b'{"delta":', b"}", "")
    for seq, word in enumerate(words, first_seq):
        text.append(TextEntry(b'{"delta":', b"}", word, array("Q", [seq]), array("Q", [len(word)])))
    return text
