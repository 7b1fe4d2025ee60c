"""Components that hold others, and what may stand in a widget."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chatkit_core.actions import ActionConfig
from chatkit_core.widgets.base import DynamicWidgetComponent, WidgetComponentBase
from chatkit_core.widgets.chart import Chart
from chatkit_core.widgets.controls import (
    Button,
    Checkbox,
    DatePicker,
    Input,
    Label,
    RadioGroup,
    Select,
    Textarea,
)
from chatkit_core.widgets.display import Divider, Icon, Image, Spacer
from chatkit_core.widgets.text import Badge, Caption, Markdown, Text, Title
from chatkit_core.widgets.tokens import (
    Alignment,
    Border,
    Borders,
    Justification,
    RadiusValue,
    Spacing,
    SurfaceColor,
)


class BoxBase(BaseModel):
    """What the flexible containers share; the words are those of CSS flexbox."""

    children: "list[WidgetComponent] | None" = None
    align: Alignment | None = None
    justify: Justification | None = None
    wrap: Literal["nowrap", "wrap", "wrap-reverse"] | None = None
    flex: int | str | None = None
    gap: int | str | None = None
    height: float | str | None = None
    width: float | str | None = None
    size: float | str | None = None
    """Height and width at once."""
    minHeight: int | str | None = None
    minWidth: int | str | None = None
    minSize: int | str | None = None
    maxHeight: int | str | None = None
    maxWidth: int | str | None = None
    maxSize: int | str | None = None
    padding: float | str | Spacing | None = None
    margin: float | str | Spacing | None = None
    border: int | Border | Borders | None = None
    radius: RadiusValue | None = None
    background: SurfaceColor | None = None
    aspectRatio: float | str | None = None
    """Width over height, such as `16/9`."""


class Box(WidgetComponentBase, BoxBase):
    """A container whose direction is chosen."""

    type: Literal["Box"] = Field(default="Box", frozen=True)
    direction: Literal["row", "col"] | None = None


class Row(WidgetComponentBase, BoxBase):
    """Children side by side."""

    type: Literal["Row"] = Field(default="Row", frozen=True)


class Col(WidgetComponentBase, BoxBase):
    """Children one below the other."""

    type: Literal["Col"] = Field(default="Col", frozen=True)


class Form(WidgetComponentBase, BoxBase):
    """A container whose controls are sent together."""

    type: Literal["Form"] = Field(default="Form", frozen=True)
    onSubmitAction: ActionConfig | None = None
    direction: Literal["row", "col"] | None = None


class ListViewItem(WidgetComponentBase):
    """A row of a `ListView`."""

    type: Literal["ListViewItem"] = Field(default="ListViewItem", frozen=True)
    children: "list[WidgetComponent]"
    onClickAction: ActionConfig | None = None
    gap: int | str | None = None
    align: Alignment | None = None


class Transition(WidgetComponentBase):
    """Moves its one child smoothly when the layout changes."""

    type: Literal["Transition"] = Field(default="Transition", frozen=True)
    children: "WidgetComponent | None"


StrictWidgetComponent = Annotated[
    Text
    | Title
    | Caption
    | Chart
    | Badge
    | Markdown
    | Box
    | Row
    | Col
    | Divider
    | Icon
    | Image
    | ListViewItem
    | Button
    | Checkbox
    | Spacer
    | Select
    | DatePicker
    | Form
    | Input
    | Label
    | RadioGroup
    | Textarea
    | Transition,
    Field(discriminator="type"),
]
"""A component whose fields are checked."""

WidgetComponent = StrictWidgetComponent | DynamicWidgetComponent
"""Whatever may stand inside a widget."""
