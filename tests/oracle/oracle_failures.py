"""Conversations in which something goes wrong, had with both packages."""

from collections.abc import AsyncIterator
from typing import Any

from oracle_chat import Chat, scenario
from oracle_kit import Kit
from oracle_replies import NOW, delta, failing, message_item, shows_a_card, streaming


@scenario
async def errors_that_are_raised(chat: Chat) -> None:
    await chat.create("Go", failing(lambda kit: RuntimeError("secret")))
    await chat.say("Go", failing(lambda kit: kit.StreamError(kit.ErrorCode.STREAM_ERROR)))
    await chat.say("Go", failing(lambda kit: kit.StreamError(kit.ErrorCode.STREAM_ERROR, allow_retry=False)))
    await chat.say("Go", failing(lambda kit: kit.CustomStreamError("Zu früh.")))
    await chat.say("Go", failing(lambda kit: kit.CustomStreamError("Too soon.", allow_retry=True)))


@scenario
async def an_error_after_some_text(chat: Chat) -> None:
    await chat.create("Go", failing(lambda kit: RuntimeError("secret"), "Once ", "upon"))


@scenario
async def an_item_that_is_left_open(chat: Chat) -> None:
    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        item = message_item(kit, thread, "Once ")
        yield kit.ThreadItemAddedEvent(item=item)
        yield delta(kit, item, "upon")

    await chat.create("Go", reply)


@scenario
async def an_update_of_an_item_that_is_not_there(chat: Chat) -> None:
    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        yield delta(kit, message_item(kit, thread), "lost")

    await chat.create("Go", reply)


@scenario
async def an_id_that_a_model_made_up(chat: Chat) -> None:
    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        content = [kit.AssistantMessageContent(text="Hello.")]
        item = kit.AssistantMessageItem(id="__fake_id__", thread_id=thread.id, created_at=NOW, content=content)
        yield kit.ThreadItemDoneEvent(item=item)

    await chat.create("Go", reply)


@scenario
async def half_a_surrogate_pair(chat: Chat) -> None:
    await chat.create("Go", streaming("a\ud83d", "\ude42b"))


@scenario
async def what_cannot_be_done(chat: Chat) -> None:
    await chat.create("Go", shows_a_card)
    thread, user, widget = chat.thread_id, chat.last("user_message"), chat.last("widget")
    page = {"type": "pick"}
    await chat.send({"type": "threads.dance", "params": {}})
    await chat.send(b"{")
    await chat.op("threads.get_by_id")
    await chat.op("threads.get_by_id", thread_id="thr_0")
    await chat.op(
        "threads.add_user_message", thread_id="thr_0", input={"content": [], "inference_options": {}, "attachments": []}
    )
    await chat.op("threads.add_client_tool_output", thread_id=thread, result=1)
    await chat.op("threads.add_structured_input", thread_id=thread, item_id=widget, input={})
    await chat.op("threads.retry_after_item", thread_id=thread, item_id="msg_0")
    await chat.op("threads.retry_after_item", thread_id=thread, item_id=widget)
    await chat.op("threads.custom_action", thread_id=thread, item_id=user, action=page)
    await chat.op("threads.sync_custom_action", thread_id=thread, item_id=user, action=page)
    await chat.op("items.feedback", thread_id=thread, item_ids=["msg_0"], kind="negative")
    await chat.op("attachments.delete", attachment_id="atc_0")
