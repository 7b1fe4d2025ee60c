"""A turn that goes on in another process says nothing that takes away what was said before."""

from client_model import Client, item_of
from one_pipeline import one_pipeline

from chatkit_core.types import (
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    WidgetComponentUpdated,
    WidgetRootUpdated,
)
from chatkit_core.widgets import Card, Text


def card(*ids: str) -> Card:
    return Card(children=[Text(id=id, value=id) for id in ids])


async def test_a_new_root_of_a_widget_from_before_drops_no_earlier_root_that_others_build_on() -> None:
    async with one_pipeline() as one:
        await one.pipeline.take(ThreadItemAddedEvent(item=item_of("widget", "x", widget=card("a").model_dump())))
        for update in (
            WidgetRootUpdated(widget=card("b")),
            WidgetComponentUpdated(component_id="b", component=Text(id="c", value="c")),
        ):
            await one.pipeline.take(ThreadItemUpdatedEvent(item_id="x", update=update))
        [widget] = one.pipeline.pending_items()
        await one.pipeline.take(ThreadItemDoneEvent(item=widget.model_copy(update={"id": "x"})))

        other = await one.elsewhere()
        root = WidgetRootUpdated(widget=card("d"))
        await other.pipeline.take(ThreadItemUpdatedEvent(item_id=widget.id, update=root))

        client = Client()
        client.take(other.turn.feed.reader().take())
        assert [client.item(widget.id)] == other.pipeline.pending_items()
