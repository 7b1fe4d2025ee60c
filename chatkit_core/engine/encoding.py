"""From models to the JSON that clients get."""

from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from chatkit_core.engine.text import clean_model
from chatkit_core.store import AttachmentStore
from chatkit_core.types import (
    GeneratedImageUpdated,
    Page,
    ProgressUpdateEvent,
    Thread,
    ThreadItem,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    UserMessageItem,
    WidgetComponentUpdated,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

E = TypeVar("E", bound=BaseModel)

_CONTEXT = {"exclude_metadata": True}
_NO_ITEMS = Page[ThreadItem]()


def to_json(model: BaseModel) -> bytes:
    """Return the model as a client gets it: absent fields left out, and attachments without the app's metadata."""
    return model.__pydantic_serializer__.to_json(model, by_alias=True, exclude_none=True, context=_CONTEXT)


def thread_response(thread: ThreadMetadata, items: Page[ThreadItem] | None = None) -> Thread:
    """Return the thread as a client gets it: without the app's metadata."""
    return Thread(
        id=thread.id,
        title=thread.title,
        created_at=thread.created_at,
        items=items or _NO_ITEMS,
        status=thread.status,
        allowed_image_domains=thread.allowed_image_domains,
    )


class Encoder:
    """Encodes events.

    Args:
        attachments: shows attachments as clients are to see them; None if there are none.
    """

    def __init__(self, attachments: AttachmentStore[Any] | None) -> None:
        self._attachments = attachments

    def encode(self, event: E) -> tuple[bytes, E]:
        """Return the event's JSON, and the event; both with text that can be encoded."""
        try:
            return to_json(self._presented(event)), event
        except PydanticSerializationError:
            event = clean_model(event)
            return to_json(self._presented(event)), event

    def _presented(self, event: E) -> E:
        item = getattr(event, "item", None)
        if self._attachments is None or not isinstance(item, UserMessageItem):
            return event
        return event.model_copy(update={"item": presented(item, self._attachments)})


def presented(item: UserMessageItem, attachments: AttachmentStore[Any]) -> UserMessageItem:
    """Return the message with its attachments as a client is to see them."""
    if not item.attachments:
        return item
    shown = [attachments.presented(attachment) for attachment in item.attachments]
    return item.model_copy(update={"attachments": shown})


class Replacements:
    """Names, for each event of a turn, the earlier event that it replaces whole.

    Events with the same name replace each other. An update that others build on (a widget's text goes to a component
    that an earlier update brought) ends the run of those before it: they keep their names, and later ones get new ones.

    Args:
        first_run: the number of the first run; larger than any before, if the turn goes on here.
    """

    def __init__(self, first_run: int = 0) -> None:
        self._first_run = first_run
        self._runs: dict[str, int] = {}

    def name(self, event: BaseModel) -> tuple[str, ...] | None:
        """Return the name of what the event replaces, or None."""
        if isinstance(event, ProgressUpdateEvent):
            return ("progress",)
        if not isinstance(event, ThreadItemUpdatedEvent):
            return None
        return self._update_name(event.item_id, event.update)

    def _update_name(self, item_id: str, update: Any) -> tuple[str, ...] | None:
        run = self._runs.get(item_id, self._first_run)
        match update:
            case GeneratedImageUpdated():
                return ("image", item_id)
            case WorkflowTaskUpdated():
                return ("task", item_id, str(run), str(update.task_index))
            case WidgetRootUpdated():
                return ("widget", item_id, str(run))
            case WorkflowTaskAdded() | WidgetComponentUpdated() | WidgetStreamingTextValueDelta():
                self._runs[item_id] = run + 1
        return None
