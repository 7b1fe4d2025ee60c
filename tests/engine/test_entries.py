"""The form in which a turn's events are kept: exact from any cursor, and small."""

from array import array

import orjson
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.turn_log import Entries, EventEntry, TextEntry
from chatkit_core.turn_log.entries import SEGMENT_BYTES

texts = st.lists(st.text(max_size=5), min_size=1, max_size=8)


def text_entry(first_seq: int, deltas: list[str], place: bytes = b"a") -> TextEntry:
    seqs = array("Q", range(first_seq, first_seq + len(deltas)))
    lengths = array("Q", map(len, deltas))
    return TextEntry(b'{"place":"%b","delta":' % place, b"}", "".join(deltas), seqs, lengths)


def event(seq: int, *replaces: str, type: str = "notice") -> EventEntry:
    return EventEntry(seq, type, b'{"seq":%d}' % seq, replaces or None)


def entries_of(*entries: EventEntry | TextEntry) -> Entries:
    all_of_them = Entries()
    all_of_them.extend(entries)
    return all_of_them


@given(texts, st.data())
def test_a_text_entry_gives_what_follows_any_of_its_deltas(deltas: list[str], data: st.DataObject) -> None:
    entry = text_entry(11, deltas)
    seq = data.draw(st.integers(0, 11 + len(deltas)))

    assert (entry.first_seq, entry.seq) == (11, 10 + len(deltas))
    assert orjson.loads(entry.data_after(seq)) == {"place": "a", "delta": "".join(deltas[max(0, seq - 10) :])}
    assert entry.data == entry.data_after(0)


@given(st.lists(texts, min_size=1, max_size=6), st.data())
def test_adjacent_texts_of_one_place_become_one_whose_cursors_are_all_exact(
    pieces: list[list[str]], data: st.DataObject
) -> None:
    entries, seq = Entries(), 1
    for piece in pieces:
        entries.extend([text_entry(seq, piece)])
        seq += len(piece)
    deltas = [delta for piece in pieces for delta in piece]
    cursor = data.draw(st.integers(0, len(deltas) - 1))

    [(last, type, said)] = entries.after(cursor)

    assert (last, type) == (len(deltas), "thread.item.updated")
    assert orjson.loads(said)["delta"] == "".join(deltas[cursor:])
    assert list(entries.after(len(deltas))) == []


def test_texts_of_two_places_and_texts_around_an_event_stay_apart() -> None:
    entries = entries_of(
        text_entry(1, ["a"]),
        text_entry(2, ["b"], b"b"),
        event(3),
        text_entry(4, ["c"], b"b"),
        text_entry(5, ["d"], b"b"),
    )

    assert list(entries.after(0)) == [
        (1, "thread.item.updated", b'{"place":"a","delta":"a"}'),
        (2, "thread.item.updated", b'{"place":"b","delta":"b"}'),
        (3, "notice", b'{"seq":3}'),
        (5, "thread.item.updated", b'{"place":"b","delta":"cd"}'),
    ]


def test_a_text_entry_takes_no_more_once_it_is_large() -> None:
    entries = Entries()
    for seq in range(1, 8):
        entries.extend([text_entry(seq, ["x" * (SEGMENT_BYTES // 2)])])

    assert [(entry.first_seq, entry.seq) for entry in entries] == [(1, 2), (3, 4), (5, 6), (7, 7)]


def test_what_is_merged_is_a_copy() -> None:
    given_entry = text_entry(1, ["a"])
    entries = entries_of(given_entry, text_entry(2, ["b"]))

    assert given_entry == text_entry(1, ["a"])
    assert list(entries) == [text_entry(1, ["a", "b"])]


def test_an_event_drops_the_one_that_it_replaces_and_no_other() -> None:
    entries = entries_of(
        event(1, "task", "flow", "0"), event(2, "task", "flow", "1"), event(3, "task", "flow", "0"), event(4)
    )

    assert [entry.seq for entry in entries] == [2, 3, 4]
    assert [seq for seq, *_ in entries.after(2)] == [3, 4]


def test_a_thousand_replacing_events_keep_one() -> None:
    assert list(entries_of(*[event(seq, "progress") for seq in range(1, 1_001)])) == [event(1_000, "progress")]


def test_a_client_effect_is_for_those_who_were_there_when_it_was_said() -> None:
    entries = entries_of(event(1, type="client_effect"), event(2), event(3, type="client_effect"))

    assert [seq for seq, *_ in entries.after(0)] == [1, 2, 3]
    assert [seq for seq, *_ in entries.after(0, joined_at=2)] == [2, 3]
    assert [seq for seq, *_ in entries.after(0, joined_at=3)] == [2]
