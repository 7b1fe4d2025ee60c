"""What follows a cursor: of a turn, or of all turns of a thread, wherever they run.

While a turn is alive in this process its feed is read; else the log is, again and again.
"""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass

from chatkit_core import sse
from chatkit_core.engine.feed import Reader
from chatkit_core.engine.follow import Frames
from chatkit_core.engine.lanes import Lanes
from chatkit_core.errors import GoneError, InvalidRequestError, NotFoundError
from chatkit_core.turn_log import ACTIVE, POLLING, Entries, TurnLog, TurnQuery, TurnRecord


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event that a client knows: its turn, and its number there."""

    turn_id: str
    seq: int

    @classmethod
    def parse(cls, text: str, field: str) -> "Cursor":
        """Return what `"<turn id>:<seq>"` says.

        Raises:
            InvalidRequestError: it says something else; the error names the field.
        """
        turn_id, colon, seq = text.rpartition(":")
        if not (turn_id and colon and seq.isascii() and seq.isdigit() and len(seq) <= 15):
            raise InvalidRequestError(field, 'is not a cursor, "<turn id>:<seq>"')
        return cls(turn_id, int(seq))


class TurnSource:
    """One turn from a cursor on.

    Args:
        thread_id: the turn's thread.
        turns: whether frames have cursors, and `turn.*` events are among them.
    """

    def __init__(self, lanes: Lanes, log: TurnLog, thread_id: str, cursor: Cursor, *, turns: bool = True) -> None:
        self._lanes = lanes
        self._log = log
        self._thread_id = thread_id
        self._turn_id = cursor.turn_id
        self._turns = turns
        self.seq = cursor.seq
        """The last event that was taken."""
        self.ended = False
        """Whether the turn has ended and all of it was taken."""

    async def to_the_end(self) -> Frames:
        """Yield frames until the turn has ended."""
        while True:
            async for frames in self.stretch():
                yield frames
            if self.ended:
                return
            await self._lanes.change(self._thread_id, POLLING)

    async def stretch(self) -> Frames:
        """Yield what there is, and while the turn runs, what comes; the turn has ended then, or waits, or is queued."""
        while not self.ended:
            async for reader in self._live():
                yield reader
            record = await self._log.load(self._turn_id)
            if frames := await self._logged():
                yield frames
            self.ended = record.turn.status not in ACTIVE
            if record.turn.status != "running":
                return
            await self._log.wait(self._turn_id, after=self.seq, seconds=POLLING)

    async def _live(self) -> AsyncGenerator[Reader, None]:
        run = self._lanes.find(self._turn_id)
        if run is None or not run.runs:
            return
        reader = run.turn.feed.reader(after=self.seq, turns=self._turns)
        try:
            if not reader.at_end:
                yield reader
        finally:
            self.seq = reader.seq
            reader.close()

    async def _logged(self) -> bytes:
        entries = Entries()
        entries.extend(await self._log.read(self._turn_id, self.seq))
        joined_at = max((entry.seq for entry in entries), default=0) if self.seq == 0 else None
        frames: list[bytes] = []
        for seq, type, data in entries.after(self.seq, joined_at=joined_at):
            self.seq = seq
            if self._turns:
                frames.append(sse.encode(data, id=f"{self._turn_id}:{seq}"))
            elif not type.startswith("turn."):
                frames.append(sse.encode(data))
        return b"".join(frames)


class ThreadSource:
    """The turns of a thread, each until it ends, or rests and another one runs.

    Args:
        query: which turns: those of the thread.
        last: the turn that it goes on after; None if the thread has had none.
        begin: where it begins: the turns of which there may be more already.
        known: turns after `last` that are known to their end.
        wait: whether to go on when none is active.
    """

    def __init__(
        self,
        lanes: Lanes,
        log: TurnLog,
        query: TurnQuery,
        last: str | None,
        begin: Iterable[Cursor],
        known: Iterable[str] = (),
        *,
        wait: bool,
    ) -> None:
        assert query.thread_id is not None
        self._lanes = lanes
        self._log = log
        self._thread_id = query.thread_id
        self._query = query
        self._last = last
        """Turns before this one are done with, unless they are among the sources."""
        self._wait = wait
        self._sources = {cursor.turn_id: TurnSource(lanes, log, query.thread_id, cursor) for cursor in begin}
        for turn_id in known:
            self._sources[turn_id] = TurnSource(lanes, log, query.thread_id, Cursor(turn_id, 0))
            self._sources[turn_id].ended = True

    async def frames(self) -> Frames:
        """Yield frames until no turn is active; for ever, if it waits for more."""
        while True:
            some = False
            for source in self._unread(await self._later()):
                try:
                    async for frames in source.stretch():
                        some = True
                        yield frames
                except (NotFoundError, GoneError):
                    source.ended = True
            if not some:
                if not self._wait and all(source.ended for source in self._sources.values()):
                    return
                await self._lanes.change(self._thread_id, POLLING)

    async def _later(self) -> list[TurnRecord]:
        if self._last is None:  # the thread has not had a turn before
            return await self._log.list_turns(self._query, limit=100, order="asc")
        return await self._log.turns_of_thread(self._thread_id, after=self._last)

    def _unread(self, records: list[TurnRecord]) -> list[TurnSource]:
        """Return the turns of which there may be more, in the order in which they run."""
        ids = [record.turn.id for record in records]
        ids = [id for id, source in self._sources.items() if not source.ended and id not in ids] + ids
        for id in ids:
            if id not in self._sources:
                self._sources[id] = TurnSource(self._lanes, self._log, self._thread_id, Cursor(id, 0))
        if self._last is None and ids:
            self._last = ids[0]
        for id in ids:
            if not self._sources[id].ended:
                break
            self._last = id
        for id in [id for id, source in self._sources.items() if source.ended and id not in ids]:
            del self._sources[id]
        return [self._sources[id] for id in ids if not self._sources[id].ended]
