from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

import chatkit_core.types as types
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    Attachment,
    ChatKitReq,
    EndOfTurnItem,
    HiddenContextItem,
    InferenceOptions,
    SDKHiddenContextItem,
    ThreadItemUpdatedEvent,
    ThreadsAddClientToolOutputReq,
    ThreadsListReq,
    UserMessageInput,
    UserMessageItem,
    UserMessageTagContent,
    UserMessageTextContent,
    build_models,
    is_hidden,
    is_streaming_req,
)

BASE = {"id": "itm_1", "thread_id": "thr_1", "created_at": datetime(2026, 1, 31, tzinfo=UTC)}
MENTION = [
    UserMessageTextContent(text="Ask "),
    UserMessageTagContent(id="user_7", text="@ada", data={"team": "ops"}),
    UserMessageTextContent(text=" about it"),
]


def test_a_user_message_has_its_plain_text_with_tags_as_they_read() -> None:
    item = UserMessageItem(**BASE, content=MENTION, inference_options=InferenceOptions())
    sent = UserMessageInput(content=MENTION, attachments=[], inference_options=InferenceOptions())
    assert (item.text, sent.text) == ("Ask @ada about it", "Ask @ada about it")
    assert "text" not in item.model_dump() | sent.model_dump()


def test_an_assistant_message_has_the_text_of_its_parts() -> None:
    item = AssistantMessageItem(**BASE, content=[AssistantMessageContent(text=t) for t in ("One. ", "Two.")])
    assert item.text == "One. Two."
    assert "text" not in item.model_dump()


def test_only_the_two_kinds_of_hidden_context_are_hidden() -> None:
    assert is_hidden(HiddenContextItem(**BASE, content={"any": "thing"}))
    assert is_hidden(SDKHiddenContextItem(**BASE, content="stopped"))
    assert not is_hidden(EndOfTurnItem(**BASE))


def test_an_attachments_metadata_stays_on_the_server_where_the_context_says_so() -> None:
    wire = {
        "id": "atc_1",
        "name": "a.txt",
        "mime_type": "text/plain",
        "metadata": {"path": "/a"},
        "type": "file",
    }
    attachment = TypeAdapter(Attachment).validate_python(wire)
    assert attachment.model_dump(exclude_none=True) == wire
    assert attachment.model_dump(exclude_none=True, context={"exclude_metadata": True}) == {
        "id": "atc_1",
        "name": "a.txt",
        "mime_type": "text/plain",
        "type": "file",
    }
    message = UserMessageItem(**BASE, content=[], attachments=[attachment], inference_options=InferenceOptions())
    assert "path" not in message.model_dump_json(context={"exclude_metadata": True})
    assert "path" in message.model_dump_json()


def test_a_client_tools_output_may_name_its_call() -> None:
    params = {"thread_id": "thr_1", "result": None}
    ops = [{"type": "threads.add_client_tool_output", "params": p} for p in (params, params | {"item_id": "tc_1"})]
    plain, named = TypeAdapter(list[ChatKitReq]).validate_python(ops)
    assert isinstance(plain, ThreadsAddClientToolOutputReq)
    assert isinstance(named, ThreadsAddClientToolOutputReq)
    assert (plain.params.item_id, named.params.item_id) == (None, "tc_1")
    assert is_streaming_req(named)


def test_a_list_is_not_a_stream() -> None:
    assert not is_streaming_req(ThreadsListReq(params={}))


def test_an_unknown_update_is_one_error_that_names_the_type() -> None:
    with pytest.raises(ValidationError) as caught:
        ThreadItemUpdatedEvent(item_id="msg_1", update={"type": "unknown"})
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [(("update",), "union_tag_invalid")]


def test_the_public_names_are_listed_in_order_and_exist() -> None:
    assert types.__all__ == sorted(types.__all__)
    assert [name for name in types.__all__ if not hasattr(types, name)] == []


def test_models_are_built_all_at_once_when_asked() -> None:
    build_models()
    assert ThreadItemUpdatedEvent.__pydantic_complete__
    assert ThreadsListReq.__pydantic_complete__
