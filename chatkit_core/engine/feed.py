"""What a turn has said, and those who read it.

The turn never waits for a reader. A reader that keeps up gets each event as its own frame, encoded once for all; one
that is far behind, or joins late, gets the compact form of `Entries`. A frame stays here only while somebody who keeps
up has yet to take it.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import cast

import orjson

from chatkit_core import sse
from chatkit_core.turn_log import Entries, Entry, EventEntry, TextEntry

MAX_BEHIND = 256
"""A reader that has this many events to catch up with gets them merged."""
MAX_BEHIND_BYTES = 64 * 1024
"""So does one that has this many bytes to catch up with."""

_Delta = tuple[int, bytes, bytes, str]
"""A said text delta before it is merged: seq, prefix, suffix, text."""


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
        self._fresh: list[_Delta | EventEntry] = []
        self._unlogged: list[Entry] = []
        self._frames: list[bytes] = []
        self._plain_frames: list[bytes] = []
        self._bytes = 0
        self._readers: set[Reader] = set()
        self._waiters: list[asyncio.Future[None]] = []

    def say_text(self, prefix: bytes, suffix: bytes, text: str) -> None:
        """Say an event whose JSON is `prefix + "text" + suffix`."""
        if self._written is not None:
            self._held_back.append(partial(self.say_text, prefix, suffix, text))
            return
        self.last_seq += 1
        frame = b"".join((b"data: ", prefix, orjson.dumps(text), suffix, b"\n\n"))
        self._fresh.append((self.last_seq, prefix, suffix, text))
        self._keep(frame, frame)

    def say(self, type: str, data: bytes, replaces: tuple[str, ...] | None = None) -> None:
        """Say an event whose JSON is `data`; nothing after the end."""
        if self.ended:
            return
        if self._written is not None:
            self._held_back.append(partial(self.say, type, data, replaces))
            return
        entry = EventEntry(self.last_seq + 1, type, data, replaces)
        self._fresh.append(entry)
        self._say(entry)

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
                self.settle()
                self._entries.extend([entry])
            else:
                self._fresh.append(entry)
            self._say(entry)
        self._say_held_back()

    def forgo(self) -> None:
        """Do not say what `about_to_say` returned; nothing if it is said."""
        self._written = None
        self._say_held_back()

    def end(self) -> None:
        """Nothing more will be said. The number of an event that is still being written is left out."""
        if self._written is not None:
            self.last_seq, self._written = self._written.seq, None
            self._keep(b"", b"")
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

    def reader(self, *, after: int = 0, turns: bool = False, joins: bool = True) -> "Reader":
        """Return a new reader that goes on after a seq.

        Args:
            turns: whether it gets `turn.*` events, and the cursor of each event.
            joins: whether one that begins at the start comes to a turn that others have started, so that what client
                effects did until now belongs to its past.
        """
        reader = Reader(self, after, turns, joins and after == 0)
        self._readers.add(reader)
        return reader

    def forget(self, reader: "Reader") -> None:
        """The reader has gone."""
        self._readers.discard(reader)

    def settle(self) -> None:
        """Merge what was said lately into the compact form, and drop the frames that nobody waits for."""
        if self._fresh:
            entries = list(_merged(self._fresh))
            self._fresh.clear()
            self._entries.extend(entries)
            self._unlogged += entries
        wanted = min((reader.seq for reader in self._readers), default=self.last_seq)
        self._drop_frames(len(self._frames) - min(self.last_seq - wanted, MAX_BEHIND))

    def frames_after(self, seq: int, *, turns: bool, joined_at: int) -> bytes:
        """Return, as bytes to send, the frames that bring a reader from `seq` to the end."""
        behind = self.last_seq - seq
        if behind <= min(len(self._frames), MAX_BEHIND) and seq >= joined_at:
            start = len(self._frames) - behind
            if not turns:
                return b"".join(self._plain_frames[start:])
            numbered = enumerate(self._frames[start:], start=seq + 1)
            return b"".join([self._id_line(number) + frame for number, frame in numbered])
        self.settle()
        return b"".join(
            self._id_line(number) + sse.encode(data) if turns else sse.encode(data)
            for number, type, data in self._entries.after(seq, joined_at=joined_at)
            if turns or not type.startswith("turn.")
        )

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

    def _say(self, entry: EventEntry) -> None:
        self.last_seq = entry.seq
        frame = sse.encode(entry.data)
        self._keep(frame, b"" if entry.type.startswith("turn.") else frame)

    def _keep(self, frame: bytes, plain_frame: bytes) -> None:
        self._frames.append(frame)
        self._plain_frames.append(plain_frame)
        self._bytes += len(frame)
        if len(self._frames) >= 2 * MAX_BEHIND or self._bytes >= 2 * MAX_BEHIND_BYTES:
            self.settle()
            self._drop_large()
        if self._waiters:
            self.wake()

    def _drop_large(self) -> None:
        drop = 0
        rest = self._bytes
        while rest > MAX_BEHIND_BYTES and drop < len(self._frames) - 1:
            rest -= len(self._frames[drop])
            drop += 1
        self._drop_frames(drop)

    def _drop_frames(self, count: int) -> None:
        if count > 0:
            self._bytes -= sum(map(len, self._frames[:count]))
            del self._frames[:count]
            del self._plain_frames[:count]

    def _id_line(self, seq: int) -> bytes:
        return b"id: %b:%d\n" % (self.turn_id.encode(), seq)


class Reader:
    """One who follows a turn: `take` what is ready, `wait` for more, until `at_end`."""

    def __init__(self, feed: Feed, after: int, turns: bool, joins: bool) -> None:
        self._feed = feed
        self._turns = turns
        self._joined_at = feed.last_seq if joins else 0
        self._waiter: asyncio.Future[None] | None = None
        self.seq = after
        """The last event that was taken."""

    @property
    def at_end(self) -> bool:
        """Whether the turn has ended or rests, and all of it was taken."""
        return (self._feed.ended or self._feed.resting) and self.seq == self._feed.last_seq

    def take(self) -> bytes:
        """Return the frames that are ready, `b""` if there are none."""
        feed = self._feed
        if self.seq == feed.last_seq:
            return b""
        frames = feed.frames_after(self.seq, turns=self._turns, joined_at=self._joined_at)
        self.seq = feed.last_seq
        return frames

    async def wait(self) -> None:
        """Return when there is more to take, when the turn has ended or rests, or when `interrupt` is called."""
        if self.seq == self._feed.last_seq and not self.at_end:
            self._waiter = self._feed.new_waiter()
            await self._waiter

    def interrupt(self) -> None:
        """Let `wait` return now."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Stop reading."""
        self._feed.forget(self)


def _merged(said: Iterable[_Delta | EventEntry]) -> Iterator[Entry]:
    """Merge adjacent deltas of one place."""
    for place, group in groupby(said, key=_place):
        if place is None:
            yield from cast("Iterator[EventEntry]", group)
        else:
            yield _text_entry(*place, cast("Iterator[_Delta]", group))


def _place(one: _Delta | EventEntry) -> tuple[bytes, bytes] | None:
    return None if isinstance(one, EventEntry) else (one[1], one[2])


def _text_entry(prefix: bytes, suffix: bytes, deltas: Iterable[_Delta]) -> TextEntry:
    pieces: list[str] = []
    entry = TextEntry(prefix, suffix, "")
    length = 0
    for seq, _, _, text in deltas:
        pieces.append(text)
        length += len(text)
        entry.seqs.append(seq)
        entry.ends.append(length)
    entry.text = "".join(pieces)
    return entry
