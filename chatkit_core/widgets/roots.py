"""Components that a widget can start with."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chatkit_core.actions import ActionConfig
from chatkit_core.widgets.base import DynamicWidgetComponent, WidgetComponentBase
from chatkit_core.widgets.layout import ListViewItem, WidgetComponent
from chatkit_core.widgets.tokens import Spacing, SurfaceColor, Theme, WidgetIcon


class WidgetStatusWithFavicon(TypedDict):
    """The line above a widget, with a site's icon before it."""

    text: str
    favicon: NotRequired[str]
    """The URL of the site's icon."""
    frame: NotRequired[bool]
    """Draw a frame around it, so that it stands out."""


class WidgetStatusWithIcon(TypedDict):
    """The line above a widget, with an icon before it."""

    text: str
    icon: NotRequired[WidgetIcon]


WidgetStatus = WidgetStatusWithFavicon | WidgetStatusWithIcon
"""The line above a widget that says where it comes from or how it stands."""


class CardAction(TypedDict):
    """A button at the foot of a card."""

    label: str
    action: ActionConfig


class Card(WidgetComponentBase):
    """A widget with a frame, and if wanted two buttons at its foot."""

    type: Literal["Card"] = Field(default="Card", frozen=True)
    asForm: bool | None = None
    """The card is a form: `confirm` and `cancel` send what its controls hold."""
    children: list[WidgetComponent]
    background: SurfaceColor | None = None
    size: Literal["sm", "md", "lg", "full"] | None = None
    padding: float | str | Spacing | None = None
    status: WidgetStatus | None = None
    collapsed: bool | None = None
    """Fold the card once its main action is done."""
    confirm: CardAction | None = None
    cancel: CardAction | None = None
    theme: Theme | None = None


class ListView(WidgetComponentBase):
    """A widget of rows."""

    type: Literal["ListView"] = Field(default="ListView", frozen=True)
    children: list[ListViewItem]
    limit: int | Literal["auto"] | None = None
    """How many rows to show before the user asks for more."""
    status: WidgetStatus | None = None
    theme: Theme | None = None


class BasicRoot(DynamicWidgetComponent):
    """A widget without a frame."""

    type: Literal["Basic"] = Field(default="Basic", frozen=True)


StrictWidgetRoot = Annotated[Card | ListView | BasicRoot, Field(discriminator="type")]
"""A widget whose fields are checked."""


class DynamicWidgetRoot(DynamicWidgetComponent):
    """A widget whose further fields are not checked, as a template makes it."""

    type: Literal["Card", "ListView", "Basic"]


WidgetRoot = StrictWidgetRoot | DynamicWidgetRoot
"""Any widget."""
