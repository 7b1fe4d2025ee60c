"""`MemoryTurnLog`: the contract of a turn log, over dicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chatkit_core.errors import NotFoundError
from chatkit_core.turn_log import Entries, Entry, TextEntry, TurnLog, TurnRecord
from chatkit_stores.memory.url import check_url

_ACTIVE = frozenset({"queued", "running", "waiting"})


class MemoryTurnLog(TurnLog):
    """A turn log for one process, which forgets everything when it ends. What it keeps and hands out are copies."""

    def __init__(self) -> None:
        self._records: dict[str, TurnRecord] = {}
        self._entries: dict[str, Entries] = {}
        self._turns: defaultdict[str, list[str]] = defaultdict(list)

    @classmethod
    def from_url(cls, url: str) -> MemoryTurnLog:
        """Return an empty log for `memory://`.

        Raises:
            ValueError: the URL says more than that.
        """
        check_url(url)
        return cls()

    async def create(self, record: TurnRecord) -> None:
        self._records[record.turn.id] = _copied(record)
        self._entries[record.turn.id] = Entries()
        self._turns[record.turn.thread_id].append(record.turn.id)

    async def load(self, turn_id: str) -> TurnRecord:
        if turn_id not in self._records:
            raise NotFoundError("turn", turn_id)
        return _copied(self._records[turn_id])

    async def update(self, record: TurnRecord) -> None:
        if record.turn.id not in self._records:
            raise NotFoundError("turn", record.turn.id)
        self._records[record.turn.id] = _copied(record)

    async def list_turns(self, thread_id: str, *, active: bool = False) -> list[TurnRecord]:
        records = (self._records[id] for id in self._turns.get(thread_id, ()))
        return [_copied(record) for record in records if not active or record.turn.status in _ACTIVE]

    async def append(self, batches: Mapping[str, Sequence[Entry]]) -> None:
        for turn_id, entries in batches.items():
            if turn_id in self._entries:
                self._entries[turn_id].extend(entries)

    async def read(self, turn_id: str, after: int) -> list[Entry]:
        if turn_id not in self._entries:
            raise NotFoundError("turn", turn_id)
        later = (entry for entry in self._entries[turn_id] if entry.seq > after)
        return [entry.copy() if isinstance(entry, TextEntry) else entry for entry in later]

    async def delete_thread(self, thread_id: str) -> None:
        for turn_id in self._turns.pop(thread_id, ()):
            del self._records[turn_id], self._entries[turn_id]

    async def purge(self, ended_before: datetime) -> int:
        turns = [record.turn for record in self._records.values()]
        ended = [turn for turn in turns if turn.ended_at is not None and turn.ended_at < ended_before]
        for turn in ended:
            del self._records[turn.id], self._entries[turn.id]
            self._turns[turn.thread_id].remove(turn.id)
            if not self._turns[turn.thread_id]:
                del self._turns[turn.thread_id]
        return len(ended)


def _copied(record: TurnRecord) -> TurnRecord:
    return replace(record, turn=record.turn.model_copy())
