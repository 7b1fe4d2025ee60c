"""Cursors as clients hand them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.engine.following import Cursor
from chatkit_core.errors import InvalidRequestError


@given(st.text(min_size=1), st.integers(0, 10**15 - 1))
def test_a_cursor_is_the_turn_and_the_number_of_an_event(turn_id: str, seq: int) -> None:
    assert Cursor.parse(f"{turn_id}:{seq}", "after") == Cursor(turn_id, seq)


NO_CURSORS = ["", ":", "trn_1", "trn_1:", ":1"]
NO_NUMBERS = [
    "x",
    "-1",
    "+1",
    "1.0",
    "1_0",
    " 1",
    "1 ",
    "1\n",
    "\N{SUPERSCRIPT TWO}",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "1" * 16,
]


@pytest.mark.parametrize("text", NO_CURSORS + [f"trn_1:{number}" for number in NO_NUMBERS])
def test_anything_else_is_no_cursor_and_the_error_names_the_field(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Cursor.parse(text, "params.after")

    assert (caught.value.status, caught.value.field) == (422, "params.after")


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    try:
        cursor = Cursor.parse(text, "after")
    except InvalidRequestError:
        return
    assert 0 <= cursor.seq < 2**63
