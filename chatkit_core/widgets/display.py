"""Components that show or part things without text: icon, image, line, room."""

from typing import Literal

from pydantic import Field

from chatkit_core.widgets.base import WidgetComponentBase
from chatkit_core.widgets.tokens import (
    BorderColor,
    IconSize,
    RadiusValue,
    Spacing,
    SurfaceColor,
    TextColor,
    WidgetIcon,
)


class Icon(WidgetComponentBase):
    """An icon."""

    type: Literal["Icon"] = Field(default="Icon", frozen=True)
    name: WidgetIcon
    color: TextColor | None = None
    size: IconSize | None = None


class Image(WidgetComponentBase):
    """A picture from a URL."""

    type: Literal["Image"] = Field(default="Image", frozen=True)
    src: str
    alt: str | None = None
    """What the picture shows, for those who do not see it."""
    fit: Literal["cover", "contain", "fill", "scale-down", "none"] | None = None
    """How the picture fills its frame, as CSS `object-fit`."""
    position: (
        Literal[
            "top left",
            "top",
            "top right",
            "left",
            "center",
            "right",
            "bottom left",
            "bottom",
            "bottom right",
        ]
        | None
    ) = None
    """Which part stays in sight where the frame cuts."""
    radius: RadiusValue | None = None
    frame: bool | None = None
    """Draw a thin line around it."""
    flush: bool | None = None
    """Reach to the container's edge, over its padding."""
    height: int | str | None = None
    width: int | str | None = None
    size: int | str | None = None
    """Height and width at once."""
    minHeight: int | str | None = None
    minWidth: int | str | None = None
    minSize: int | str | None = None
    maxHeight: int | str | None = None
    maxWidth: int | str | None = None
    maxSize: int | str | None = None
    margin: int | str | Spacing | None = None
    background: SurfaceColor | None = None
    aspectRatio: float | str | None = None
    """Width over height, such as `16/9`."""
    flex: int | str | None = None


class Divider(WidgetComponentBase):
    """A line between two parts."""

    type: Literal["Divider"] = Field(default="Divider", frozen=True)
    color: BorderColor | None = None
    size: int | str | None = None
    """How thick the line is."""
    spacing: int | str | None = None
    """Room on both sides of the line."""
    flush: bool | None = None
    """Reach to the container's edge, over its padding."""


class Spacer(WidgetComponentBase):
    """Takes the room that is left, and so pushes its neighbours apart."""

    type: Literal["Spacer"] = Field(default="Spacer", frozen=True)
    minSize: int | str | None = None
