"""Items and their ids on the way from `respond` to the client and the store, through a whole server."""

from one_turn import Chat
from pipeline_events import Events, delta, message, outline

from chatkit_core import current_turn, reply
from chatkit_core.types import (
    HiddenContextItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    utc_now,
)


async def test_a_models_repeated_id_names_a_new_message_each_time() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        for text in ("one", "two"):
            yield ThreadItemAddedEvent(item=message(thread, "__fake_id__"))
            yield delta("__fake_id__", text)
            yield ThreadItemDoneEvent(item=message(thread, "__fake_id__", text))

    chat = Chat(respond)

    assert outline(await chat.send()) == [
        ("item.added", "<msg 2>", None),
        ("item.updated", "<msg 2>", "one"),
        ("item.done", "<msg 2>", "one"),
        ("item.added", "<msg 3>", None),
        ("item.updated", "<msg 3>", "two"),
        ("item.done", "<msg 3>", "two"),
    ]
    assert [item.text for item in await chat.items()] == ["one", "two"]


async def test_the_deltas_of_a_reused_id_go_to_the_item_that_has_it_now() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield ThreadItemAddedEvent(item=message(thread, "m"))
        yield delta("m", "a")
        yield ThreadItemAddedEvent(item=message(thread, "m"))
        yield delta("m", "b")
        yield delta("m", "c", index=1)

    chat = Chat(respond)

    events = outline(await chat.send())
    assert [(id, said) for type, id, said in events if type == "item.updated"] == [
        ("<msg 2>", "a"),
        ("<msg 3>", "b"),
        ("<msg 3>", "c"),
    ]
    assert [[part.text for part in item.content] for item in await chat.items()] == [["a"], ["b", "c"]]


async def test_a_minted_id_and_the_id_of_a_stored_item_are_kept() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield ThreadItemDoneEvent(item=message(thread, current_turn().new_id("message"), "one"))

    async def change_it(thread: ThreadMetadata) -> Events:
        [item, _] = await chat.items()
        yield ThreadItemReplacedEvent(item=message(thread, item.id, "two"))
        yield ThreadItemDoneEvent(item=message(thread, item.id, "three"))

    chat = Chat(respond, change_it)

    assert outline(await chat.send()) == [("item.done", "<msg 2>", "one")]
    assert outline(await chat.send()) == [("item.replaced", "<msg 2>", "two"), ("item.done", "<msg 2>", "three")]
    assert [item.type for item in await chat.items()] == ["assistant_message", "user_message"]


async def test_an_item_of_another_thread_is_a_new_item_of_this_one() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        stranger = message(thread, "msg_of_another_thread", "x")
        yield ThreadItemDoneEvent(item=stranger.model_copy(update={"thread_id": "thr_another"}))

    chat = Chat(respond)
    events = await chat.send()

    assert events[0]["item"]["thread_id"] == "<thr 1>"
    [item] = await chat.items()
    assert item.thread_id == chat.thread_id
    assert item.id != "msg_of_another_thread"


async def test_done_twice_is_said_twice_and_stored_once() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        item = message(thread, "m", "x")
        yield ThreadItemDoneEvent(item=item)
        yield ThreadItemDoneEvent(item=item)

    chat = Chat(respond)

    assert outline(await chat.send()) == [("item.done", "<msg 2>", "x")] * 2
    assert [item.text for item in await chat.items()] == ["x"]


async def test_added_then_replaced_then_done_is_one_item() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        item = message(thread, "m", "x")
        yield ThreadItemAddedEvent(item=item)
        yield ThreadItemReplacedEvent(item=item)
        yield ThreadItemDoneEvent(item=item)

    chat = Chat(respond)
    await chat.send()

    assert [item.text for item in await chat.items()] == ["x"]


# Hidden items


async def test_hidden_items_are_stored_and_nothing_is_said_of_them() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        kept, dropped = (
            HiddenContextItem(id=id, thread_id=thread.id, created_at=utc_now(), content=id) for id in ("a", "b")
        )
        for item in (kept, dropped):
            yield ThreadItemAddedEvent(item=item)
            yield ThreadItemDoneEvent(item=item)
        yield ThreadItemReplacedEvent(item=kept.model_copy(update={"content": "c"}))
        yield ThreadItemRemovedEvent(item_id="b")

    chat = Chat(respond)

    assert await chat.send() == []
    assert [item.content for item in await chat.items()] == ["c"]


async def test_nothing_is_said_when_a_hidden_item_of_an_earlier_turn_is_removed() -> None:
    async def hide(thread: ThreadMetadata) -> Events:
        yield reply.hidden("secret")

    async def forget(thread: ThreadMetadata) -> Events:
        [hidden, _] = await chat.items()
        yield ThreadItemRemovedEvent(item_id=hidden.id)

    chat = Chat(hide, forget)
    await chat.send()

    assert await chat.send() == []
    assert [item.type for item in await chat.items()] == ["user_message"]


async def test_what_is_removed_is_gone_from_the_store_and_said() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield ThreadItemDoneEvent(item=message(thread, "m", "x"))
        yield ThreadItemRemovedEvent(item_id="m")
        yield ThreadItemAddedEvent(item=message(thread, "n"))
        yield ThreadItemRemovedEvent(item_id="n")

    chat = Chat(respond)

    assert outline(await chat.send()) == [
        ("item.done", "<msg 2>", "x"),
        ("item.removed", "<msg 2>", None),
        ("item.added", "<msg 3>", None),
        ("item.removed", "<msg 3>", None),
    ]
    assert await chat.items() == []


# Open items, stored items, mistakes
