"""What a turn has said lately, as frames for the readers that keep up.

This is a hot path: a text delta is one `append`, and becomes a frame when somebody reads it, together with its
neighbours.
"""

from array import array
from collections.abc import Iterable, Iterator

import orjson

from chatkit_core import sse
from chatkit_core.turn_log import Entry, EventEntry, TextEntry

RUN = 64
"""Deltas that a run has at most."""
LARGE = 1024
"""A delta of so many characters ends its run."""


class Run:
    """Adjacent text deltas of one place, numbered without a gap."""

    __slots__ = ("_head", "_tail", "first_seq", "prefix", "suffix", "texts")

    def __init__(self, prefix: bytes, suffix: bytes, first_seq: int) -> None:
        self.prefix = prefix
        self.suffix = suffix
        self.first_seq = first_seq
        self.texts: list[str] = []
        self._head = b"data: " + prefix
        self._tail = suffix + b"\n\n"

    @property
    def seq(self) -> int:
        """The last number."""
        return self.first_seq + len(self.texts) - 1

    @property
    def size(self) -> int:
        """About how many bytes its frames have."""
        return sum(map(len, self.texts)) + len(self.texts) * (len(self.prefix) + len(self.suffix))

    def last_frame(self) -> bytes:
        """Return the frame of the last delta."""
        return self._head + orjson.dumps(self.texts[-1]) + self._tail

    def frames_after(self, seq: int) -> bytes:
        """Return the frames of the deltas after `seq`."""
        return self._head + (self._tail + self._head).join(map(orjson.dumps, self._texts_after(seq))) + self._tail

    def numbered_frames_after(self, seq: int, id_prefix: bytes) -> bytes:
        """Return the frames of the deltas after `seq`, each with its id."""
        first, prefix, suffix = max(seq + 1, self.first_seq), self.prefix, self.suffix
        return b"".join(
            [
                b"id: %b%d\ndata: %b%b%b\n\n" % (id_prefix, number, prefix, orjson.dumps(text), suffix)
                for number, text in enumerate(self._texts_after(seq), start=first)
            ]
        )

    def to_entry(self) -> TextEntry:
        """Return it in its compact form."""
        numbers = array("Q", range(self.first_seq, self.first_seq + len(self.texts)))
        return TextEntry(self.prefix, self.suffix, "".join(self.texts), numbers, array("Q", map(len, self.texts)))

    def _texts_after(self, seq: int) -> list[str]:
        return self.texts[seq - self.first_seq + 1 :] if seq >= self.first_seq else self.texts


class Lately:
    """What was said lately, in order, until it is forgotten."""

    def __init__(self, turn_id: str) -> None:
        self._id_prefix = turn_id.encode() + b":"
        self._said: list[Run | EventEntry] = []
        self.unsettled: list[Run | EventEntry] = []
        """What `settle` has not returned yet."""
        self.run: Run | None = None
        """The run that goes on; None if the next delta begins another."""
        self.size = 0
        """About how many bytes the frames have, without those of the run that goes on."""

    @property
    def first_seq(self) -> int | None:
        """The first number that is here; None if nothing is."""
        return self._said[0].first_seq if self._said else None

    def add_text(self, seq: int, prefix: bytes, suffix: bytes, text: str) -> bool:
        """Add a text delta; return whether it begins a run."""
        run = self.run
        begins = run is None or run.prefix != prefix or run.suffix != suffix or len(run.texts) >= RUN
        if begins:
            run = self._begin_run(seq, prefix, suffix)
        assert run is not None
        run.texts.append(text)
        if len(text) >= LARGE:
            self._end_run()
        return begins

    def add(self, entry: EventEntry, *, settled: bool = False) -> None:
        """Add an event.

        Args:
            settled: whether `settle` is not to return it.
        """
        self._end_run()
        self._said.append(entry)
        self.size += len(entry.data)
        if not settled:
            self.unsettled.append(entry)

    def settle(self) -> list[Entry]:
        """Return, in its compact form, what was added since the last call."""
        self._end_run()
        if not self.unsettled:
            return []
        unsettled, self.unsettled = self.unsettled, []
        return list(_merged(unsettled))

    def forget(self, seq: int) -> None:
        """Forget what nobody needs who has all up to `seq`."""
        while self._said and self._said[0].seq <= seq:
            self.size -= _size(self._said.pop(0))

    def forget_first(self) -> bool:
        """Forget what was said first of all that is here, unless it is the last; return whether it was not."""
        if len(self._said) < 2:
            return False
        self.size -= _size(self._said.pop(0))
        return True

    def frames_after(self, seq: int) -> bytes:
        """Return the frames after `seq`, without `turn.*` events."""
        return b"".join(
            [
                one.frames_after(seq) if isinstance(one, Run) else sse.encode(one.data)
                for one in self._after(seq)
                if isinstance(one, Run) or not one.type.startswith("turn.")
            ]
        )

    def numbered_frames_after(self, seq: int) -> bytes:
        """Return the frames after `seq`, each with its id."""
        return b"".join(
            [
                one.numbered_frames_after(seq, self._id_prefix)
                if isinstance(one, Run)
                else b"id: %b%d\n%b" % (self._id_prefix, one.seq, sse.encode(one.data))
                for one in self._after(seq)
            ]
        )

    def _after(self, seq: int) -> list[Run | EventEntry]:
        after = []
        for one in reversed(self._said):
            if one.seq <= seq:
                break
            after.append(one)
        after.reverse()
        return after

    def _begin_run(self, seq: int, prefix: bytes, suffix: bytes) -> Run:
        self._end_run()
        self.run = run = Run(prefix, suffix, seq)
        self._said.append(run)
        self.unsettled.append(run)
        return run

    def _end_run(self) -> None:
        if self.run is not None:
            self.size += self.run.size
            self.run = None


def _size(one: Run | EventEntry) -> int:
    return one.size if isinstance(one, Run) else len(one.data)


def _merged(said: Iterable[Run | EventEntry]) -> Iterator[Entry]:
    """Return all as entries, adjacent runs of one place as one."""
    text: TextEntry | None = None
    for one in said:
        if isinstance(one, EventEntry):
            if text is not None:
                yield text
                text = None
            yield one
            continue
        entry = one.to_entry()
        if text is not None and text.takes(entry):
            text.append(entry)
        else:
            if text is not None:
                yield text
            text = entry
    if text is not None:
        yield text
