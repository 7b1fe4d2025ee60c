"""Conversations that go well, had with both packages."""

import base64
from collections.abc import AsyncIterator
from typing import Any

from oracle_chat import Chat, scenario
from oracle_kit import Kit
from oracle_replies import (
    annotated,
    asks_the_client,
    asks_the_user,
    card,
    changes_the_thread,
    delta,
    echo,
    hello,
    makes_items,
    message_item,
    notes,
    nothing,
    own,
    passes_things_on,
    shows_a_card,
    streaming,
    streams_a_card,
    tool_call,
    updated,
    works,
)


@scenario
async def a_thread_begins_and_goes_on(chat: Chat) -> None:
    await chat.create("Hi", streaming("Hel", "lo", "", "."))
    await chat.say("More", hello)
    await chat.say("Nothing", nothing)
    await chat.op("threads.get_by_id", thread_id=chat.thread_id)


@scenario
async def text_with_all_sorts_of_characters(chat: Chat) -> None:
    controls = "".join(map(chr, range(32))) + "\x7f\x80\x9f"
    await chat.create(controls, streaming(controls, "\u2028\u2029\ufeff\ufffe", "</script>", "Grüße 日本 🙂", '"\\/'))
    await chat.say("🙂 \u2028 " + controls, echo)


@scenario
async def a_message_with_tags_a_quote_options_and_attachments(chat: Chat) -> None:
    await chat.op("attachments.create", name="ä.txt", size=3, mime_type="text/plain")
    attachment = next(iter(chat.store.attachments))
    tag = {
        "type": "input_tag",
        "id": "t1",
        "text": "Ada",
        "data": {"x": [1, None]},
        "group": "people",
        "interactive": True,
    }
    content = [{"type": "input_text", "text": "Ask "}, tag, {"type": "input_text", "text": "!"}]
    options = {"tool_choice": {"id": "search"}, "model": "fast"}
    await chat.create(
        "", echo, content=content, quoted_text="“so”", inference_options=options, attachments=[attachment]
    )
    await chat.op("attachments.delete", attachment_id=attachment)


@scenario
async def annotations(chat: Chat) -> None:
    await chat.create("Hi", annotated)


@scenario
async def widgets(chat: Chat) -> None:
    await chat.create("Static", shows_a_card)
    await chat.say("Streamed", streams_a_card)


@scenario
async def a_workflow(chat: Chat) -> None:
    await chat.create("Work", works)


@scenario
async def events_about_no_item(chat: Chat) -> None:
    await chat.create("Go", passes_things_on)


@scenario
async def images_tasks_replacing_and_removing(chat: Chat) -> None:
    await chat.create("Go", makes_items)


@scenario
async def hidden_items(chat: Chat) -> None:
    await chat.create("Go", notes)
    await chat.op("threads.get_by_id", thread_id=chat.thread_id)


@scenario
async def a_hidden_item_that_is_added_first(chat: Chat) -> None:
    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        item = kit.HiddenContextItem(**own(kit, thread), content="secret")
        yield kit.ThreadItemAddedEvent(item=item)
        yield kit.ThreadItemDoneEvent(item=item)

    await chat.create("Go", reply)


@scenario
async def changes_to_the_thread(chat: Chat) -> None:
    await chat.create("Go", changes_the_thread)
    await chat.op("threads.get_by_id", thread_id=chat.thread_id)


@scenario
async def metadata_that_changes_while_text_streams(chat: Chat) -> None:
    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        item = message_item(kit, thread, "")
        yield kit.ThreadItemAddedEvent(item=item)
        thread.metadata["seen"] = True
        yield delta(kit, item, "Once ")
        yield delta(kit, item, "upon")
        yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, "another"))
        yield kit.ThreadItemRemovedEvent(item_id=item.id)

    await chat.create("Go", reply)
    assert chat.store.threads[chat.thread_id].metadata == {"seen": True}


@scenario
async def a_reply_that_may_not_be_cancelled(chat: Chat) -> None:
    chat.server.allow_cancel = False
    await chat.create("Go", hello)


@scenario
async def client_tool_calls(chat: Chat) -> None:
    await chat.create("Go", asks_the_client)
    for result in ({"colour": "rot", "n": [1, 2.5]}, "text", None):
        chat.server.reply = asks_the_client
        await chat.op("threads.add_client_tool_output", thread_id=chat.thread_id, result=result)
    chat.server.reply = hello
    await chat.op("threads.add_client_tool_output", thread_id=chat.thread_id, result=False)


@scenario
async def a_call_that_the_user_writes_past(chat: Chat) -> None:
    await chat.create("Go", asks_the_client)
    await chat.say("Never mind", hello)


@scenario
async def a_call_with_items_after_it(chat: Chat) -> None:
    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        yield tool_call(kit, thread)
        yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, "Waiting."))

    await chat.create("Go", reply)
    chat.server.reply = hello
    await chat.op("threads.add_client_tool_output", thread_id=chat.thread_id, result=1)


@scenario
async def structured_input(chat: Chat) -> None:
    await chat.create("Go", asks_the_user)
    chat.server.reply = asks_the_user
    answers = {
        "size": {"values": ["S", "M"]},
        "more": {"values": ["S", "M"]},
        "name": {"values": ["Adä"], "skipped": False},
        "note": {"values": ["no"], "skipped": True},
        "unknown": {"values": ["?"]},
    }
    form = chat.last("structured_input")
    submission = {"status": "answered", "answers": answers}
    await chat.op("threads.add_structured_input", thread_id=chat.thread_id, item_id=form, input=submission)
    form = chat.last("structured_input")
    skipped = {"status": "skipped", "answers": answers}
    chat.server.reply = hello
    await chat.op("threads.add_structured_input", thread_id=chat.thread_id, item_id=form, input=skipped)


@scenario
async def retry(chat: Chat) -> None:
    await chat.create("Go", streaming("one"))
    first = chat.last("user_message")
    await chat.say("And", notes)
    chat.server.reply = echo
    await chat.op("threads.retry_after_item", thread_id=chat.thread_id, item_id=first)


@scenario
async def actions(chat: Chat) -> None:
    async def on_action(kit: Kit, thread: Any, action: Any, sender: Any) -> AsyncIterator[Any]:
        said = f"{action.type} {action.payload!r} from {sender and sender.copy_text}"
        yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, said))
        if sender is not None:
            picked = sender.model_copy(update={"widget": card(kit, "Picked.")})
            yield kit.ThreadItemReplacedEvent(item=picked)

    await chat.create("Go", shows_a_card)
    chat.server.on_action = on_action
    thread, widget = chat.thread_id, chat.last("widget")
    pick = {"type": "pick", "payload": {"n": [1, None, "ä"]}}
    await chat.op("threads.custom_action", thread_id=thread, item_id=widget, action=pick)
    await chat.op("threads.custom_action", thread_id=thread, action={"type": "page"})
    text = {"type": "pick", "payload": {"text": "changed"}}
    await chat.op("threads.sync_custom_action", thread_id=thread, item_id=widget, action=text)
    await chat.op("threads.sync_custom_action", thread_id=thread, action=text)


@scenario
async def an_action_that_updates_the_stored_widget(chat: Chat) -> None:
    async def on_action(kit: Kit, thread: Any, action: Any, sender: Any) -> AsyncIterator[Any]:
        yield updated(kit, sender, kit.WidgetRootUpdated(widget=card(kit, "Picked.")))

    await chat.create("Go", shows_a_card)
    chat.server.on_action = on_action
    widget = chat.last("widget")
    await chat.op("threads.custom_action", thread_id=chat.thread_id, item_id=widget, action={"type": "pick"})


@scenario
async def lists_and_pages(chat: Chat) -> None:
    for number in range(3):
        await chat.create(f"Thread {number}", notes)
    thread, item = chat.thread_id, chat.last("assistant_message")
    await chat.op("threads.update", thread_id=thread, title="Rünamed")
    await chat.op("threads.list")
    await chat.op("threads.list", limit=2, order="asc")
    await chat.op("threads.list", limit=2, order="asc", after=list(chat.store.threads)[1])
    await chat.op("items.list", thread_id=thread)
    await chat.op("items.list", thread_id=thread, order="asc", limit=1)
    await chat.op("items.list", thread_id=thread, order="desc", after=item)
    await chat.op("items.feedback", thread_id=thread, item_ids=[item], kind="positive")
    assert [kind for _, kind in chat.store.feedback] == ["positive"]
    await chat.op("threads.delete", thread_id=thread)
    await chat.op("threads.delete", thread_id=thread)
    await chat.op("threads.list")


@scenario
async def a_thread_with_more_than_a_page(chat: Chat) -> None:
    async def reply(kit: Kit, thread: Any, message: Any) -> AsyncIterator[Any]:
        for number in range(21):
            yield kit.ThreadItemDoneEvent(item=message_item(kit, thread, str(number)))

    await chat.create("Go", reply)
    await chat.op("threads.get_by_id", thread_id=chat.thread_id)


@scenario
async def speech(chat: Chat) -> None:
    audio = base64.b64encode(b"\x00\xff").decode()
    await chat.op("input.transcribe", audio_base64=audio, mime_type="audio/webm;codecs=opus")
