"""From what `respond` yields to the client and the store, through a whole server."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any, cast

import pytest
from one_turn import CONTEXT, Chat

from chatkit_core import current_turn, reply
from chatkit_core.engine import LiveTurn
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    CustomTask,
    HiddenContextItem,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    utc_now,
)
from chatkit_core.widgets import Card, Text
from chatkit_stores.memory import MemoryStore

HIGH, LOW, LOST = "\ud83d", "\ude00", "\N{REPLACEMENT CHARACTER}"
Events = AsyncIterator[Any]


def message(thread: ThreadMetadata, id: str, *texts: str) -> AssistantMessageItem:
    content = [AssistantMessageContent(text=text) for text in texts]
    return AssistantMessageItem(id=id, thread_id=thread.id, created_at=utc_now(), content=content)


def delta(item_id: str, text: str, index: int = 0) -> ThreadItemUpdatedEvent:
    update = AssistantMessageContentPartTextDelta(content_index=index, delta=text)
    return ThreadItemUpdatedEvent(item_id=item_id, update=update)


def outline(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The events without what does not matter here: type, id, and text."""
    found = []
    for event in events:
        update, item = event.get("update", {}), event.get("item", {})
        parts = [update["content"]] if "content" in update else item.get("content", [])
        said = update.get("delta", "|".join(part["text"] for part in parts) if parts != [] else None)
        found.append((event["type"].removeprefix("thread."), event.get("item_id", item.get("id")), said))
    return found


async def test_plain_text_becomes_a_message() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield "Hel"
        yield ""
        yield "lo"

    chat = Chat(respond)

    part = {"annotations": [], "type": "output_text"}
    item = {"id": "<msg 2>", "thread_id": "<thr 1>", "created_at": "<time>", "type": "assistant_message"}
    kind = "assistant_message.content_part"
    text = {"type": f"{kind}.text_delta", "content_index": 0}
    updated = {"type": "thread.item.updated", "item_id": "<msg 2>"}
    assert await chat.send() == [
        {"type": "thread.item.added", "item": item | {"content": []}},
        updated | {"update": {"type": f"{kind}.added", "content_index": 0, "content": part | {"text": ""}}},
        updated | {"update": text | {"delta": "Hel"}},
        updated | {"update": text | {"delta": ""}},
        updated | {"update": text | {"delta": "lo"}},
        updated | {"update": {"type": f"{kind}.done", "content_index": 0, "content": part | {"text": "Hello"}}},
        {"type": "thread.item.done", "item": item | {"content": [part | {"text": "Hello"}]}},
    ]
    assert await chat.stored() == [item | {"content": [part | {"text": "Hello"}]}]


async def test_a_str_of_another_class_is_text_too() -> None:
    class Shouted(str):
        pass

    async def respond(thread: ThreadMetadata) -> Events:
        yield Shouted("Hey")
        yield Shouted("😀" + HIGH)

    chat = Chat(respond)
    await chat.send()

    [item] = await chat.items()
    assert item.text == "Hey😀" + LOST


@pytest.mark.parametrize(
    ("deltas", "text"),
    [
        (["a" + HIGH, LOW + "b"], "a😀b"),
        ([HIGH, "", LOW], "😀"),
        ([HIGH, "x"], LOST + "x"),
        ([LOW, "x"], LOST + "x"),
        ([HIGH, HIGH, LOW], LOST + "😀"),
    ],
)
async def test_a_pair_over_two_deltas_is_joined_and_a_lone_half_replaced(deltas: list[str], text: str) -> None:
    async def as_str(thread: ThreadMetadata) -> Events:
        for one in deltas:
            yield one

    async def as_events(thread: ThreadMetadata) -> Events:
        yield ThreadItemAddedEvent(item=message(thread, "m"))
        for one in deltas:
            yield delta("m", one)
        yield ThreadItemDoneEvent(item=message(thread, "m", "".join(deltas)))

    for respond in (as_str, as_events):
        chat = Chat(respond)
        events = await chat.send()
        [item] = await chat.items()

        assert item.text == text
        assert events[-1]["item"]["content"][0]["text"] == text
        said = "".join(event["update"].get("delta", "") for event in events if "update" in event)
        assert said == text


async def test_a_half_at_the_very_end_is_said_before_the_message_is_done() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield "x" + HIGH

    assert [said for _, _, said in outline(await Chat(respond).send())] == [None, "", "x", LOST, "x" + LOST, "x" + LOST]


async def test_half_a_pair_waits_also_while_other_items_come_and_go() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        workflow = reply.Workflow()
        yield workflow.start()
        yield "a" + HIGH
        yield workflow.add(CustomTask(title="x"))
        yield workflow.end()
        yield LOW + "b"

    chat = Chat(respond)
    await chat.send()

    assert [item.text for item in await chat.items() if item.type == "assistant_message"] == ["a😀b"]


async def test_broken_text_in_events_the_title_and_the_metadata_is_made_whole_everywhere() -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        thread.title = "t" + HIGH
        thread.metadata["a" + HIGH + LOW] = [LOW]
        yield reply.hidden({"note": HIGH})
        yield ThreadItemDoneEvent(item=message(thread, "m", HIGH + LOW, LOW))

    chat = Chat(respond)
    events = await chat.send()

    hidden, said = await chat.items()
    assert hidden.content == {"note": LOST}
    assert [part.text for part in said.content] == ["😀", LOST]
    assert [said for type, _, said in outline(events) if type == "item.done"] == ["😀|" + LOST]
    thread = await chat.thread()
    assert (thread.title, thread.metadata) == ("t" + LOST, {"a😀": [LOST]})
    assert [event["thread"]["title"] for event in events if event["type"] == "thread.updated"] == ["t" + LOST]


# Ids


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


async def test_an_item_that_is_left_open_is_said_done_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    async def respond(thread: ThreadMetadata) -> Events:
        yield ThreadItemAddedEvent(item=message(thread, "m"))
        yield delta("m", "x")

    chat = Chat(respond)

    assert outline(await chat.send()) == [
        ("item.added", "<msg 2>", None),
        ("item.updated", "<msg 2>", "x"),
        ("item.done", "<msg 2>", "x"),
    ]
    [item] = await chat.items()
    assert item.text == "x"
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert item.id in caplog.text


async def test_updates_of_a_stored_item_are_passed_on_and_saved_as_a_replace_at_the_end() -> None:
    stored_meanwhile: list[ThreadItem] = []

    async def show(thread: ThreadMetadata) -> Events:
        async for event in reply.widget(Card(children=[Text(id="t", value="")])):
            yield event

    async def change(thread: ThreadMetadata) -> Events:
        [widget, _] = await chat.items()
        root = WidgetRootUpdated(widget=Card(children=[Text(id="u", value="Hel")]))
        text = WidgetStreamingTextValueDelta(component_id="u", delta="lo", done=True)
        yield ThreadItemUpdatedEvent(item_id=widget.id, update=root)
        yield ThreadItemUpdatedEvent(item_id=widget.id, update=text)
        stored_meanwhile.extend(await chat.items())

    chat = Chat(show, change)
    await chat.send()

    events = await chat.send()
    assert [event["type"] for event in events] == ["thread.item.updated"] * 2 + ["thread.item.replaced"]
    [widget, _] = await chat.items()
    assert isinstance(widget, WidgetItem)
    assert widget.widget == Card(children=[Text(id="u", value="Hello", streaming=False)])
    assert events[-1]["item"] == (await chat.stored())[0]
    assert isinstance(stored_meanwhile[0], WidgetItem)
    assert stored_meanwhile[0].widget == Card(children=[Text(id="t", value="")])


async def not_awaited(thread: ThreadMetadata) -> Events:
    yield delta("nobody", "x")


async def yields_none(thread: ThreadMetadata) -> Events:
    yield None


async def yields_a_dict(thread: ThreadMetadata) -> Events:
    yield {"type": "notice", "level": "info", "message": "x"}


async def misfit(thread: ThreadMetadata) -> Events:
    yield ThreadItemAddedEvent(item=message(thread, "m"))
    yield ThreadItemUpdatedEvent(item_id="m", update=WidgetRootUpdated(widget=Card(children=[])))


async def unwritable(thread: ThreadMetadata) -> Events:
    yield reply.hidden(object())


@pytest.mark.parametrize("respond", [not_awaited, yields_none, yields_a_dict, misfit, unwritable])
async def test_what_no_client_could_apply_fails_the_turn_and_what_there_is_is_kept(
    respond: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def begin_well(thread: ThreadMetadata) -> Events:
        yield "So far"
        async for event in respond(thread):
            yield event

    chat = Chat(begin_well)
    events = await chat.send()

    assert events[-1] == {"type": "error", "code": "stream.error", "allow_retry": True}
    assert [item.text for item in await chat.items()] == ["So far"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


# Cancellation


class SlowStore(MemoryStore[Any]):
    """Writes items when it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = False
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Any) -> None:
        if self.slow:
            self.slow = False
            self.entered.set()
            await self.release.wait()
        await super().add_thread_item(thread_id, item, context)


async def test_a_cancellation_during_a_write_reaches_respond_once_the_write_is_finished() -> None:
    store = SlowStore()
    seen: list[Any] = []

    async def respond(thread: ThreadMetadata) -> Events:
        store.slow = True
        try:
            yield ThreadItemDoneEvent(item=message(thread, "m", "kept"))
        except asyncio.CancelledError:
            page = await store.load_thread_items(thread.id, after=None, limit=9, order="asc", context=CONTEXT)
            seen.extend([current_turn().cancel_reason, [item.type for item in page.data]])
            yield "Goodbye"
            raise

    chat = Chat(respond, store=store)
    async with chat.server.lifespan():
        client = asyncio.create_task(chat.stream())
        await store.entered.wait()
        client.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client
        assert seen == []
        store.release.set()

    assert seen == ["disconnected", ["user_message", "assistant_message"]]
    kept, goodbye, note = await chat.items()
    assert (kept.text, goodbye.text, note.type) == ("kept", "Goodbye", "sdk_hidden_context")


# Cost


async def test_what_an_event_costs_does_not_grow_with_the_message() -> None:
    calls = 0
    counts: list[int] = []

    def count(frame: Any, event: str, arg: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    def mark() -> None:
        counts.append(calls)

    async def respond(thread: ThreadMetadata) -> Events:
        yield ThreadItemAddedEvent(item=message(thread, "m"))
        sys.setprofile(count)
        for _ in range(9):
            mark()
            for _ in range(2_048):
                yield delta("m", "word ")
        sys.setprofile(None)
        yield ThreadItemDoneEvent(item=message(thread, "m", "word " * 9 * 2_048))

    await Chat(respond).send()

    costs = [later - earlier for earlier, later in pairwise(counts)]
    assert max(costs[1:]) <= 1.5 * min(costs[1:])  # the log is written now and then, whatever the message
    assert max(costs) / 2_048 < 60


async def test_the_text_of_a_widget_is_one_frame_for_who_comes_late_and_its_split_pairs_are_joined() -> None:
    late: list[bytes] = []

    async def respond(thread: ThreadMetadata) -> Events:
        item = WidgetItem(
            id=current_turn().new_id("message"),
            thread_id=thread.id,
            created_at=utc_now(),
            widget=Card(children=[Text(id="text", value="")]),
        )
        yield ThreadItemAddedEvent(item=item)
        for delta in ["so ", "far", HIGH, LOW]:
            update = WidgetStreamingTextValueDelta(component_id="text", delta=delta, done=False)
            yield ThreadItemUpdatedEvent(item_id=item.id, update=update)
        turn = cast("LiveTurn", current_turn())
        turn.feed.settle()
        late.append(turn.feed.frames_after(0, turns=False, joined_at=turn.feed.last_seq))
        last = WidgetStreamingTextValueDelta(component_id="text", delta=HIGH, done=True)
        yield ThreadItemUpdatedEvent(item_id=item.id, update=last)

    chat = Chat(respond)
    events = await chat.send()
    deltas = [event["update"]["delta"] for event in events if event["type"] == "thread.item.updated"]
    assert deltas == ["so ", "far", "😀", LOST]
    frames = [json.loads(line[6:]) for line in late[0].splitlines() if line.startswith(b"data: ")]
    merged = [event["update"]["delta"] for event in frames if event["type"] == "thread.item.updated"]
    assert merged == ["so far😀"]
    [stored] = await chat.items()
    assert isinstance(stored, WidgetItem)
    assert stored.widget.children[0].value == f"so far😀{LOST}"
