"""What a turn had open, from what it had said: as if its pipeline were still there."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from client_model import item_of
from hypothesis import given, settings
from hypothesis import strategies as st
from one_pipeline import OnePipeline, one_pipeline
from pipeline_events import HIGH, LOW

from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.leftovers import Leftovers, leftovers
from chatkit_core.errors import InvalidEventError
from chatkit_core.turn_log import EventEntry
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    CustomTask,
    GeneratedImage,
    GeneratedImageUpdated,
    ProgressUpdateEvent,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    TurnUsage,
    WidgetComponentUpdated,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
    is_hidden,
)
from chatkit_core.widgets import Card, Text


def text_of(value: str) -> Text:
    return Text(id="t", value=value)


EMPTY: dict[str, dict[str, Any]] = {
    "assistant_message": {"content": [{"text": ""}, {"text": ""}]},
    "widget": {"widget": Card(children=[text_of("")]).model_dump()},
    "workflow": {"workflow": {"type": "custom", "tasks": []}},
    "generated_image": {},
    "hidden_context_item": {"content": "secret"},
}
ITEMS: dict[str, ThreadItem] = {type: item_of(type, f"__{type}__", **fields) for type, fields in EMPTY.items()}
UPDATES: dict[str, list[Callable[[str, int], Any]]] = {
    "assistant_message": [
        lambda text, index: AssistantMessageContentPartTextDelta(content_index=index, delta=text),
        lambda text, index: AssistantMessageContentPartTextDelta(content_index=index, delta=text),
        lambda text, index: AssistantMessageContentPartAdded(
            content_index=index, content=AssistantMessageContent(text=text)
        ),
        lambda text, index: AssistantMessageContentPartDone(
            content_index=index, content=AssistantMessageContent(text=text)
        ),
    ],
    "widget": [
        lambda text, index: WidgetStreamingTextValueDelta(component_id="t", delta=text, done=index == 1),
        lambda text, index: WidgetRootUpdated(widget=Card(children=[text_of(text)])),
        lambda text, index: WidgetComponentUpdated(component_id="t", component=text_of(text)),
    ],
    "workflow": [
        lambda text, index: WorkflowTaskAdded(task_index=index, task=CustomTask(title=text)),
        lambda text, index: WorkflowTaskUpdated(task_index=index, task=CustomTask(title=text)),
    ],
    "generated_image": [lambda text, index: GeneratedImageUpdated(image=GeneratedImage(id="1", url=text))],
}

texts = st.sampled_from(["", "word ", "é", HIGH, LOW])
types = st.sampled_from(sorted(EMPTY))


@st.composite
def updates(draw: st.DrawFn) -> ThreadItemUpdatedEvent:
    type = draw(st.sampled_from(sorted(UPDATES)))
    update = draw(st.sampled_from(UPDATES[type]))(draw(texts), draw(st.integers(0, 1)))
    return ThreadItemUpdatedEvent(item_id=ITEMS[type].id, update=update)


events = st.one_of(
    texts,
    updates(),
    updates(),
    types.map(lambda type: ThreadItemAddedEvent(item=ITEMS[type])),
    types.map(lambda type: ThreadItemDoneEvent(item=ITEMS[type])),
    types.map(lambda type: ThreadItemReplacedEvent(item=ITEMS[type])),
    types.map(lambda type: ThreadItemRemovedEvent(item_id=ITEMS[type].id)),
    st.just(ProgressUpdateEvent(text="…")),
)


def open_items(items: list[ThreadItem]) -> dict[str, Any]:
    return {item.id: json.loads(to_json(item)) for item in items}


async def check(one: OnePipeline) -> None:
    """Check that what was said tells of all that is open; what was stored before is safe there."""
    left = leftovers(one.turn.feed.said())
    pending = [item for item in one.pipeline.pending_items() if not is_hidden(item)]
    opened = [item for item in pending if item.id not in one.pipeline._items.stored]

    assert open_items([item.snapshot() for item in left.pending.values()]) == open_items(opened)
    assert left.items_done == one.pipeline.items_done


@settings(deadline=None)
@given(st.lists(events, max_size=25))
def test_whatever_a_turn_has_said_its_leftovers_are_what_its_pipeline_has_open(said: list[Any]) -> None:
    async def say_all() -> None:
        async with one_pipeline() as one:
            for event in said:
                with suppress(InvalidEventError):
                    await one.pipeline.take(event)
                await check(one)

    asyncio.run(say_all())


async def test_what_the_log_has_tells_the_same() -> None:
    async with one_pipeline() as one:
        for event in ("He", "llo", ThreadItemAddedEvent(item=ITEMS["workflow"])):
            await one.pipeline.take(event)
        one.pipeline.say(ProgressUpdateEvent(text="…"))
        await one.parts.writer.say(one.turn.feed, one.turn.fence, "notice", b"{}")

        left = leftovers(await one.parts.log.read(one.turn.id, 0))
        assert left.items_done == 1
        assert [item.snapshot() for item in left.pending.values()] == one.pipeline.pending_items() != []


def test_of_a_turn_that_has_said_nothing_nothing_is_left() -> None:
    assert leftovers([]) == Leftovers({}, 0, None)


async def test_the_usage_that_was_said_last_is_known() -> None:
    async with one_pipeline() as one:
        for _ in range(2):
            one.turn.report_usage(input_tokens=3, steps=1)
            one.turn.say_usage()

        assert leftovers(one.turn.feed.said()).usage == TurnUsage(input_tokens=6, steps=2)


def test_what_no_turn_says_is_an_error() -> None:
    with pytest.raises(ValueError, match="item"):
        leftovers([EventEntry(1, "thread.item.done", b'{"type":"thread.item.done"}')])
