"""The short way of text says, byte for byte, what the long way would say."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.reducer import TextPart
from chatkit_core.engine.text_route import DELTA_SUFFIX, TextRoute, WidgetTextRoute
from chatkit_core.types import (
    AssistantMessageContentPartTextDelta,
    ThreadItemUpdatedEvent,
    WidgetStreamingTextValueDelta,
)

texts = st.text() | st.text(st.sampled_from('"\\/<>&\0\x1f\x7f\x85\u2028\u2029\ufeff\ufffd\U0010ffff😀'))


@given(item_id=texts, index=st.integers(0, 999), delta=texts)
def test_prefix_delta_and_suffix_are_the_json_of_the_event(item_id: str, index: int, delta: str) -> None:
    route = TextRoute(item_id, index, TextPart())
    update = AssistantMessageContentPartTextDelta(content_index=index, delta=delta)

    assert route.prefix + orjson.dumps(delta) + DELTA_SUFFIX == to_json(
        ThreadItemUpdatedEvent(item_id=item_id, update=update)
    )


@given(item_id=texts, component_id=texts, delta=texts, done=st.booleans())
def test_the_same_goes_for_the_text_of_a_widget(item_id: str, component_id: str, delta: str, done: bool) -> None:
    route = WidgetTextRoute(item_id, component_id)
    update = WidgetStreamingTextValueDelta(component_id=component_id, delta=delta, done=done)

    assert route.prefix + orjson.dumps(delta) + route.suffix(done) == to_json(
        ThreadItemUpdatedEvent(item_id=item_id, update=update)
    )


def test_text_on_the_route_reaches_its_part() -> None:
    part = TextPart()
    route = TextRoute("msg_1", 0, part)
    route.append("a")
    route.append("b")

    assert part.content().text == "ab"
