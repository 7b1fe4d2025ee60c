"""What the parts of `TurnLogContract` share."""

from dataclasses import replace
from typing import Any

import pytest

from chatkit_core.testing.samples import THEN, new_id
from chatkit_core.turn_log import Entry, EventEntry, Taken, TextEntry, TurnLog, TurnRecord
from chatkit_core.types.turns import TurnMetadata, TurnQuestion


@pytest.mark.anyio
class TurnLogTests:
    """Tests of a turn log, which comes as the fixture `turn_log`."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def other_log(self, turn_log: TurnLog) -> TurnLog:
        """A log over the same turns, as another process has it."""
        return turn_log

    @pytest.fixture
    async def lease(self, turn_log: TurnLog) -> str:
        """A lease of this process."""
        return await turn_log.acquire_lease(60)

    @pytest.fixture
    async def other_lease(self, other_log: TurnLog) -> str:
        """A lease of the other process."""
        return await other_log.acquire_lease(60)

    async def expire(self, log: TurnLog, lease: str) -> None:
        """Let the lease run out."""
        await log.renew_lease(lease, 0)


def a_turn(
    thread_id: str | None = None,
    *,
    owner: str = "ada",
    input: bytes = b'{"type": "threads.add_user_message"}',
    state: bytes = b"{}",
    key: str | None = None,
    digest: str | None = None,
    **fields: Any,
) -> TurnRecord:
    """A turn that is to be created."""
    turn = TurnMetadata(
        **{
            "id": new_id("turn"),
            "thread_id": thread_id or new_id("thr"),
            "op": "threads.add_user_message",
            "status": "queued",
            "created_at": THEN,
            **fields,
        }
    )
    return TurnRecord(turn, owner, input, state, key, digest)


def changed(record: TurnRecord, **fields: Any) -> TurnRecord:
    """The record, with other fields of its turn."""
    return replace(record, turn=record.turn.model_copy(update=fields))


def ended(record: TurnRecord, **fields: Any) -> TurnRecord:
    return changed(record, **{"status": "completed", "ended_at": THEN, **fields})


def waiting(record: TurnRecord) -> TurnRecord:
    return changed(record, status="waiting", waiting_for=[TurnQuestion(item_id="item_1", kind="input")])


def as_queued(record: TurnRecord) -> TurnRecord:
    return changed(record, status="queued")


async def create(log: TurnLog, lease: str, record: TurnRecord | str | None = None, **options: Any) -> Taken:
    """Create the turn, or one of this thread."""
    created = await log.create(record if isinstance(record, TurnRecord) else a_turn(record), lease, **options)
    assert isinstance(created, Taken)
    return created


async def create_waiting(log: TurnLog, lease: str, thread_id: str | None = None) -> Taken:
    """Create a turn that has begun, and waits; nobody holds it, and its fence does not hold."""
    taken = await create(log, lease, thread_id, on_busy="interrupt", beside_waiting=True)
    assert taken.record.turn.status == "running"
    record = waiting(taken.record)
    await log.update(record, taken.fence, release=True)
    return Taken(record, taken.fence)


async def end(log: TurnLog, taken: Taken, **fields: Any) -> TurnRecord:
    """End the turn; return its record."""
    record = ended(taken.record, **fields)
    await log.update(record, taken.fence)
    return record


def event(seq: int, replaces: tuple[str, ...] | None = None) -> EventEntry:
    return EventEntry(seq, "thread.item.updated" if replaces else "thread.item.done", b'{"seq":%d}' % seq, replaces)


def delta(seq: int, text: str, place: str = "delta") -> TextEntry:
    entry = TextEntry(b'{"%s":' % place.encode(), b"}", text)
    entry.seqs.append(seq)
    entry.lengths.append(len(text))
    return entry


async def ids_of_thread(log: TurnLog, thread_id: str, after: str | None = None) -> list[str]:
    return [record.turn.id for record in await log.turns_of_thread(thread_id, after=after)]


async def what_is_kept(log: TurnLog, turn_id: str) -> tuple[TurnRecord, list[Entry]]:
    """The turn's row and its entries."""
    return await log.load(turn_id), await log.read(turn_id, after=0)
