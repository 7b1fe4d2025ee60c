"""Events: what `respond` yields and clients receive."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chatkit_core.errors import ErrorCode
from chatkit_core.icons import IconName
from chatkit_core.types._base import WireModel
from chatkit_core.types.items import ThreadItem
from chatkit_core.types.threads import Thread
from chatkit_core.types.updates import ThreadItemUpdate


class ThreadCreatedEvent(WireModel):
    """There is a new thread."""

    type: Literal["thread.created"] = "thread.created"
    thread: Thread


class ThreadUpdatedEvent(WireModel):
    """The thread's metadata changed."""

    type: Literal["thread.updated"] = "thread.updated"
    thread: Thread


class ThreadItemAddedEvent(WireModel):
    """An item begins; it is pending until it is done."""

    type: Literal["thread.item.added"] = "thread.item.added"
    item: ThreadItem


class ThreadItemUpdatedEvent(WireModel):
    """A pending item changes, or what is shown of a stored one."""

    type: Literal["thread.item.updated"] = "thread.item.updated"
    item_id: str
    update: ThreadItemUpdate


ThreadItemUpdated = ThreadItemUpdatedEvent
"""The older name of `ThreadItemUpdatedEvent`."""


class ThreadItemDoneEvent(WireModel):
    """An item is complete, and stored."""

    type: Literal["thread.item.done"] = "thread.item.done"
    item: ThreadItem


class ThreadItemRemovedEvent(WireModel):
    """An item is gone from the thread."""

    type: Literal["thread.item.removed"] = "thread.item.removed"
    item_id: str


class ThreadItemReplacedEvent(WireModel):
    """The item takes the place of the one with its id."""

    type: Literal["thread.item.replaced"] = "thread.item.replaced"
    item: ThreadItem


class StreamOptions(WireModel):
    """What the client may do with the stream."""

    allow_cancel: bool
    """Whether the user may stop the reply."""


class StreamOptionsEvent(WireModel):
    """The stream's options, from now on."""

    type: Literal["stream_options"] = "stream_options"
    stream_options: StreamOptions


class ProgressUpdateEvent(WireModel):
    """What the assistant is busy with, until the next event shows something better."""

    type: Literal["progress_update"] = "progress_update"
    icon: IconName | None = None
    text: str


class ClientEffectEvent(WireModel):
    """Has the page do something, without an answer."""

    type: Literal["client_effect"] = "client_effect"
    name: str
    data: dict[str, Any] = Field(default_factory=dict)


class ErrorEvent(WireModel):
    """The turn failed."""

    type: Literal["error"] = "error"
    code: ErrorCode | Literal["custom"] = Field(default="custom")
    """Chooses a text that the client translates; with `custom`, the message is shown."""
    message: str | None = None
    allow_retry: bool = Field(default=False)
    """Whether the client offers to try again."""


class NoticeEvent(WireModel):
    """Tells the user something that is not part of the thread."""

    type: Literal["notice"] = "notice"
    level: Literal["info", "warning", "danger"]
    message: str
    """Markdown, so that it can link to a page with more."""
    title: str | None = None


ThreadStreamEvent = Annotated[
    ThreadCreatedEvent
    | ThreadUpdatedEvent
    | ThreadItemDoneEvent
    | ThreadItemAddedEvent
    | ThreadItemUpdatedEvent
    | ThreadItemRemovedEvent
    | ThreadItemReplacedEvent
    | StreamOptionsEvent
    | ProgressUpdateEvent
    | ClientEffectEvent
    | ErrorEvent
    | NoticeEvent,
    Field(discriminator="type"),
]
"""Any event of ChatKit's protocol."""


class SyncCustomActionResponse(WireModel):
    """The answer to `threads.sync_custom_action`."""

    updated_item: ThreadItem | None = None
    """The item as the action left it, if it changed."""
