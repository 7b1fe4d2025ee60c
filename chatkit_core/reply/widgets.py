"""A widget, or a widget that changes while it is shown."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable

from chatkit_core.store import StoreItemType, default_generate_id
from chatkit_core.turn import current_turn
from chatkit_core.types import (
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    WidgetComponentUpdated,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    utc_now,
)
from chatkit_core.widgets import WidgetRoot
from chatkit_core.widgets.diff import RootReplaced
from chatkit_core.widgets.diff import diff_widget as _diff


async def widget(
    widget: WidgetRoot | AsyncIterable[WidgetRoot], *, copy_text: str | None = None
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield the events of one widget.

    Args:
        widget: the widget; or its states one after the other, of which each must be a new object. Text that only
            grows, in a `Text` or `Markdown` with an id, goes out as deltas.
        copy_text: what the client copies to the clipboard in place of the widget.
    """
    turn = current_turn()
    async for event in stream_widget(turn.thread, widget, copy_text, turn.new_id):
        yield event


def diff_widget(
    before: WidgetRoot, after: WidgetRoot
) -> list[WidgetStreamingTextValueDelta | WidgetRootUpdated | WidgetComponentUpdated]:
    """Return the updates that turn one state of a widget into the next."""
    return [
        WidgetRootUpdated(widget=change.widget)
        if isinstance(change, RootReplaced)
        else WidgetStreamingTextValueDelta(component_id=change.component_id, delta=change.delta, done=change.done)
        for change in _diff(before, after)
    ]


async def stream_widget(
    thread: ThreadMetadata,
    widget: WidgetRoot | AsyncIterable[WidgetRoot] | AsyncGenerator[WidgetRoot, None],
    copy_text: str | None = None,
    generate_id: Callable[[StoreItemType], str] = default_generate_id,
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield the events of one widget, as `widget` does, for code that has a thread at hand.

    Args:
        generate_id: returns the new item's id.
    """
    item_id = generate_id("message")

    def item(state: WidgetRoot) -> WidgetItem:
        return WidgetItem(id=item_id, thread_id=thread.id, created_at=created_at, widget=state, copy_text=copy_text)

    created_at = utc_now()
    if not isinstance(widget, AsyncIterable):
        yield ThreadItemDoneEvent(item=item(widget))
        return
    last: WidgetRoot | None = None
    async for state in widget:
        if last is None:
            yield ThreadItemAddedEvent(item=item(state))
        else:
            for update in diff_widget(last, state):
                yield ThreadItemUpdatedEvent(item_id=item_id, update=update)
        last = state
    if last is not None:
        yield ThreadItemDoneEvent(item=item(last))
