"""Charts: rows of data, and how each series draws one field of them."""

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from chatkit_core.widgets.base import WidgetComponentBase
from chatkit_core.widgets.tokens import ChartColor

CurveType = Literal[
    "basis",
    "basisClosed",
    "basisOpen",
    "bumpX",
    "bumpY",
    "bump",
    "linear",
    "linearClosed",
    "natural",
    "monotoneX",
    "monotoneY",
    "monotone",
    "step",
    "stepBefore",
    "stepAfter",
]
"""How a line goes from point to point; the names are those of d3."""


class BarSeries(BaseModel):
    """A bar for each row."""

    type: Literal["bar"] = Field(default="bar", frozen=True)
    label: str | None
    """Its name in the legend."""
    dataKey: str
    """Which field of a row holds the number."""
    stack: str | None = None
    """Series with the same one are stacked."""
    color: ChartColor | None = None


class AreaSeries(BaseModel):
    """A filled area under a line."""

    type: Literal["area"] = Field(default="area", frozen=True)
    label: str | None
    """Its name in the legend."""
    dataKey: str
    """Which field of a row holds the number."""
    stack: str | None = None
    """Series with the same one are stacked."""
    color: ChartColor | None = None
    curveType: CurveType | None = None


class LineSeries(BaseModel):
    """A line."""

    type: Literal["line"] = Field(default="line", frozen=True)
    label: str | None
    """Its name in the legend."""
    dataKey: str
    """Which field of a row holds the number."""
    color: ChartColor | None = None
    curveType: CurveType | None = None


Series = Annotated[BarSeries | AreaSeries | LineSeries, Field(discriminator="type")]
"""What a chart draws of its data."""


class XAxisConfig(TypedDict):
    """The horizontal axis."""

    dataKey: str
    """Which field of a row names its place on the axis."""
    hide: NotRequired[bool]
    labels: NotRequired[dict[str, str]]
    """What to write instead of a value."""


class Chart(WidgetComponentBase):
    """A chart of bars, areas and lines."""

    type: Literal["Chart"] = Field(default="Chart", frozen=True)
    data: list[dict[str, str | int | float]]
    series: list[Series]
    xAxis: str | XAxisConfig
    """The axis, or only its `dataKey`."""
    showYAxis: bool | None = None
    showLegend: bool | None = None
    showTooltip: bool | None = None
    """Show the numbers at the pointer."""
    barGap: int | None = None
    """Pixels between the bars of one row."""
    barCategoryGap: int | None = None
    """Pixels between the bars of one row and the next."""
    flex: int | str | None = None
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
    aspectRatio: float | str | None = None
    """Width over height, such as `16/9`."""
