"""What a turn has said, and those who read it.

The turn never waits for a reader. A reader that keeps up gets each event as its own frame, made once for all who are at
the same place; one that is far behind, or joins late, gets the compact form of `Entries`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from chatkit_core import sse
from chatkit_core.engine.lately import Lately
from chatkit_core.engine.streaming import Frames
from chatkit_core.turn_log import Entries, Entry, EventEntry

MAX_BEHIND = 256
"""A reader that has this many events to catch up with gets them merged."""
MAX_BEHIND_BYTES = 64 * 1024
"""So does one that has this many bytes to catch up with."""


class Feed:
    """The events of one turn, numbered from 1.

    Args:
        known: what the turn said before, if it goes on here.
        last_seq: the last number that was used for it.
    """

    def __init__(self, turn_id: str, known: Iterable[Entry] = (), *, last_seq: int = 0) -> None:
        self.turn_id = turn_id
        self.last_seq = last_seq
        self.ended = False
        self.lost = False
        """Whether it has ended here though the turn has not: another process has the turn."""
        self.resting = False
        """Whether those who read are to leave now, though the turn may say more."""
        self.writing = asyncio.Lock()
        """Held by whoever writes to the log what the feed says."""
        self._entries = Entries()
        self._entries.extend(known)
        self._written: EventEntry | None = None
        self._held_back: list[Callable[[], None]] = []
        self._lately = Lately(turn_id)
        self._unlogged: list[Entry] = []
        self._rendered: dict[bool, tuple[int, int, bytes]] = {}
        self._readers: set[Reader] = set()
        self._waiters: list[asyncio.Future[None]] = []

    def say_text(self, prefix: bytes, suffix: bytes, text: str) -> None:
        """Say an event whose JSON is `prefix + "text" + suffix`."""
        if self._written is not None:
            self._held_back.append(partial(self.say_text, prefix, suffix, text))
            return
        self.last_seq += 1
        if self._lately.add_text(self.last_seq, prefix, suffix, text):
            self._limit_frames()
        if self._waiters:
            self.wake()

    def say(self, type: str, data: bytes, replaces: tuple[str, ...] | None = None) -> None:
        """Say an event whose JSON is `data`; nothing after the end."""
        if self.ended:
            return
        if self._written is not None:
            self._held_back.append(partial(self.say, type, data, replaces))
            return
        self._say(EventEntry(self.last_seq + 1, type, data, replaces))

    def about_to_say(self, type: str, data: bytes) -> EventEntry:
        """Return an event that is written to the log before it is said; until `say_written` all others wait."""
        self._written = EventEntry(self.last_seq + 1, type, data)
        return self._written

    def say_written(self, entry: EventEntry, *, logged: bool) -> None:
        """Say what `about_to_say` returned.

        Args:
            logged: whether the log has it; else it is written with the next batch.
        """
        self._written = None
        if not self.ended:
            if logged:
                if self._lately.unsettled:
                    self.settle()
                self._entries.extend([entry])
            self._say(entry, settled=logged)
        self._say_held_back()

    def forgo(self) -> None:
        """Do not say what `about_to_say` returned; nothing if it is said."""
        self._written = None
        self._say_held_back()

    def end(self) -> None:
        """Nothing more will be said. The number of an event that is still being written is left out."""
        if self._written is not None:
            self.last_seq, self._written = self._written.seq, None
            self._say_held_back()
        self.ended = True
        self.wake()

    def rest(self) -> None:
        """Send those away who read; who comes after `go_on` may stay."""
        self.resting = True
        self.wake()

    def go_on(self) -> None:
        """The turn goes on."""
        self.resting = False

    def said(self) -> list[Entry]:
        """Return all that was said, in its compact form."""
        self.settle()
        return list(self._entries)

    def take_unlogged(self) -> list[Entry]:
        """Return what was said since the last call and is not in the log yet."""
        self.settle()
        unlogged, self._unlogged = self._unlogged, []
        return unlogged

    def put_back_unlogged(self, entries: list[Entry]) -> None:
        """Undo `take_unlogged`: the log could not be written."""
        self._unlogged[:0] = entries

    def reader(
        self,
        *,
        after: int = 0,
        turns: bool = False,
        joins: bool = True,
        elsewhere: Callable[[int], Frames] | None = None,
    ) -> "Reader":
        """Return a new reader that goes on after a seq.

        Args:
            turns: whether it gets `turn.*` events, and the cursor of each event.
            joins: whether one that begins at the start comes to a turn that others have started, so that what client
                effects did until now belongs to its past.
            elsewhere: what it is to read once the turn is lost: what follows a seq.
        """
        reader = Reader(self, after, turns, joins and after == 0, elsewhere)
        self._readers.add(reader)
        return reader

    def forget(self, reader: "Reader") -> None:
        """The reader has gone."""
        self._readers.discard(reader)

    def settle(self) -> None:
        """Merge what was said lately into the compact form, and drop the frames that nobody waits for."""
        if self._lately.first_seq is None:
            return
        if entries := self._lately.settle():
            self._entries.extend(entries)
            self._unlogged += entries
        wanted = min([reader.seq for reader in self._readers], default=self.last_seq)
        self._lately.forget(max(wanted, self.last_seq - MAX_BEHIND))

    def frames_after(self, seq: int, *, turns: bool, joined_at: int) -> bytes:
        """Return, as bytes to send, the frames that bring a reader from `seq` to the end."""
        first = self._lately.first_seq
        if seq >= joined_at and first is not None and seq >= first - 1 and self.last_seq - seq <= MAX_BEHIND:
            return self._frames_of_lately(seq, turns)
        self.settle()
        return b"".join(
            sse.encode(data, id=f"{self.turn_id}:{number}") if turns else sse.encode(data)
            for number, type, data in self._entries.after(seq, joined_at=joined_at)
            if turns or not type.startswith("turn.")
        )

    def _frames_of_lately(self, seq: int, turns: bool) -> bytes:
        """Return the frames after `seq`, which are made once for all who go on from there. A hot path."""
        run = self._lately.run
        if run is not None and self.last_seq - seq == 1 and len(self._readers) == 1 and not turns:
            return run.last_frame()
        since, until, frames = self._rendered.get(turns, (-1, -1, b""))
        if since != seq or until != self.last_seq:
            frames = self._lately.numbered_frames_after(seq) if turns else self._lately.frames_after(seq)
            if len(self._readers) > 1:
                self._rendered[turns] = seq, self.last_seq, frames
        return frames

    def new_waiter(self) -> asyncio.Future[None]:
        """Return a future that is done when there is more to read, or nothing more will come."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        return waiter

    def wake(self) -> None:
        """Let all who wait look again."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _say_held_back(self) -> None:
        held_back, self._held_back = self._held_back, []
        for say in held_back:
            say()

    def _say(self, entry: EventEntry, *, settled: bool = False) -> None:
        self.last_seq = entry.seq
        self._lately.add(entry, settled=settled)
        self._limit_frames()
        if self._waiters:
            self.wake()

    def _limit_frames(self) -> None:
        lately, first = self._lately, self._lately.first_seq or 0
        if self.last_seq - first >= 2 * MAX_BEHIND or lately.size >= 2 * MAX_BEHIND_BYTES:
            self.settle()
            while lately.size > MAX_BEHIND_BYTES and lately.forget_first():
                pass


class Reader:
    """One who follows a turn: `take` what is ready, `wait` for more, until `at_end`."""

    def __init__(
        self, feed: Feed, after: int, turns: bool, joins: bool, elsewhere: Callable[[int], Frames] | None
    ) -> None:
        self._feed = feed
        self._turns = turns
        self._joined_at = feed.last_seq if joins else 0
        self._elsewhere = elsewhere
        self._waiter: asyncio.Future[None] | None = None
        self.seq = after
        """The last event that was taken."""

    @property
    def at_end(self) -> bool:
        """Whether the turn has ended or rests, and all of it was taken; maybe more, where it went on elsewhere."""
        return (self._feed.ended or self._feed.resting) and self.seq >= self._feed.last_seq

    def take(self) -> bytes:
        """Return the frames that are ready, `b""` if there are none."""
        feed = self._feed
        if self.seq == feed.last_seq:
            return b""
        frames = feed.frames_after(self.seq, turns=self._turns, joined_at=self._joined_at)
        self.seq = feed.last_seq
        return frames

    def then(self) -> Frames | None:
        """Return what to read after the end; None if that was all."""
        return self._elsewhere(self.seq) if self._feed.lost and self._elsewhere else None

    def wait(self) -> Awaitable[None]:
        """Wait until there is more to take, the turn has ended or rests, or `interrupt` is called."""
        feed = self._feed
        self._waiter = waiter = feed.new_waiter()
        if self.seq != feed.last_seq or feed.ended or feed.resting:
            waiter.set_result(None)
        return waiter

    def interrupt(self) -> None:
        """Let `wait` return now."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Stop reading."""
        self._feed.forget(self)
