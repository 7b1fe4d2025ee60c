from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel
from wire_strategies import instances, variants

import chatkit_core.types as types
from chatkit_core.types import json_schema

WIRE = [(union, model) for union in ("ChatKitReq", "ThreadStreamEvent") for model in variants(types, union)]
DEFS = {"ChatKitReq": "Op", "ThreadStreamEvent": "Event"}


@cache
def validator(union: str | None = None) -> Draft202012Validator:
    schema = json_schema()
    return Draft202012Validator(schema if union is None else schema["$defs"][DEFS[union]] | {"$defs": schema["$defs"]})


def test_the_document_is_a_valid_schema_of_draft_2020_12() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["anyOf"] == [{"$ref": f"#/$defs/{union}"} for union in ("Op", "Event", "TurnEvent")]


def test_every_op_and_event_is_in_it_under_its_name_and_its_type() -> None:
    defs = json_schema()["$defs"]
    for union, model in WIRE:
        assert {"$ref": f"#/$defs/{model.__name__}"} in defs[DEFS[union]]["oneOf"]
        assert defs[model.__name__]["properties"]["type"]["const"] == model.model_fields["type"].default


def test_docstrings_are_its_descriptions() -> None:
    defs = json_schema()["$defs"]
    assert defs["NoticeEvent"]["description"] == types.NoticeEvent.__doc__
    assert defs["NoticeEvent"]["properties"]["message"]["description"] == (
        "Markdown, so that it can link to a page with more."
    )
    assert defs["SearchTask"]["properties"]["status_indicator"]["description"] == (
        "How far the task is; shown only inside a workflow."
    )


@pytest.mark.parametrize(("union", "model"), WIRE, ids=[model.__name__ for _, model in WIRE])
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_it_accepts_every_op_and_event(union: str, model: type[BaseModel], data: st.DataObject) -> None:
    wire = data.draw(instances(model)).model_dump(mode="json", exclude_none=True)
    validator(union).validate(wire)
    validator().validate(wire)


@pytest.mark.parametrize(
    "wire",
    [
        {"type": "threads.get_by_id", "params": {}},
        {"type": "threads.unknown", "params": {"thread_id": "thr_1"}},
        {"type": "notice", "level": "loud", "message": "hello"},
        {"type": "thread.item.updated", "item_id": "msg_1", "update": {"type": "unknown"}},
        [],
    ],
)
def test_it_refuses_what_is_neither(wire: Any) -> None:
    assert not validator().is_valid(wire)
