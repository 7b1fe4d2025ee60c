"""Components that the user works with. The form around a control sends its value under its `name`."""

from datetime import datetime
from typing import Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chatkit_core.actions import ActionConfig
from chatkit_core.widgets.base import WidgetComponentBase
from chatkit_core.widgets.tokens import (
    ControlSize,
    ControlVariant,
    FontWeight,
    TextAlign,
    TextColor,
    TextSize,
    WidgetIcon,
)


class Button(WidgetComponentBase):
    """A button, with a label, icons or both."""

    type: Literal["Button"] = Field(default="Button", frozen=True)
    submit: bool | None = None
    """Submit the form around it."""
    label: str | None = None
    onClickAction: ActionConfig | None = None
    iconStart: WidgetIcon | None = None
    """Before the label, or alone."""
    iconEnd: WidgetIcon | None = None
    style: Literal["primary", "secondary"] | None = None
    """Sets color and variant in one."""
    iconSize: Literal["sm", "md", "lg", "xl", "2xl"] | None = None
    color: Literal["primary", "secondary", "info", "discovery", "success", "caution", "warning", "danger"] | None = None
    variant: ControlVariant | None = None
    size: ControlSize | None = None
    pill: bool | None = None
    """Round ends."""
    uniform: bool | None = None
    """As wide as it is high."""
    block: bool | None = None
    """As wide as its container."""
    disabled: bool | None = None


class SelectOption(TypedDict):
    """A choice of a `Select`."""

    value: str
    label: str
    disabled: NotRequired[bool]
    description: NotRequired[str]
    """A second line under the label."""


class Select(WidgetComponentBase):
    """A list to choose one from."""

    type: Literal["Select"] = Field(default="Select", frozen=True)
    name: str
    options: list[SelectOption]
    onChangeAction: ActionConfig | None = None
    placeholder: str | None = None
    defaultValue: str | None = None
    variant: ControlVariant | None = None
    size: ControlSize | None = None
    pill: bool | None = None
    block: bool | None = None
    clearable: bool | None = None
    """The choice can be taken back."""
    disabled: bool | None = None
    searchable: bool | None = None
    """Options can be searched; by default where there are more than 15."""


class DatePicker(WidgetComponentBase):
    """A calendar to choose a day from; `min` and `max` are the first and last that can be chosen."""

    type: Literal["DatePicker"] = Field(default="DatePicker", frozen=True)
    name: str
    onChangeAction: ActionConfig | None = None
    placeholder: str | None = None
    defaultValue: datetime | None = None
    min: datetime | None = None
    max: datetime | None = None
    variant: ControlVariant | None = None
    size: ControlSize | None = None
    side: Literal["top", "bottom", "left", "right"] | None = None
    """Where the calendar opens, if there is room."""
    align: Literal["start", "center", "end"] | None = None
    """Which end of the control the calendar lines up with, if there is room."""
    pill: bool | None = None
    block: bool | None = None
    clearable: bool | None = None
    disabled: bool | None = None


class Checkbox(WidgetComponentBase):
    """A box to tick."""

    type: Literal["Checkbox"] = Field(default="Checkbox", frozen=True)
    name: str
    label: str | None = None
    defaultChecked: bool | None = None
    onChangeAction: ActionConfig | None = None
    disabled: bool | None = None
    required: bool | None = None


class Input(WidgetComponentBase):
    """A line to type in."""

    type: Literal["Input"] = Field(default="Input", frozen=True)
    name: str
    inputType: Literal["number", "email", "text", "password", "tel", "url"] | None = None
    defaultValue: str | None = None
    required: bool | None = None
    pattern: str | None = None
    """A regular expression that the input has to match."""
    placeholder: str | None = None
    allowAutofillExtensions: bool | None = None
    """Whether password managers may step in."""
    autoSelect: bool | None = None
    autoFocus: bool | None = None
    disabled: bool | None = None
    variant: Literal["soft", "outline"] | None = None
    size: ControlSize | None = None
    gutterSize: Literal["2xs", "xs", "sm", "md", "lg", "xl"] | None = None
    """Room at the ends of the line, instead of what `size` gives."""
    pill: bool | None = None


class Label(WidgetComponentBase):
    """The label of the control that is named `fieldName`."""

    type: Literal["Label"] = Field(default="Label", frozen=True)
    value: str
    fieldName: str
    size: TextSize | None = None
    weight: FontWeight | None = None
    textAlign: TextAlign | None = None
    color: TextColor | None = None


class RadioOption(TypedDict):
    """A choice of a `RadioGroup`."""

    label: str
    value: str
    disabled: NotRequired[bool]


class RadioGroup(WidgetComponentBase):
    """Choices side by side, of which one holds."""

    type: Literal["RadioGroup"] = Field(default="RadioGroup", frozen=True)
    name: str
    options: list[RadioOption] | None = None
    ariaLabel: str | None = None
    """What a screen reader calls the group; by default its name."""
    onChangeAction: ActionConfig | None = None
    defaultValue: str | None = None
    direction: Literal["row", "col"] | None = None
    disabled: bool | None = None
    required: bool | None = None


class Textarea(WidgetComponentBase):
    """Several lines to type in."""

    type: Literal["Textarea"] = Field(default="Textarea", frozen=True)
    name: str
    defaultValue: str | None = None
    required: bool | None = None
    pattern: str | None = None
    """A regular expression that the input has to match."""
    placeholder: str | None = None
    autoSelect: bool | None = None
    autoFocus: bool | None = None
    disabled: bool | None = None
    variant: Literal["soft", "outline"] | None = None
    size: ControlSize | None = None
    gutterSize: Literal["2xs", "xs", "sm", "md", "lg", "xl"] | None = None
    """Room at the edges, instead of what `size` gives."""
    rows: int | None = None
    """Lines to show at first."""
    autoResize: bool | None = None
    """Grow and shrink with the text, up to `maxRows` lines."""
    maxRows: int | None = None
    allowAutofillExtensions: bool | None = None
    """Whether password managers may step in."""
