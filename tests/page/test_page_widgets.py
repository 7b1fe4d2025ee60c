"""Widgets: what their controls hold is sent, what is under way shows, what fails is told."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from browsing import expect, site, tabs, twice
from playwright.async_api import Browser
from saying import Saying

from chatkit_core import reply
from chatkit_core.actions import Action, ActionConfig
from chatkit_core.errors import CustomStreamError
from chatkit_core.types import SyncCustomActionResponse, ThreadItemReplacedEvent, WidgetItem
from chatkit_core.widgets import (
    AreaSeries,
    BarSeries,
    Button,
    Card,
    Chart,
    Checkbox,
    DatePicker,
    Form,
    Input,
    Label,
    ListView,
    ListViewItem,
    RadioGroup,
    Select,
    Text,
    Textarea,
    WidgetRoot,
)


class Showing(Saying):
    """Answers with a widget, and to an action with another in its place, once the gate is open."""

    def __init__(self, widget: WidgetRoot, **arguments: Any) -> None:
        super().__init__(lambda: reply.widget(widget), **arguments)
        self.actions: list[tuple[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def action(self, thread: Any, action: Action[str, Any], sender: Any, context: Any) -> AsyncIterator[Any]:
        yield ThreadItemReplacedEvent(item=await self._answered(action, sender))
        yield "Done."

    async def sync_action(self, thread: Any, action: Action[str, Any], sender: Any, context: Any) -> Any:
        changed = await self._answered(action, sender)
        await self.store.save_item(thread.id, changed, context=context)
        return SyncCustomActionResponse(updated_item=changed)

    async def _answered(self, action: Action[str, Any], sender: WidgetItem) -> WidgetItem:
        self.actions.append((action.type, action.payload))
        async with asyncio.timeout(20):
            await self.gate.wait()
        if action.type == "crash":
            raise RuntimeError("a secret")
        if action.type == "refused":
            raise CustomStreamError("The shop is closed.", allow_retry=False)
        return sender.model_copy(update={"widget": Card(children=[Text(value=f"Got {action.type}")])})


def options(*values: str) -> list[Any]:
    return [{"value": value, "label": value.title()} for value in values]


async def test_a_form_is_filled_in_and_what_its_controls_hold_arrives(browser: Browser) -> None:
    form = Form(
        onSubmitAction=ActionConfig(type="order", payload={"shop": 7}),
        children=[
            Label(value="Your name", fieldName="who.name"),
            Input(name="who.name", required=True),
            Textarea(name="note", placeholder="Note"),
            Select(name="drink", placeholder="Drink", options=options("coffee", "tea")),
            Select(name="empty", placeholder="Empty", options=options("one")),
            RadioGroup(name="size", ariaLabel="Size", options=options("small", "large"), defaultValue="small"),
            Checkbox(name="milk", label="With milk"),
            Checkbox(name="sugar", label="With sugar", defaultChecked=True),
            DatePicker(name="day", placeholder="Day"),
            Button(label="Order", submit=True),
        ],
    )
    server = Showing(Card(children=[form]))
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        widget = tab.page.locator(".widget")
        await tab.button("Order").click()
        await expect(widget.get_by_label("Your name")).to_be_focused()
        await widget.get_by_label("Your name").fill("Ada")
        await widget.get_by_label("Note").fill("Two\nlines")
        await widget.get_by_label("Drink").select_option("Tea")
        await widget.get_by_role("radiogroup", name="Size").get_by_label("Large").check()
        await widget.get_by_label("With milk").check()
        await widget.get_by_label("With sugar").uncheck()
        await widget.get_by_label("Day").fill("2025-01-31")
        await widget.get_by_label("Your name").press("Enter")
        await expect(tab.replies).to_have_text("Done.")
        values = {"drink": "tea", "size": "large", "milk": True, "sugar": False, "day": "2025-01-31"}
        assert server.actions == [("order", {"shop": 7, "who": {"name": "Ada"}, "note": "Two\nlines", **values})]
        await twice(tab, lambda: expect(widget).to_have_text("Got order"))


async def test_a_card_that_is_a_form_cannot_be_used_while_its_action_runs(browser: Browser) -> None:
    card = Card(
        asForm=True,
        children=[Input(name="title", placeholder="Title")],
        confirm={"label": "Save", "action": ActionConfig(type="save")},
        cancel={"label": "Cancel", "action": ActionConfig(type="cancel")},
    )
    server = Showing(card)
    server.gate.clear()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await tab.page.locator(".widget").get_by_label("Title").fill("Trip")
        await tab.button("Save").click()
        busy = tab.page.locator(".widget [aria-busy=true]")
        await expect(busy).to_have_js_property("inert", True)
        await expect(busy.get_by_label("Title")).to_have_value("Trip")
        server.gate.set()
        await expect(tab.page.locator(".widget")).to_have_text("Got save")
        await expect(busy).to_have_count(0)
        assert server.actions == [("save", {"title": "Trip"})]


async def test_a_button_whose_action_is_answered_at_once_changes_its_widget(browser: Browser) -> None:
    likes = ActionConfig(type="like", payload={"likes": 1}, streaming=False)
    later = ActionConfig(type="later", streaming=False, loadingBehavior="none")
    server = Showing(Card(children=[Button(label="Like", onClickAction=likes), Button(label="L", onClickAction=later)]))
    server.gate.clear()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await tab.button("Like").click()
        await expect(tab.page.locator(".widget [aria-busy=true]")).to_have_text(["Like"])
        server.gate.set()
        await twice(tab, lambda: expect(tab.page.locator(".widget")).to_have_text("Got like"))
        assert server.actions == [("like", {"likes": 1})]
        await expect(tab.replies).to_have_count(0)


async def test_a_control_outside_a_form_sends_what_it_holds_when_it_changes(browser: Browser) -> None:
    change = ActionConfig(type="sort", payload={"list": 3}, streaming=False)
    select = Select(name="by", placeholder="Sort by", options=options("name", "age"), onChangeAction=change)
    server = Showing(Card(children=[select, Checkbox(name="all", label="All")]))
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await tab.page.locator(".widget").get_by_label("Sort by").select_option("Age")
        await expect(tab.page.locator(".widget")).to_have_text("Got sort")
        assert server.actions == [("sort", {"list": 3, "by": "age"})]


async def test_an_action_for_the_page_reaches_its_handler_and_not_the_server(browser: Browser) -> None:
    rows = [
        ListViewItem(
            children=[Text(value=book)],
            onClickAction=ActionConfig(type="open", payload={"title": book}, handler="client"),
        )
        for book in ("Middlemarch", "The Waves")
    ]
    server = Showing(ListView(children=rows))
    script = """
        chat.setOptions({ widgets: { onAction: async (action, item) => {
            await hear([action.type, action.payload, item.widget.type]);
            await chat.sendCustomAction({ type: "opened", payload: action.payload }, item.id);
        } } });
    """
    async with tabs(browser, site(server, script=script)) as window:
        heard = await window.hearing()
        tab = await window.open()
        await tab.say("Hello")
        await tab.button("The Waves").click()
        await expect(tab.replies).to_have_text("Done.")
        assert heard == [["open", {"title": "The Waves"}, "ListView"]]
        assert server.actions == [("opened", {"title": "The Waves"})]


async def test_an_action_that_the_server_refuses_is_told_and_can_be_tried_again(browser: Browser) -> None:
    at_once = ActionConfig(type="refused", streaming=False)
    buttons = [
        Button(label="Streaming", onClickAction=ActionConfig(type="refused")),
        Button(label="At once", onClickAction=at_once),
        Button(label="Good", onClickAction=ActionConfig(type="good")),
    ]
    server = Showing(Card(children=buttons))
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        alerts = tab.page.get_by_role("alert")
        await tab.button("Streaming").click()
        await expect(alerts).to_have_text(["The shop is closed."])
        await tab.button("At once").click()
        await expect(alerts).to_have_text(["The shop is closed.", "The shop is closed."])
        await tab.button("Good").click()
        await expect(tab.page.locator(".widget")).to_have_text("Got good")
        await expect(alerts).to_have_count(0)
        tab.has_refused(500)


async def test_an_action_that_fails_does_not_offer_to_answer_the_message_again(browser: Browser) -> None:
    crash = Button(label="Crash", onClickAction=ActionConfig(type="crash"))
    async with tabs(browser, site(Showing(Card(children=[crash])))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await tab.button("Crash").click()
        await expect(tab.page.get_by_role("alert")).to_have_text("Something went wrong.")
        await expect(tab.button("Crash")).to_be_enabled()
        await expect(tab.page.get_by_role("alert").get_by_role("button")).to_have_count(0)


async def test_a_chart_has_its_numbers_as_a_table(browser: Browser) -> None:
    data: list[Any] = [{"day": "Mon", "high": 21, "rain": 0.5}, {"day": "Tue", "high": 23}]
    series: list[Any] = [BarSeries(dataKey="high", label="High, °C"), AreaSeries(dataKey="rain", label="Rain, mm")]
    axis: Any = {"dataKey": "day", "labels": {"Mon": "Monday"}}
    server = Showing(Card(children=[Chart(data=data, series=series, xAxis=axis)]))
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        picture = tab.page.get_by_role("img", name="Chart: High, °C: Rain, mm")

        async def check() -> None:
            rows = tab.page.get_by_role("row")
            await expect(rows.get_by_role("columnheader")).to_have_text(["High, °C", "Rain, mm"])
            await expect(rows.get_by_role("rowheader")).to_have_text(["Monday", "Tue"])
            await expect(rows.get_by_role("cell")).to_have_text(["", "21", "0.5", "23", "\N{EN DASH}"])
            await expect(picture.locator("path").first).to_be_attached()
            await picture.focus()
            await picture.press("ArrowRight")
            await expect(picture.locator(".w-tip")).to_contain_text("Monday")
            await picture.press("Escape")
            await expect(picture.locator(".w-tip")).to_be_hidden()

        await twice(tab, check)


async def test_a_list_shows_the_rest_of_its_rows_when_asked(browser: Browser) -> None:
    open_it = ActionConfig(type="open", handler="client")
    rows = [ListViewItem(children=[Text(value=f"Row {n}")], onClickAction=open_it) for n in range(1, 6)]
    async with tabs(browser, site(Showing(ListView(children=rows, limit=2)))) as window:
        tab = await window.open()
        await tab.say("Hello")
        shown = tab.page.locator(".widget li:visible")

        async def check() -> None:
            await expect(shown).to_have_text(["Row 1", "Row 2"])
            await tab.button("Show more").click()
            await expect(shown).to_have_text([f"Row {n}" for n in range(1, 6)])
            await expect(tab.button("Row 3")).to_be_focused()
            await expect(tab.button("Show more")).to_be_hidden()

        await twice(tab, check)
