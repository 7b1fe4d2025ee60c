"""I9: a body that is no op gets an error with a status, a code and, where there is one, the field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.engine.parse import parse_op
from chatkit_core.errors import ChatKitError, InvalidJSONError, InvalidRequestError
from chatkit_core.types import ThreadsCreateReq, ThreadsListReq, ThreadsStartReq

INPUT = {"content": [{"type": "input_text", "text": "Hi"}], "attachments": [], "inference_options": {}}


def op(type: Any, **params: Any) -> bytes:
    return json.dumps({"type": type, "params": params}).encode()


def with_turn(**turn: Any) -> bytes:
    return op("threads.create", input=INPUT, turn=turn)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


NOT_JSON = {
    "nothing": b"",
    "a word": b"hello",
    "half of it": b'{"type": "threads.list"',
    "two of them": b"{} {}",
    "single quotes": b"{'type': 'threads.list'}",
    "NaN": b'{"type": "threads.list", "params": {"limit": NaN}}',
    "infinity": b'{"type": "threads.list", "params": {"limit": Infinity}}',
    "more than a double can hold": b'{"type": "threads.list", "params": {"limit": 1e400}}',
    "not UTF-8": b'{"type": "\xff"}',
    "a lone surrogate as bytes": b'{"type": "\xed\xa0\xbd"}',
    "a lone surrogate as an escape": rb'{"type": "\ud83d"}',
    "the second half alone": rb'{"type": "\ude00"}',
    "halves in the wrong order": rb'{"type": "\ude00\ud83d"}',
    "a control character in a string": b'{"type": "\n"}',
    "UTF-16": '{"type": "threads.list"}'.encode("utf-16"),
    "a str with a lone surrogate": '{"type": "\ud83d"}',
    "100,000 open arrays": b"[" * 100_000,
    "100,000 arrays": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_400(body: bytes | str) -> None:
    with pytest.raises(InvalidJSONError) as caught:
        parse_op(body)

    assert (caught.value.status, caught.value.code) == (400, "request.invalid_json")
    caught.value.message.encode()


INVALID = {
    "an array": (b"[]", ""),
    "null": (b"null", ""),
    "a number": (b"1", ""),
    "a string": (b'"threads.list"', ""),
    "no type": (b"{}", "type"),
    "an unknown type": (op("threads.explode"), "type"),
    "a type that is a number": (op(1), "type"),
    "a type that is an array": (op(["threads.list"]), "type"),
    "a type that is null": (op(None), "type"),
    "no params": (b'{"type": "threads.create"}', "params"),
    "params that are an array": (b'{"type": "threads.create", "params": []}', "params"),
    "params that are null": (b'{"type": "threads.list", "params": null}', "params"),
    "a field that is missing": (op("threads.get_by_id"), "params.thread_id"),
    "a field of the wrong type": (op("threads.get_by_id", thread_id=7), "params.thread_id"),
    "a field that is null": (op("threads.get_by_id", thread_id=None), "params.thread_id"),
    "a wrong word": (op("threads.list", order="up"), "params.order"),
    "half a number": (op("threads.list", limit=1.5), "params.limit"),
    "a number that is huge": (op("threads.list", limit=10**30), "params.limit"),
    "deep inside": (op("threads.create", input=INPUT | {"content": [{"type": "input_text", "text": 1}]}), "content"),
    "an unknown tag deep inside": (op("threads.create", input=INPUT | {"content": [{"type": "song"}]}), "content"),
    "an empty key": (op("threads.start", key=""), "params.key"),
    "an empty idempotency key": (with_turn(idempotency_key=""), "params.turn.idempotency_key"),
    "a way to be busy that there is not": (with_turn(on_busy="wait"), "params.turn.on_busy"),
    "a sender that is a word": (with_turn(sender="Ada"), "params.turn.sender"),
    "a limit of nothing": (with_turn(limits={"max_tokens": 0}), "params.turn.limits.max_tokens"),
    "no turn": (op("turns.get"), "params.turn_id"),
    "a number before the first": (op("turns.events", turn_id="trn_1", after_seq=-1), "params.after_seq"),
    "too long a wait": (op("turns.wait", turn_id="trn_1", timeout=301), "params.timeout"),
    "a reason that says nothing": (op("turns.cancel", turn_id="trn_1", reason=""), "params.reason"),
    "a time that is none": (op("turns.summary", since="soon"), "params.since"),
    "metadata that is a word": (b'{"type": "threads.list", "params": {}, "metadata": "x"}', "metadata"),
}
DEEP = {
    "deep inside": "params.input.content.0.text",
    "an unknown tag deep inside": "params.input.content.0",
}


@pytest.mark.parametrize("name", INVALID)
def test_json_that_is_no_op_is_422_and_names_the_field(name: str) -> None:
    body, field = INVALID[name]
    with pytest.raises(InvalidRequestError) as caught:
        parse_op(body)

    assert (caught.value.status, caught.value.code) == (422, "request.invalid")
    assert caught.value.field == DEEP.get(name, field)


TURN = {"turn_id": "trn_1"}
ABOUT_TURNS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "turns.get": (TURN, {}),
    "turns.list": ({}, {"order": "desc"}),
    "turns.events": (TURN, {"after_seq": 0}),
    "turns.follow": ({}, {"wait": False}),
    "turns.wait": (TURN, {"timeout": 30.0}),
    "turns.cancel": (TURN, {"reason": "user"}),
    "turns.summary": ({}, {}),
}


@pytest.mark.parametrize("type", ABOUT_TURNS)
def test_ops_about_turns_need_no_more_than_the_turn(type: str) -> None:
    given_params, defaults = ABOUT_TURNS[type]
    parsed = parse_op(op(type, **given_params))

    assert parsed.model_dump(exclude_none=True) == {"type": type, "metadata": {}, "params": given_params | defaults}


def test_what_a_client_says_of_the_turn_that_its_op_starts_is_taken() -> None:
    limits = {"max_seconds": 2.5, "max_events": 3, "max_steps": 4, "max_tokens": 5, "max_cost_usd": 0.5}
    turn = {"on_busy": "reject", "idempotency_key": "k", "sender": {"name": "Ada"}, "limits": limits}
    parsed = parse_op(op("threads.create", input=INPUT, turn=turn))

    assert isinstance(parsed, ThreadsCreateReq)
    assert parsed.params.turn is not None
    assert parsed.params.turn.model_dump() == turn


@pytest.mark.parametrize("place", ["metadata", "tag data", "tool output"])
def test_json_that_is_nested_too_deep_to_be_written_again_is_422(place: str) -> None:
    tag = {"type": "input_tag", "id": "1", "text": "t", "data": {"a": nested(300)}}
    bodies = {
        "metadata": {"type": "threads.list", "params": {}, "metadata": {"a": nested(300)}},
        "tag data": {"type": "threads.create", "params": {"input": INPUT | {"content": [tag]}}},
        "tool output": {"type": "threads.add_client_tool_output", "params": {"thread_id": "t", "result": nested(300)}},
    }
    with pytest.raises(InvalidRequestError) as caught:
        parse_op(json.dumps(bodies[place]))

    assert (caught.value.status, caught.value.code) == (422, "request.invalid")


def test_an_op_may_be_nested_as_deep_as_any_sane_one_is() -> None:
    parsed = parse_op(json.dumps({"type": "threads.list", "params": {}, "metadata": {"a": nested(50)}}))

    assert parsed.model_dump_json()


def test_bytes_bytearray_and_str_are_taken() -> None:
    body = op("threads.create", input=INPUT)

    parsed = [parse_op(body), parse_op(bytearray(body)), parse_op(body.decode())]

    assert parsed == [ThreadsCreateReq.model_validate({"params": {"input": INPUT}})] * 3


def test_what_an_op_does_not_know_is_ignored_and_of_two_equal_keys_the_last_one_counts() -> None:
    body = b'{"type": "threads.get_by_id", "type": "threads.list", "params": {"limit": 1, "limit": 2, "x": {}}, "y": 1}'

    parsed = parse_op(body)

    assert isinstance(parsed, ThreadsListReq)
    assert parsed.params.limit == 2


def test_a_turn_that_is_null_is_none_and_start_needs_no_params() -> None:
    assert isinstance(parse_op(op("threads.create", input=INPUT, turn=None)), ThreadsCreateReq)
    assert isinstance(parse_op(b'{"type": "threads.start"}'), ThreadsStartReq)


keys = st.sampled_from(["type", "params", "input", "content", "thread_id", "limit", "turn", "metadata", "x"])
words = st.sampled_from(["threads.create", "threads.list", "items.list", "input_text", "turns.get", ""])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(values.map(json.dumps).map(str.encode) | st.binary())
def test_any_body_is_an_op_or_one_of_our_errors(body: bytes) -> None:
    try:
        status = 200 if parse_op(body).type else 0
    except ChatKitError as error:
        status = error.status

    assert status in (200, 400, 422)
