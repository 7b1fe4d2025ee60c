import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.sse import PING, Decoder, ServerSentEvent, encode

one_line = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)
ids = st.none() | one_line.filter(lambda id: "\0" not in id)
cuts = st.lists(st.integers(0, 400), max_size=30)
line_ends = st.sampled_from([b"\n", b"\r\n", b"\r"])
fields = [b"data", b"data: one", b"data:two", b"data:  \xc3\xa9", b"id: 7", b"id", b"id: n\0", b": ping", b"event: x"]
breaks = [b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef", b"x"]
pieces = st.sampled_from(fields + breaks)


def in_chunks(stream: bytes, cuts: list[int]) -> list[ServerSentEvent]:
    decoder = Decoder()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    return [event for start, end in pairwise(edges) for event in decoder.feed(stream[start:end])]


def by_the_standard(stream: bytes) -> list[ServerSentEvent]:
    """Section 9.2.6 of the HTML standard, on the whole stream at once."""
    text = stream.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    found, data, last_id = [], [], ""
    for line in re.split("\r\n|\r|\n", text)[:-1]:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                found.append(ServerSentEvent("\n".join(data), last_id))
            data = []
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            last_id = value
    return found


def test_a_frame_is_a_data_line_and_a_blank_one() -> None:
    assert encode(b'{"a":1}') == b'data: {"a":1}\n\n'
    assert encode(b"{}", id="trn_1:7") == b"id: trn_1:7\ndata: {}\n\n"


@given(st.lists(st.tuples(one_line, ids), max_size=6), line_ends, st.booleans(), cuts)
def test_what_was_encoded_is_decoded_however_the_bytes_arrive(
    said: list[tuple[str, str | None]], line_end: bytes, bom: bool, cuts: list[int]
) -> None:
    frames = [encode(data.encode(), id=id) + PING for data, id in said]
    stream = (b"\xef\xbb\xbf" if bom else b"") + b"".join(frames).replace(b"\n", line_end)

    expected, last_id = [], ""
    for data, id in said:
        last_id = last_id if id is None else id
        expected.append(ServerSentEvent(data, last_id))
    assert in_chunks(stream, cuts) == expected


@given(st.lists(pieces, max_size=30).map(b"".join), cuts)
def test_any_stream_is_read_as_the_standard_says_however_the_bytes_arrive(stream: bytes, cuts: list[int]) -> None:
    assert in_chunks(stream, cuts) == by_the_standard(stream)
    assert in_chunks(stream, list(range(len(stream)))) == by_the_standard(stream)


def test_a_ping_says_nothing() -> None:
    assert Decoder().feed(PING) == []


def test_an_event_whose_end_has_not_come_is_held_back() -> None:
    decoder = Decoder()

    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\n") == [ServerSentEvent("a")]


def test_an_event_is_told_at_once_also_where_lines_end_with_a_carriage_return() -> None:
    decoder = Decoder()

    assert decoder.feed(b"data: a\r\r") == [ServerSentEvent("a")]
    assert decoder.feed(b"\ndata: b\r\n\r") == [ServerSentEvent("b")]
    assert decoder.feed(b"\n") == []


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    assert Decoder().feed(b"data: \xff\n\n") == [ServerSentEvent("\N{REPLACEMENT CHARACTER}")]
