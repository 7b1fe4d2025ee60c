"""Every component that a widget can be made of, in three cards."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from chatkit_core import reply
from chatkit_core.types import ThreadMetadata, ThreadStreamEvent, UserMessageItem
from chatkit_core.widgets import (
    AreaSeries,
    Badge,
    BarSeries,
    Box,
    Button,
    Caption,
    Card,
    Chart,
    Checkbox,
    Col,
    DatePicker,
    Divider,
    Form,
    Icon,
    Image,
    Input,
    Label,
    LineSeries,
    Markdown,
    RadioGroup,
    Row,
    Select,
    Spacer,
    Text,
    Textarea,
    Title,
    Transition,
)

_PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'%3E"
    "%3Crect width='4' height='3' fill='%23bde0fe'/%3E%3Ccircle cx='2' cy='2' r='1' fill='%23ffb703'/%3E%3C/svg%3E"
)
_COLORS = ("secondary", "success", "danger", "warning", "info", "discovery")
_CHOICES = [{"value": value, "label": value.title()} for value in ("small", "medium", "large")]
_SALES = [
    {"month": "Jan", "sold": 4, "made": 6, "stock": 2},
    {"month": "Feb", "sold": 7, "made": 6, "stock": 1},
    {"month": "Mar", "sold": 5, "made": 8, "stock": 4},
]


async def gallery(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """Every component of widgets: text, pictures, charts, controls."""
    for card in (_shown(), _chart(), _controls()):
        async for event in reply.widget(card):
            yield event


def _shown() -> Card:
    person = Col(gap=0, children=[Text(value="Ada Lovelace", weight="semibold"), Caption(value="Mathematician")])
    return Card(
        children=[
            Title(value="Text and pictures"),
            Row(
                gap=3,
                align="center",
                children=[Image(src=_PICTURE, alt="A sunrise", size=48), person, Spacer(), Icon(name="star")],
            ),
            Divider(),
            Row(gap=2, wrap="wrap", children=[Badge(label=color.title(), color=color) for color in _COLORS]),
            Markdown(value="*Markdown* with `code` and a [link](https://example.com)."),
            Text(
                value="Text that is cut, because it does not fit into its line, however wide the card may be.",
                truncate=True,
            ),
            Box(padding=3, radius="md", background="surface-secondary", children=[Text(value="A box with a ground")]),
            Transition(children=Caption(value="This moves when the layout changes.")),
        ]
    )


def _chart() -> Card:
    series = [
        BarSeries(dataKey="sold", label="Sold"),
        LineSeries(dataKey="made", label="Made"),
        AreaSeries(dataKey="stock", label="Stock"),
    ]
    return Card(children=[Title(value="A chart"), Chart(data=_SALES, series=series, xAxis="month", showLegend=True)])


def _controls() -> Card:
    buttons = [
        Button(label="Primary", style="primary"),
        Button(label="Secondary", style="secondary"),
        Button(iconStart="star", uniform=True),
        Button(label="Disabled", disabled=True),
    ]
    controls = [
        Label(value="Name", fieldName="name"),
        Input(name="name", placeholder="Ada"),
        Label(value="Size", fieldName="size"),
        Select(name="size", options=_CHOICES, defaultValue="medium", clearable=True),
        RadioGroup(name="choice", options=_CHOICES, defaultValue="small", direction="row"),
        DatePicker(name="day", defaultValue=datetime(2026, 1, 2, tzinfo=UTC)),
        Checkbox(name="agreed", label="I agree"),
        Textarea(name="notes", placeholder="Notes", rows=2),
    ]
    return Card(
        children=[
            Title(value="Controls"),
            Row(gap=2, wrap="wrap", children=buttons),
            Form(direction="col", gap=2, children=controls),
        ]
    )
