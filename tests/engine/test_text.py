"""Text that can always be encoded, however a model's stream splits or breaks surrogate pairs."""

import json
from itertools import pairwise

import orjson
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.text import DeltaJoiner, clean, clean_model
from chatkit_core.types import HiddenContextItem, NoticeEvent, ThreadItemDoneEvent, ThreadMetadata, WidgetItem, utc_now
from chatkit_core.widgets import Card, Text

HIGH, LOW, LOST = "\ud83d", "\ude00", "\N{REPLACEMENT CHARACTER}"
broken = st.text(st.sampled_from([HIGH, LOW, "\udbff", "\udc00", "a", "é", "😀", "\0", LOST]), max_size=12)
cuts = st.lists(st.integers(0, 12), max_size=6)


def by_hand(text: str) -> str:
    """Pairs joined, lone halves replaced, one character at a time."""
    cleaned, rest = "", text
    while rest:
        if "\ud800" <= rest[0] <= "\udbff" and "\udc00" <= rest[1:2] <= "\udfff":
            cleaned += chr(0x10000 + (ord(rest[0]) - 0xD800 << 10) + ord(rest[1]) - 0xDC00)
            rest = rest[2:]
        else:
            cleaned += LOST if "\ud800" <= rest[0] <= "\udfff" else rest[0]
            rest = rest[1:]
    return cleaned


@given(broken | st.text())
def test_clean_joins_pairs_and_replaces_each_lone_half(text: str) -> None:
    assert clean(text) == by_hand(text)
    assert clean(clean(text)) == clean(text)
    orjson.dumps(clean(text))


@given(broken | st.text(max_size=12), cuts)
def test_deltas_however_they_are_cut_give_the_clean_text(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    joiner = DeltaJoiner()

    said = [joiner.push(text[start:end]) for start, end in pairwise(edges)] + [joiner.rest()]

    assert "".join(said) == by_hand(text)
    assert all(orjson.loads(orjson.dumps(delta)) == delta for delta in said)
    assert joiner.rest() == ""


def test_half_a_pair_is_held_back_until_the_next_delta_tells_what_it_was() -> None:
    joiner = DeltaJoiner()

    assert [joiner.push(delta) for delta in ("a" + HIGH, "", LOW + "b", HIGH, "c", HIGH)] == [
        "a",
        "",
        "😀b",
        "",
        LOST + "c",
        "",
    ]
    assert joiner.rest() == LOST


def test_text_that_is_clean_is_passed_on_as_it_is() -> None:
    delta = "é" * 100

    assert DeltaJoiner().push(delta) is delta


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | broken,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(broken, inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_a_model_is_cleaned_wherever_it_holds_text(content: object) -> None:
    item = HiddenContextItem(id="msg_1", thread_id="thr_1", created_at=utc_now(), content=content)
    event = ThreadItemDoneEvent(item=item)

    cleaned = clean_model(event)

    assert type(cleaned) is ThreadItemDoneEvent
    assert type(cleaned.item) is HiddenContextItem
    orjson.loads(to_json(cleaned))
    assert event.item.content == content


def test_cleaning_keeps_what_a_model_is() -> None:
    widget = Card(children=[Text(id="t", value="a" + HIGH, streaming=True)], size="sm")
    item = WidgetItem(id="wid", thread_id="thr_1", created_at=utc_now(), widget=widget)
    wanted = WidgetItem(
        id="wid",
        thread_id="thr_1",
        created_at=item.created_at,
        widget=Card(children=[Text(id="t", value="a" + LOST, streaming=True)], size="sm"),
    )
    notice = NoticeEvent(level="info", message=HIGH + LOW)
    thread = ThreadMetadata(id="thr_1", created_at=utc_now(), metadata={HIGH: [LOW]})

    assert clean_model(item) == wanted
    assert clean_model(notice) == NoticeEvent(level="info", message="😀")
    assert clean_model(thread).metadata == {LOST: [LOST]}
    assert json.loads(to_json(clean_model(item))) == json.loads(to_json(wanted))
