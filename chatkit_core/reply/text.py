"""An assistant message from a stream of text."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable

from chatkit_core.turn import current_turn
from chatkit_core.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    utc_now,
)


async def text(
    stream: AsyncIterable[str | Annotation], *, annotations: Iterable[Annotation] = ()
) -> AsyncIterator[ThreadStreamEvent]:
    """Yield the events of one assistant message.

    Args:
        stream: the text, delta by delta; an annotation among them belongs to the text before it.
        annotations: those that come at the end.
    """
    turn = current_turn()
    item = AssistantMessageItem(id=turn.new_id("message"), thread_id=turn.thread.id, created_at=utc_now(), content=[])
    content = AssistantMessageContent(text="")
    yield ThreadItemAddedEvent(item=item)
    yield ThreadItemUpdatedEvent(
        item_id=item.id, update=AssistantMessageContentPartAdded(content_index=0, content=content)
    )
    deltas: list[str] = []
    notes: list[Annotation] = []
    async for piece in stream:
        if isinstance(piece, str):
            deltas.append(piece)
            delta = AssistantMessageContentPartTextDelta(content_index=0, delta=piece)
            yield ThreadItemUpdatedEvent(item_id=item.id, update=delta)
        else:
            yield _annotated(item.id, notes, piece)
    for annotation in annotations:
        yield _annotated(item.id, notes, annotation)
    content = AssistantMessageContent(text="".join(deltas), annotations=notes)
    yield ThreadItemUpdatedEvent(
        item_id=item.id, update=AssistantMessageContentPartDone(content_index=0, content=content)
    )
    yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))


def _annotated(item_id: str, notes: list[Annotation], annotation: Annotation) -> ThreadItemUpdatedEvent:
    notes.append(annotation)
    update = AssistantMessageContentPartAnnotationAdded(
        content_index=0, annotation_index=len(notes) - 1, annotation=annotation
    )
    return ThreadItemUpdatedEvent(item_id=item_id, update=update)
