"""Items: the entries of a thread."""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypeIs

from chatkit_core.types._base import WireModel
from chatkit_core.types._shared import Shared
from chatkit_core.types.attachments import Attachment
from chatkit_core.types.content import AssistantMessageContent, InferenceOptions, UserMessageContent
from chatkit_core.types.structured_input import StructuredInput
from chatkit_core.types.tasks import Task, Workflow
from chatkit_core.types.times import UTCDateTime
from chatkit_core.widgets import WidgetRoot


class ThreadItemBase(WireModel):
    """What every item has."""

    id: str
    thread_id: str
    created_at: UTCDateTime


class UserMessageItem(ThreadItemBase):
    """What the user said."""

    type: Literal["user_message"] = "user_message"
    content: list[UserMessageContent]
    attachments: list[Attachment] = Field(default_factory=list)
    quoted_text: str | None = None
    """The passage of an earlier message that the user replies to."""
    inference_options: InferenceOptions

    @property
    def text(self) -> str:
        """The message as plain text, each tag as the user reads it."""
        return "".join(part.text for part in self.content)


class AssistantMessageItem(ThreadItemBase):
    """What the assistant said."""

    type: Literal["assistant_message"] = "assistant_message"
    content: list[AssistantMessageContent]

    @property
    def text(self) -> str:
        """The text of all parts, without annotations."""
        return "".join(part.text for part in self.content)


class ClientToolCallItem(ThreadItemBase):
    """A call of a function of the page, which the client makes and answers."""

    type: Literal["client_tool_call"] = "client_tool_call"
    status: Literal["pending", "completed"] = "pending"
    call_id: str
    """The model's id of the call."""
    name: str
    arguments: dict[str, Any]
    output: Any | None = None
    """What the function returned; absent while the call is pending."""


class WidgetItem(ThreadItemBase):
    """A widget."""

    type: Literal["widget"] = "widget"
    widget: Annotated[WidgetRoot, Shared(WidgetRoot)]
    copy_text: str | None = None
    """What copying the widget puts on the clipboard."""


class GeneratedImage(WireModel):
    """An image that the assistant made."""

    id: str
    url: str
    """An address that the browser can load, or a `data:` URL."""


class GeneratedImageItem(ThreadItemBase):
    """An image that the assistant makes."""

    type: Literal["generated_image"] = "generated_image"
    image: GeneratedImage | None = None
    """Absent until there is something to show."""


class StructuredInputItem(ThreadItemBase):
    """Questions to the user, in a form."""

    type: Literal["structured_input"] = "structured_input"
    status: Literal["pending", "answered", "skipped"] = "pending"
    inputs: list[StructuredInput]


class TaskItem(ThreadItemBase):
    """A task that stands by itself."""

    type: Literal["task"] = "task"
    task: Task


class WorkflowItem(ThreadItemBase):
    """A workflow: tasks that belong together."""

    type: Literal["workflow"] = "workflow"
    workflow: Workflow


class EndOfTurnItem(ThreadItemBase):
    """Marks where the assistant's answer ends."""

    type: Literal["end_of_turn"] = "end_of_turn"


class HiddenContextItem(ThreadItemBase):
    """A note of the app's for the model, at its place in the thread; no client receives it."""

    type: Literal["hidden_context_item"] = "hidden_context_item"
    content: Any


class SDKHiddenContextItem(ThreadItemBase):
    """A note of the framework's for the model, such as that a reply was stopped; no client receives it."""

    type: Literal["sdk_hidden_context"] = "sdk_hidden_context"
    content: str


ThreadItem = Annotated[
    UserMessageItem
    | AssistantMessageItem
    | ClientToolCallItem
    | WidgetItem
    | GeneratedImageItem
    | StructuredInputItem
    | WorkflowItem
    | TaskItem
    | HiddenContextItem
    | SDKHiddenContextItem
    | EndOfTurnItem,
    Field(discriminator="type"),
]
"""Any item."""


def is_hidden(item: ThreadItem) -> TypeIs[HiddenContextItem | SDKHiddenContextItem]:
    """Return whether the item is kept from clients."""
    return isinstance(item, HiddenContextItem | SDKHiddenContextItem)
