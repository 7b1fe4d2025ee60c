"""What stands in a turn's row comes back from it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.engine.turn_state import TurnState
from chatkit_core.types import (
    StructuredInputAnswer,
    StructuredInputFreeform,
    StructuredInputItem,
    TurnLimits,
    UserMessageItem,
)
from chatkit_core.types.times import utc_now

words = st.text(max_size=5)


def fields(id: str) -> dict[str, Any]:
    return {"id": id, "thread_id": "thr_1", "created_at": utc_now()}


def a_message(text: str) -> UserMessageItem:
    content = [{"type": "input_text", "text": text}]
    return UserMessageItem.model_validate(fields("msg_1") | {"content": content, "inference_options": {}})


def an_answer(text: str) -> StructuredInputItem:
    question = StructuredInputFreeform(id="q", question="?", answer=StructuredInputAnswer(values=[text]))
    return StructuredInputItem(**fields("inp_1"), status="answered", inputs=[question])


states = st.builds(
    TurnState,
    message=st.none() | st.builds(a_message, words),
    set_aside=st.lists(st.builds(a_message, words) | st.builds(an_answer, words), max_size=2),
    asked=st.dictionaries(words, words, max_size=2),
    answers=st.dictionaries(words, st.builds(an_answer, words), max_size=2),
    limits=st.builds(TurnLimits, max_seconds=st.none() | st.just(0.5), max_tokens=st.none() | st.just(7)),
    seconds=st.floats(0, 100),
    events=st.integers(0, 100),
)


@given(states)
def test_a_state_comes_back_as_it_was(state: TurnState) -> None:
    assert TurnState.from_bytes(state.to_bytes()) == state


def test_a_state_that_says_nothing_takes_next_to_no_room() -> None:
    assert TurnState.from_bytes(b"{}") == TurnState()
    assert len(TurnState().to_bytes()) < 20
