"""Ops: the requests of ChatKit's protocol, each with its `type` and `params`."""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypeIs

from chatkit_core.actions import Action
from chatkit_core.types._base import WireModel
from chatkit_core.types.content import UserMessageInput
from chatkit_core.types.structured_input import StructuredInputSubmission
from chatkit_core.types.turns import TurnOptions

FeedbackKind = Literal["positive", "negative"]
"""What the user thinks of an item."""


class BaseReq(WireModel):
    """What every op has."""

    metadata: dict[str, Any] = Field(default_factory=dict)
    """Whatever the page adds to its requests."""


class TurnParams(WireModel):
    """What every op that starts a turn has."""

    turn: TurnOptions | None = None
    """What the client says of the turn; ChatKit's own page says nothing."""


class ThreadGetByIdParams(WireModel):
    """Names the thread."""

    thread_id: str


class ThreadsGetByIdReq(BaseReq):
    """Asks for a thread with the newest page of its items."""

    type: Literal["threads.get_by_id"] = "threads.get_by_id"
    params: ThreadGetByIdParams


class ThreadCreateParams(TurnParams):
    """The first message of the thread."""

    input: UserMessageInput


class ThreadsCreateReq(BaseReq):
    """Begins a thread with a message, and a turn that answers it."""

    type: Literal["threads.create"] = "threads.create"
    params: ThreadCreateParams


class ThreadListParams(WireModel):
    """Which page of the list."""

    limit: int | None = None
    order: Literal["asc", "desc"] = "desc"
    """`desc`: newest first."""
    after: str | None = None
    """The `after` of the page before; absent for the first page."""
    query: str | None = None
    """Text that the title or a message of the thread contains; absent for all threads."""
    archived: bool | None = None
    """True for the archived threads; else the others are listed."""


class ThreadsListReq(BaseReq):
    """Asks for the owner's threads, without their items."""

    type: Literal["threads.list"] = "threads.list"
    params: ThreadListParams


class ThreadAddUserMessageParams(TurnParams):
    """The message, and where it goes."""

    input: UserMessageInput
    thread_id: str


class ThreadsAddUserMessageReq(BaseReq):
    """Adds a message to a thread, and a turn that answers it."""

    type: Literal["threads.add_user_message"] = "threads.add_user_message"
    params: ThreadAddUserMessageParams


class ThreadAddClientToolOutputParams(TurnParams):
    """What the page's function returned."""

    thread_id: str
    result: Any
    item_id: str | None = None
    """The call that this answers; absent means the oldest pending one. ChatKit's own page leaves it out."""


class ThreadsAddClientToolOutputReq(BaseReq):
    """Answers a client tool call; its turn goes on."""

    type: Literal["threads.add_client_tool_output"] = "threads.add_client_tool_output"
    params: ThreadAddClientToolOutputParams


class ThreadAddStructuredInputParams(TurnParams):
    """The answers, and the item that asked."""

    thread_id: str
    item_id: str
    input: StructuredInputSubmission


class ThreadsAddStructuredInputReq(BaseReq):
    """Answers a structured input item; its turn goes on."""

    type: Literal["threads.add_structured_input"] = "threads.add_structured_input"
    params: ThreadAddStructuredInputParams


class ThreadCustomActionParams(WireModel):
    """An action of a widget or of the page."""

    thread_id: str
    item_id: str | None = None
    """The widget's item; absent when the page itself sends the action."""
    action: Action[str, Any]


class ThreadStreamedActionParams(ThreadCustomActionParams, TurnParams):
    """An action that may stream events."""


class ThreadsCustomActionReq(BaseReq):
    """Runs an action that may stream events."""

    type: Literal["threads.custom_action"] = "threads.custom_action"
    params: ThreadStreamedActionParams


class ThreadsSyncCustomActionReq(BaseReq):
    """Runs an action that answers with one item."""

    type: Literal["threads.sync_custom_action"] = "threads.sync_custom_action"
    params: ThreadCustomActionParams


class ThreadRetryAfterItemParams(TurnParams):
    """The user message to answer anew."""

    thread_id: str
    item_id: str


class ThreadsRetryAfterItemReq(BaseReq):
    """Drops what follows a user message, and answers it anew."""

    type: Literal["threads.retry_after_item"] = "threads.retry_after_item"
    params: ThreadRetryAfterItemParams


class ItemFeedbackParams(WireModel):
    """What the user thinks, and of which items."""

    thread_id: str
    item_ids: list[str]
    kind: FeedbackKind


class ItemsFeedbackReq(BaseReq):
    """Records what the user thinks of items."""

    type: Literal["items.feedback"] = "items.feedback"
    params: ItemFeedbackParams


class AttachmentDeleteParams(WireModel):
    """Names the attachment."""

    attachment_id: str


class AttachmentsDeleteReq(BaseReq):
    """Deletes an attachment and its bytes."""

    type: Literal["attachments.delete"] = "attachments.delete"
    params: AttachmentDeleteParams


class AttachmentCreateParams(WireModel):
    """What the client says of the file."""

    name: str
    size: int
    """Bytes."""
    mime_type: str


class AttachmentsCreateReq(BaseReq):
    """Creates an attachment, whose bytes are uploaded next."""

    type: Literal["attachments.create"] = "attachments.create"
    params: AttachmentCreateParams


class InputTranscribeParams(WireModel):
    """What the user said."""

    audio_base64: str
    mime_type: str
    """As the browser recorded it, with its parameters: `audio/webm;codecs=opus`."""


class InputTranscribeReq(BaseReq):
    """Asks for speech as text."""

    type: Literal["input.transcribe"] = "input.transcribe"
    params: InputTranscribeParams


class AudioInput(WireModel):
    """Speech, as the `transcribe` hook receives it."""

    data: bytes
    mime_type: str
    """As the browser recorded it, with its parameters: `audio/webm;codecs=opus`."""

    @property
    def media_type(self) -> str:
        """The MIME type without its parameters: `audio/webm`."""
        return self.mime_type.partition(";")[0]


class TranscriptionResult(WireModel):
    """Speech as text."""

    text: str


class ItemsListParams(WireModel):
    """Which page of which thread."""

    thread_id: str
    limit: int | None = None
    order: Literal["asc", "desc"] = "desc"
    """`desc`: newest first."""
    after: str | None = None
    """The `after` of the page before; absent for the first page."""


class ItemsListReq(BaseReq):
    """Asks for a page of a thread's items."""

    type: Literal["items.list"] = "items.list"
    params: ItemsListParams


class ThreadUpdateParams(WireModel):
    """The thread's new title."""

    thread_id: str
    title: str


class ThreadsUpdateReq(BaseReq):
    """Renames a thread."""

    type: Literal["threads.update"] = "threads.update"
    params: ThreadUpdateParams


class ThreadDeleteParams(WireModel):
    """Names the thread."""

    thread_id: str


class ThreadsDeleteReq(BaseReq):
    """Deletes a thread and all that belongs to it."""

    type: Literal["threads.delete"] = "threads.delete"
    params: ThreadDeleteParams


StreamingReq = (
    ThreadsCreateReq
    | ThreadsAddUserMessageReq
    | ThreadsAddClientToolOutputReq
    | ThreadsAddStructuredInputReq
    | ThreadsRetryAfterItemReq
    | ThreadsCustomActionReq
)
"""An op that is answered with a stream of events."""

NonStreamingReq = (
    ThreadsGetByIdReq
    | ThreadsListReq
    | ItemsListReq
    | ItemsFeedbackReq
    | AttachmentsCreateReq
    | AttachmentsDeleteReq
    | ThreadsUpdateReq
    | ThreadsDeleteReq
    | InputTranscribeReq
    | ThreadsSyncCustomActionReq
)
"""An op that is answered with one JSON document."""

ChatKitReq = Annotated[StreamingReq | NonStreamingReq, Field(discriminator="type")]
"""Any op of ChatKit's protocol."""


def is_streaming_req(request: ChatKitReq) -> TypeIs[StreamingReq]:
    """Return whether the op is answered with a stream of events."""
    return isinstance(request, StreamingReq)
