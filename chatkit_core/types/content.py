"""What messages are made of: text, tags, annotations, sources; and the user's choices for the answer."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chatkit_core.icons import IconName
from chatkit_core.types._base import WireModel


class SourceBase(WireModel):
    """What every source has."""

    title: str
    description: str | None = None
    timestamp: str | None = None
    """When the source dates from, as the user reads it."""
    group: str | None = None
    """Sources of one group are listed together."""


class FileSource(SourceBase):
    """A file that the assistant refers to."""

    type: Literal["file"] = "file"
    filename: str


class URLSource(SourceBase):
    """A web page that the assistant refers to."""

    type: Literal["url"] = "url"
    url: str
    attribution: str | None = None
    """Who published the page."""


class EntitySource(SourceBase):
    """A thing of the app's own that the assistant refers to."""

    type: Literal["entity"] = "entity"
    id: str
    """The app's id of the thing."""
    icon: IconName | None = None
    label: str | None = None
    """Stands beside the icon in the card shown on hover, unless the page renders a preview itself."""
    inline_label: str | None = None
    """Stands in the text in place of the icon."""
    interactive: bool = False
    """Whether a click on this one reaches the page's handlers."""
    data: dict[str, Any] = Field(default_factory=dict)
    """Handed as it is to the page's handlers."""


Source = Annotated[URLSource | FileSource | EntitySource, Field(discriminator="type")]
"""Anything that an annotation can point to."""


class Annotation(WireModel):
    """Ties a source to a place in the assistant's text."""

    type: Literal["annotation"] = "annotation"
    source: URLSource | FileSource | EntitySource
    index: int | None = None
    """The offset in the text, in characters, that the annotation follows."""


class AssistantMessageContent(WireModel):
    """A part of the assistant's message: text and its annotations."""

    annotations: list[Annotation] = Field(default_factory=list)
    text: str
    """Markdown."""
    type: Literal["output_text"] = "output_text"


class UserMessageTextContent(WireModel):
    """A part of the user's message that was typed."""

    type: Literal["input_text"] = "input_text"
    text: str


class UserMessageTagContent(WireModel):
    """A part of the user's message that is a tag: a mention of one of the app's entities."""

    type: Literal["input_tag"] = "input_tag"
    id: str
    """The app's id of what is mentioned."""
    text: str
    """The tag as the user reads it."""
    data: dict[str, Any]
    """What the page attached to the tag; it comes from the client, so verify it."""
    group: str | None = None
    interactive: bool = False
    """Whether a click on the tag reaches the page's handlers."""


UserMessageContent = Annotated[
    UserMessageTextContent | UserMessageTagContent,
    Field(discriminator="type"),
]
"""A part of a user's message."""


class ToolChoice(WireModel):
    """The tool that the user picked for this message."""

    id: str


class InferenceOptions(WireModel):
    """What the user chose for the answer to one message."""

    tool_choice: ToolChoice | None = None
    model: str | None = None
    """The id of the model, out of those that the page offers."""


class UserMessageInput(WireModel):
    """A user's message as the client sends it."""

    content: list[UserMessageContent]
    attachments: list[str]
    """Ids of attachments that were created before."""
    quoted_text: str | None = None
    """The passage of an earlier message that the user replies to."""
    inference_options: InferenceOptions

    @property
    def text(self) -> str:
        """The message as plain text, each tag as the user reads it."""
        return "".join(part.text for part in self.content)
