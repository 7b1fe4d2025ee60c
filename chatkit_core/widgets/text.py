"""Components that show text."""

from typing import Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chatkit_core.widgets.base import WidgetComponentBase
from chatkit_core.widgets.tokens import CaptionSize, FontWeight, TextAlign, TextColor, TextSize, TitleSize


class EditableProps(TypedDict):
    """How the user edits a text in place; it is a field of the form around it."""

    name: str
    """Under which name the form sends it."""
    autoFocus: NotRequired[bool]
    autoSelect: NotRequired[bool]
    autoComplete: NotRequired[str]
    """The browser's own `autocomplete` hint."""
    allowAutofillExtensions: NotRequired[bool]
    """Whether password managers may step in."""
    pattern: NotRequired[str]
    """A regular expression that the input has to match."""
    placeholder: NotRequired[str]
    required: NotRequired[bool]


class Markdown(WidgetComponentBase):
    """Text in Markdown; its value can be streamed."""

    type: Literal["Markdown"] = Field(default="Markdown", frozen=True)
    value: str
    streaming: bool | None = None
    """Whether more of the value is to come."""


class Text(WidgetComponentBase):
    """Plain text; its value can be streamed."""

    type: Literal["Text"] = Field(default="Text", frozen=True)
    value: str
    streaming: bool | None = None
    """Whether more of the value is to come."""
    italic: bool | None = None
    lineThrough: bool | None = None
    color: TextColor | None = None
    weight: FontWeight | None = None
    width: float | str | None = None
    size: TextSize | None = None
    textAlign: TextAlign | None = None
    truncate: bool | None = None
    """Cut what does not fit and end in an ellipsis."""
    minLines: int | None = None
    """Lines to keep room for."""
    maxLines: int | None = None
    editable: Literal[False] | EditableProps | None = None


class Title(WidgetComponentBase):
    """A headline."""

    type: Literal["Title"] = Field(default="Title", frozen=True)
    value: str
    color: TextColor | None = None
    weight: FontWeight | None = None
    size: TitleSize | None = None
    textAlign: TextAlign | None = None
    truncate: bool | None = None
    """Cut what does not fit and end in an ellipsis."""
    maxLines: int | None = None


class Caption(WidgetComponentBase):
    """Small text that stands by something else."""

    type: Literal["Caption"] = Field(default="Caption", frozen=True)
    value: str
    color: TextColor | None = None
    weight: FontWeight | None = None
    size: CaptionSize | None = None
    textAlign: TextAlign | None = None
    truncate: bool | None = None
    """Cut what does not fit and end in an ellipsis."""
    maxLines: int | None = None


class Badge(WidgetComponentBase):
    """A word or two on a colored ground, such as a status."""

    type: Literal["Badge"] = Field(default="Badge", frozen=True)
    label: str
    color: Literal["secondary", "success", "danger", "warning", "info", "discovery"] | None = None
    variant: Literal["solid", "soft", "outline"] | None = None
    size: Literal["sm", "md", "lg"] | None = None
    pill: bool | None = None
    """Round ends."""
