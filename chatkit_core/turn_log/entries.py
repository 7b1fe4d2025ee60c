"""A turn's events in the form in which they are kept: exact from any cursor, and no larger than what they say.

Two things make it small. Adjacent text deltas of one place are one `TextEntry`, which knows how long each is. And an
update that replaces an earlier one whole (a task, a widget, an image, a progress line) drops it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

SEGMENT_BYTES = 16 * 1024
"""A text entry takes no more deltas once it is this large."""


@dataclass(slots=True, frozen=True)
class EventEntry:
    """One event.

    Args:
        seq: its number in the turn.
        type: its `type`, such as "thread.item.done".
        data: its JSON.
        replaces: what it replaces whole, such as ("task", item id, 3); None if nothing.
    """

    seq: int
    type: str
    data: bytes
    replaces: tuple[str, ...] | None = None

    @property
    def first_seq(self) -> int:
        return self.seq


@dataclass(slots=True)
class TextEntry:
    """Adjacent text deltas that differ only in their text; as one event its JSON is `prefix + "text" + suffix`.

    Args:
        prefix, suffix: the JSON before and after the delta.
        text: all the deltas, joined.
        seqs, lengths: of each delta, its number and its characters.
    """

    prefix: bytes
    suffix: bytes
    text: str
    seqs: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("Q"))

    @property
    def type(self) -> str:
        return "thread.item.updated"

    @property
    def first_seq(self) -> int:
        return self.seqs[0]

    @property
    def seq(self) -> int:
        return self.seqs[-1]

    @property
    def data(self) -> bytes:
        return self.data_after(0)

    def data_after(self, seq: int) -> bytes:
        """Return the JSON of one event that stands for the deltas after `seq`."""
        known = bisect_right(self.seqs, seq)
        text = self.text[sum(self.lengths[:known]) :] if known else self.text
        return self.prefix + orjson.dumps(text) + self.suffix

    def takes(self, other: TextEntry) -> bool:
        return self.prefix == other.prefix and self.suffix == other.suffix and len(self.text) < SEGMENT_BYTES

    def append(self, other: TextEntry) -> None:
        self.text += other.text
        self.seqs.extend(other.seqs)
        self.lengths.extend(other.lengths)

    def copy(self) -> TextEntry:
        return TextEntry(self.prefix, self.suffix, self.text, self.seqs[:], self.lengths[:])


Entry = EventEntry | TextEntry


class Entries:
    """All that a turn has said, in order. Merging and dropping happen as entries come in."""

    def __init__(self) -> None:
        self._by_seq: dict[int, Entry] = {}
        self._last: Entry | None = None
        self._replaceable: dict[tuple[str, ...], int] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._by_seq.values())

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add entries that come after all that are here."""
        for entry in entries:
            if isinstance(entry, TextEntry):
                self._add_text(entry)
            else:
                self._add_event(entry)

    def after(self, seq: int, *, joined_at: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Yield (seq, type, JSON) of the events that bring a reader from `seq` to the end.

        Args:
            joined_at: for a reader that joins from the start: the last seq when it came. It is not told of client
                effects up to there, because what they did belongs to its past.
        """
        for entry in self._by_seq.values():
            if entry.seq <= seq:
                continue
            if isinstance(entry, TextEntry):
                yield entry.seq, entry.type, entry.data_after(seq)
            elif not (joined_at and entry.type == "client_effect" and entry.seq <= joined_at):
                yield entry.seq, entry.type, entry.data

    def _add_text(self, entry: TextEntry) -> None:
        if isinstance(self._last, TextEntry) and self._last.takes(entry):
            self._last.append(entry)
        else:
            self._last = self._by_seq[entry.first_seq] = entry.copy()

    def _add_event(self, entry: EventEntry) -> None:
        if entry.replaces is not None:
            earlier = self._replaceable.pop(entry.replaces, None)
            if earlier is not None:
                self._by_seq.pop(earlier, None)
            self._replaceable[entry.replaces] = entry.seq
        self._last = self._by_seq[entry.seq] = entry
