"""The small words of the vocabulary: tokens for sizes, colors and places, and the shorthands that components share.

A number is pixels, except for `gap`, `padding`, `margin` and `spacing`, which count the client's spacing units. A
string is a CSS value. A color is also a token, or a primitive such as `red-100`.
"""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from chatkit_core.icons import IconName

RadiusValue = Literal["2xs", "xs", "sm", "md", "lg", "xl", "2xl", "3xl", "4xl", "full", "100%", "none"]
"""How round corners are."""

TextAlign = Literal["start", "center", "end"]
"""Which side a text keeps to."""

TextSize = Literal["xs", "sm", "md", "lg", "xl"]
"""Sizes of running text."""

IconSize = Literal["xs", "sm", "md", "lg", "xl", "2xl", "3xl"]
"""Sizes of an icon."""

TitleSize = Literal["sm", "md", "lg", "xl", "2xl", "3xl", "4xl", "5xl"]
"""Sizes of a headline."""

CaptionSize = Literal["sm", "md", "lg"]
"""Sizes of a caption."""

FontWeight = Literal["normal", "medium", "semibold", "bold"]
"""How heavy letters are."""

Alignment = Literal["start", "center", "end", "baseline", "stretch"]
"""Where children stand across the main axis."""

Justification = Literal["start", "center", "end", "between", "around", "evenly", "stretch"]
"""How children share the room along the main axis."""

ControlVariant = Literal["solid", "soft", "outline", "ghost"]
"""Looks of a control."""

ControlSize = Literal["3xs", "2xs", "xs", "sm", "md", "lg", "xl", "2xl", "3xl"]
"""Sizes of a control."""

Theme = Literal["light", "dark"]
"""A theme that a widget keeps whatever the page has."""

WidgetIcon = IconName
"""An icon in a widget."""


class ThemeColor(TypedDict):
    """A color for each theme."""

    dark: str
    light: str


TextColor = str | ThemeColor
"""Tokens: `prose`, `primary`, `emphasis`, `secondary`, `tertiary`, `success`, `warning`, `danger`."""

SurfaceColor = str | ThemeColor
"""Tokens: `surface`, alone or with `-secondary`, `-tertiary`, `-elevated` or `-elevated-secondary`."""

BorderColor = str | ThemeColor
"""Tokens: `default`, `subtle`, `strong`."""

ChartColor = str | ThemeColor
"""Tokens: `blue`, `purple`, `orange`, `green`, `red`, `yellow`, `pink`; by default each series its own."""


class Spacing(TypedDict):
    """Room at each side; `x` is left and right, `y` top and bottom."""

    top: NotRequired[float | str]
    right: NotRequired[float | str]
    bottom: NotRequired[float | str]
    left: NotRequired[float | str]
    x: NotRequired[float | str]
    y: NotRequired[float | str]


class Border(TypedDict):
    """The line along an edge."""

    size: int
    color: NotRequired[BorderColor]
    style: NotRequired[Literal["solid", "dashed", "dotted", "double", "groove", "ridge", "inset", "outset"]]


class Borders(TypedDict):
    """The line along each edge, or only its width; `x` is left and right, `y` top and bottom."""

    top: NotRequired[int | Border]
    right: NotRequired[int | Border]
    bottom: NotRequired[int | Border]
    left: NotRequired[int | Border]
    x: NotRequired[int | Border]
    y: NotRequired[int | Border]


class MinMax(TypedDict):
    """Bounds, both inclusive."""

    min: NotRequired[int]
    max: NotRequired[int]
