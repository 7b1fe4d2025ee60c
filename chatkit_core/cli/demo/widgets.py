"""Features of widgets: they show data, stream text, and send actions."""

from collections.abc import AsyncIterator
from typing import Any, Literal

from pydantic import BaseModel

from chatkit_core import reply
from chatkit_core.actions import Action, ActionConfig
from chatkit_core.cli.demo.messages import words
from chatkit_core.types import ThreadItemReplacedEvent, ThreadMetadata, ThreadStreamEvent, UserMessageItem, WidgetItem
from chatkit_core.widgets import (
    BarSeries,
    Button,
    Caption,
    Card,
    Chart,
    Checkbox,
    Label,
    ListView,
    ListViewItem,
    Markdown,
    Select,
    Text,
    Title,
)


class Order(BaseModel):
    """What the form sends: the values of its controls by their names."""

    drink: str = "coffee"
    milk: bool = False


class Likes(BaseModel):
    """What the button sends."""

    likes: int = 0


PlaceOrder = Action[Literal["demo.order"], Order]
Like = Action[Literal["demo.like"], Likes]


async def weather(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """A card with a chart, and text that streams into it."""

    async def states() -> AsyncIterator[Card]:
        report = ""
        yield _weather_card(report, streaming=True)
        async for word in words("Mild and **sunny**, with a little rain on Wednesday."):
            report += word
            yield _weather_card(report, streaming=True)
        yield _weather_card(report, streaming=False)

    async for event in reply.widget(states(), copy_text="Mild and sunny."):
        yield event


def _weather_card(report: str, *, streaming: bool) -> Card:
    days = [{"day": "Mon", "high": 21}, {"day": "Tue", "high": 23}, {"day": "Wed", "high": 18}]
    return Card(
        children=[
            Title(value="Weather"),
            Chart(data=days, series=[BarSeries(dataKey="high", label="High, °C")], xAxis="day"),
            Markdown(id="report", value=report, streaming=streaming),
        ]
    )


async def reading_list(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """A list whose rows send an action to the page."""
    books = ["Middlemarch", "The Waves", "Invisible Cities"]
    rows = [
        ListViewItem(
            children=[Text(value=book)],
            onClickAction=ActionConfig(type="demo.open_book", payload={"title": book}, handler="client"),
        )
        for book in books
    ]
    async for event in reply.widget(ListView(children=rows), copy_text="\n".join(books)):
        yield event


async def button(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """A button that counts, by an action that answers without a stream."""
    async for event in reply.widget(_like_card(0)):
        yield event


def liked(sender: WidgetItem, payload: Any) -> WidgetItem:
    """Return the widget with one like more."""
    return sender.model_copy(update={"widget": _like_card(Likes.model_validate(payload).likes + 1)})


def _like_card(likes: int) -> Card:
    press = Like.create(Likes(likes=likes), streaming=False)
    return Card(children=[Button(label=f"♥ {likes}", onClickAction=press)])


async def form(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """A form whose values come back as an action, which is answered by a stream."""
    drinks = ["coffee", "tea", "lemonade"]
    card = Card(
        asForm=True,
        children=[
            Title(value="Your order"),
            Label(value="Drink", fieldName="drink"),
            Select(name="drink", options=[{"value": drink, "label": drink.title()} for drink in drinks]),
            Checkbox(name="milk", label="With milk"),
        ],
        confirm={"label": "Order", "action": PlaceOrder.create(Order())},
    )
    async for event in reply.widget(card):
        yield event


async def ordered(sender: WidgetItem, payload: Any) -> AsyncIterator[ThreadStreamEvent | str]:
    """Put a receipt in the form's place, and say thanks."""
    order = Order.model_validate(payload)
    what = order.drink + (" with milk" if order.milk else "")
    receipt = Card(children=[Title(value="Ordered"), Caption(value=what)])
    yield ThreadItemReplacedEvent(item=sender.model_copy(update={"widget": receipt}))
    async for word in words(f"Thank you! Your {what} is on its way."):
        yield word
