"""Item updates: how a pending item grows, and how what is shown of a stored one changes."""

from typing import Annotated, Literal

from pydantic import Field

from chatkit_core.types._base import WireModel
from chatkit_core.types._shared import Shared
from chatkit_core.types.content import Annotation, AssistantMessageContent
from chatkit_core.types.items import GeneratedImage
from chatkit_core.types.tasks import Task
from chatkit_core.widgets import WidgetComponent, WidgetRoot


class AssistantMessageContentPartAdded(WireModel):
    """The assistant's message gets a part."""

    type: Literal["assistant_message.content_part.added"] = "assistant_message.content_part.added"
    content_index: int
    content: AssistantMessageContent


class AssistantMessageContentPartTextDelta(WireModel):
    """Text to append to a part of the assistant's message."""

    type: Literal["assistant_message.content_part.text_delta"] = "assistant_message.content_part.text_delta"
    content_index: int
    delta: str


class AssistantMessageContentPartAnnotationAdded(WireModel):
    """A part of the assistant's message gets an annotation."""

    type: Literal["assistant_message.content_part.annotation_added"] = "assistant_message.content_part.annotation_added"
    content_index: int
    annotation_index: int
    annotation: Annotation


class AssistantMessageContentPartDone(WireModel):
    """A part of the assistant's message is complete; `content` is the whole of it."""

    type: Literal["assistant_message.content_part.done"] = "assistant_message.content_part.done"
    content_index: int
    content: AssistantMessageContent


class WidgetStreamingTextValueDelta(WireModel):
    """Text to append to a component's value."""

    type: Literal["widget.streaming_text.value_delta"] = "widget.streaming_text.value_delta"
    component_id: str
    delta: str
    done: bool
    """Whether the value is complete with this."""


class WidgetRootUpdated(WireModel):
    """The whole widget is another one."""

    type: Literal["widget.root.updated"] = "widget.root.updated"
    widget: Annotated[WidgetRoot, Shared(WidgetRoot)]


class WidgetComponentUpdated(WireModel):
    """One component of the widget is another one."""

    type: Literal["widget.component.updated"] = "widget.component.updated"
    component_id: str
    component: Annotated[WidgetComponent, Shared(WidgetComponent)]


class WorkflowTaskAdded(WireModel):
    """The workflow gets a task."""

    type: Literal["workflow.task.added"] = "workflow.task.added"
    task_index: int
    task: Task


class WorkflowTaskUpdated(WireModel):
    """A task of the workflow changes; `task` is the whole of it."""

    type: Literal["workflow.task.updated"] = "workflow.task.updated"
    task_index: int
    task: Task


class GeneratedImageUpdated(WireModel):
    """The image takes shape."""

    type: Literal["generated_image.updated"] = "generated_image.updated"
    image: GeneratedImage
    progress: float | None = None
    """From 0 to 1."""


ThreadItemUpdate = Annotated[
    AssistantMessageContentPartAdded
    | AssistantMessageContentPartTextDelta
    | AssistantMessageContentPartAnnotationAdded
    | AssistantMessageContentPartDone
    | WidgetStreamingTextValueDelta
    | WidgetComponentUpdated
    | WidgetRootUpdated
    | WorkflowTaskAdded
    | WorkflowTaskUpdated
    | GeneratedImageUpdated,
    Field(discriminator="type"),
]
"""Any change of an item."""
