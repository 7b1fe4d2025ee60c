"""Entries as bytes, and back."""

from array import array

import orjson
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.turn_log import Entry, EventEntry, TextEntry
from chatkit_core.turn_log.codec import decode_entries, encode_entries

SEQS = st.integers(1, 2**40)
TEXTS = st.text(max_size=8)


@st.composite
def texts(draw: st.DrawFn) -> TextEntry:
    """Text of several deltas, some of them empty, whose seqs may have gaps."""
    entry = TextEntry(draw(st.binary(max_size=9)), draw(st.binary(max_size=9)), "")
    for step, text in draw(st.lists(st.tuples(st.sampled_from([1, 1, 2, 2**33]), TEXTS), min_size=1, max_size=6)):
        seq = entry.seq + step if entry.seqs else draw(SEQS)
        entry.text += text
        entry.seqs.append(seq)
        entry.lengths.append(len(text))
    return entry


def events() -> st.SearchStrategy[EventEntry]:
    replaces = st.none() | st.lists(TEXTS, max_size=3).map(tuple)
    return st.builds(EventEntry, SEQS, TEXTS, st.binary(max_size=30), replaces)


@given(st.lists(texts() | events(), max_size=6))
def test_what_was_encoded_comes_back(entries: list[Entry]) -> None:
    assert decode_entries(encode_entries(entries)) == entries


def test_text_says_little_more_than_itself() -> None:
    prefix, suffix = b'{"type":"thread.item.updated","item_id":"msg_1","update":{"delta":', b"}}"
    words = [f"word {number} " for number in range(20)]
    entry = TextEntry(prefix, suffix, "")
    for seq, word in enumerate(words, 1001):
        entry.append(TextEntry(prefix, suffix, word, array("Q", [seq]), array("Q", [len(word)])))
    own = sum(map(len, (prefix, suffix, entry.text.encode())))
    assert len(encode_entries([entry])) - own < 30 + 2 * len(words)


def test_an_event_is_kept_to_the_byte() -> None:
    event = EventEntry(7, "turn.usage", b'{ "cost": 1e400, "z": 1.0, "a": 99999999999999999999 }')
    (decoded,) = decode_entries(encode_entries([event]))
    assert decoded.data == event.data


def test_a_blob_begins_with_a_header_that_says_what_it_holds() -> None:
    text = TextEntry(b"{", b"}", "naïve", array("Q", [3, 4, 8]), array("Q", [2, 0, 3]))
    blob = encode_entries([EventEntry(2, "thread.item.added", b"{}"), text, EventEntry(9, "x", b"[]", ("task", "1"))])
    length = int.from_bytes(blob[:4], "big")
    assert orjson.loads(blob[4 : 4 + length]) == [
        [2, "thread.item.added", 2],
        [3, [1, 4], [2, 0, 3], 1, 1, 6],
        [9, "x", 2, ["task", "1"]],
    ]
    assert blob[4 + length :] == "{}{}naïve[]".encode()
