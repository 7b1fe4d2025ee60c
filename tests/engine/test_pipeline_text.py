"""Text on its way from `respond` to the client and the store, through a whole server."""

import json
import sys
from itertools import pairwise
from typing import Any, cast

import pytest
from one_turn import Chat
from pipeline_events import HIGH, LOST, LOW, Events, delta, message, outline

from chatkit_core import current_turn, reply
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.types import (
    CustomTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    WidgetItem,
    WidgetStreamingTextValueDelta,
    utc_now,
)
from chatkit_core.widgets import Card, Text


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
        for text in ["so ", "far", HIGH, LOW]:
            update = WidgetStreamingTextValueDelta(component_id="text", delta=text, done=False)
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
