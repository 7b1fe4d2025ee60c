"""Turns and entries to try a turn log with."""

from array import array
from dataclasses import replace
from typing import Any

from chatkit_core.testing.samples import THEN, new_id
from chatkit_core.turn_log import EventEntry, Taken, TextEntry, TurnLog, TurnRecord
from chatkit_core.types.turns import TurnMetadata


def a_turn(thread_id: str, *, id: str | None = None, input: bytes = b"{}", **fields: Any) -> TurnRecord:
    turn = TurnMetadata(
        id=id or new_id("turn"), thread_id=thread_id, op="threads.create", status="queued", created_at=THEN
    )
    return TurnRecord(turn, owner="ada", input=input, **fields)


def changed(record: TurnRecord, **fields: Any) -> TurnRecord:
    return replace(record, turn=record.turn.model_copy(update=fields))


async def taken(log: TurnLog, record: TurnRecord, lease: str | None = None) -> Taken:
    """Create the turn; under a new lease if none is given."""
    created = await log.create(record, lease or await log.acquire_lease(60))
    assert isinstance(created, Taken)
    return created


async def ended(log: TurnLog, turn: Taken) -> TurnRecord:
    """End the turn."""
    record = changed(turn.record, status="completed", ended_at=THEN)
    await log.update(record, turn.fence, release=True)
    return record


def event(seq: int, data: bytes = b"{}") -> EventEntry:
    return EventEntry(seq, "thread.item.done", data)


def words(first_seq: int, *words: str) -> TextEntry:
    """Text of as many deltas as there are words."""
    text = TextEntry(b'{"delta":', b"}", "")
    for seq, word in enumerate(words, first_seq):
        text.append(TextEntry(b'{"delta":', b"}", word, array("Q", [seq]), array("Q", [len(word)])))
    return text
