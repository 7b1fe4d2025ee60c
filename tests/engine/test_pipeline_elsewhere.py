"""A turn that goes on in another process says nothing that takes away what was said before."""

import pytest
from client_model import Client, item_of
from one_pipeline import OnePipeline, one_pipeline

from chatkit_core.types import (
    CustomTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    WidgetComponentUpdated,
    WidgetRootUpdated,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)
from chatkit_core.widgets import Card, Text


def card(*ids: str) -> Card:
    return Card(children=[Text(id=id, value=id) for id in ids])


WIDGET = item_of("widget", "x", widget=card("a").model_dump())
WORKFLOW = item_of("workflow", "x", workflow={"type": "custom", "tasks": [{"type": "custom", "title": "one"}]})


def seen_from_the_start(one: OnePipeline) -> Client:
    client = Client()
    client.take(one.turn.feed.reader().take())
    return client


@pytest.mark.parametrize(
    ("item", "first", "then"),
    [
        (
            WIDGET,
            [
                WidgetRootUpdated(widget=card("b")),
                WidgetComponentUpdated(component_id="b", component=Text(id="c", value="c")),
            ],
            WidgetRootUpdated(widget=card("d")),
        ),
        (
            WORKFLOW,
            [
                WorkflowTaskUpdated(task_index=0, task=CustomTask(title="two")),
                WorkflowTaskAdded(task_index=0, task=CustomTask(title="zero")),
            ],
            WorkflowTaskUpdated(task_index=0, task=CustomTask(title="naught")),
        ),
    ],
)
async def test_an_update_of_an_item_from_before_drops_no_earlier_update_that_others_build_on(
    item: object, first: list[object], then: object
) -> None:
    async with one_pipeline() as one:
        await one.pipeline.take(ThreadItemAddedEvent(item=item))
        for update in first:
            await one.pipeline.take(ThreadItemUpdatedEvent(item_id="x", update=update))
        [open_item] = one.pipeline.pending_items()
        await one.pipeline.take(ThreadItemDoneEvent(item=open_item))

        other = await one.elsewhere()
        await other.pipeline.take(ThreadItemUpdatedEvent(item_id=open_item.id, update=then))

        assert [seen_from_the_start(other).item(open_item.id)] == other.pipeline.pending_items()
