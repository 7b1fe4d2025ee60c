"""Client tools run in one tab, once; client effects reach the host page, once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from browsing import Tab, Tabs, expect, site, tabs, twice
from playwright.async_api import Browser, Page
from saying import Saying

from chatkit_core import reply
from chatkit_core.turn import current_turn
from chatkit_core.types import ClientEffectEvent, ClientToolCallItem

TOOL = "chat.setOptions({ onClientTool: ({ name, params }) => run(name, params) });"
HEAD_START = 1500
"""Milliseconds that the other tabs leave to the one that sent the message."""


async def calls() -> AsyncIterator[Any]:
    """Call a tool, and say what came back."""
    answered = [item for item in current_turn().answered if isinstance(item, ClientToolCallItem)]
    for item in answered:
        yield f"It is {item.output}."
    if not answered:
        yield reply.client_tool_call("get_weather", {"city": "Rome"})


class Runs:
    """The tool that each tab has: who ran it, and with what. It returns when the gate is open."""

    def __init__(self) -> None:
        self.all: list[tuple[Any, str, Any]] = []
        self.begun: asyncio.Queue[Page] = asyncio.Queue()
        self.gate = asyncio.Event()
        self.gate.set()

    async def offer(self, window: Tabs) -> None:
        """Give it to the tabs that are opened from now on, as the function `run`."""
        await window.context.expose_binding("run", self._run)

    async def _run(self, source: Any, name: str, params: Any) -> str:
        self.all.append((source["page"], name, params))
        self.begun.put_nowait(source["page"])
        await self.gate.wait()
        return "sunny"


async def hold_the_head_start(tab: Tab) -> None:
    """Have the time of the tab that sent the message go on for this one until it is ended."""
    hold = """(start) => {
        const { setTimeout } = window;
        const held = [];
        window.setTimeout = (then, wait, ...rest) =>
            wait === start ? held.push(() => then(...rest)) : setTimeout(then, wait, ...rest);
        window.endHeadStart = () => held.splice(0).forEach((then) => then());
    }"""
    await tab.page.evaluate(hold, HEAD_START)


async def end_the_head_start(tab: Tab) -> None:
    """Have this tab believe that the time of the tab that sent the message is over."""
    await tab.page.evaluate("endHeadStart()")


async def test_a_tool_runs_once_in_the_tab_that_sent_the_message(browser: Browser) -> None:
    runs = Runs()
    async with tabs(browser, site(Saying(calls), script=TOOL)) as window:
        await runs.offer(window)
        first = await window.open()
        await first.say("Hello")
        await expect(first.replies).to_have_text(["It is sunny."])
        second = await window.open(await first.thread_id())
        await hold_the_head_start(first)
        runs.gate.clear()
        await second.say("Again")
        assert [await runs.begun.get() for _ in range(2)] == [first.page, second.page]
        for tab in (first, second):
            await expect(tab.page.get_by_role("button", name="Running get_weather")).to_be_visible()
        await end_the_head_start(first)
        runs.gate.set()
        for tab in (first, second):
            await expect(tab.replies).to_have_text(["It is sunny.", "It is sunny."])
        call = ("get_weather", {"city": "Rome"})
        assert runs.all == [(first.page, *call), (second.page, *call)]


async def test_a_tool_whose_tab_is_gone_runs_in_another_once(browser: Browser) -> None:
    runs, gate = Runs(), asyncio.Event()

    async def says() -> AsyncIterator[Any]:
        if not current_turn().answered:
            yield "Wait."
            await gate.wait()
        async for event in calls():
            yield event

    async with tabs(browser, site(Saying(says), script=TOOL)) as window:
        await runs.offer(window)
        first = await window.open()
        await first.say("Hello")
        await expect(first.replies).to_have_text(["Wait."])
        others = [await window.open(await first.thread_id()) for _ in range(2)]
        for tab in others:
            await hold_the_head_start(tab)
            await expect(tab.replies).to_have_text(["Wait."])
        await first.page.close()
        gate.set()
        for tab in others:
            await expect(tab.page.get_by_role("button", name="Running get_weather")).to_be_visible()
        for tab in others:
            await end_the_head_start(tab)
        for tab in others:
            await expect(tab.replies).to_have_text(["Wait.", "It is sunny."])
        assert [run[1:] for run in runs.all] == [("get_weather", {"city": "Rome"})]
        assert runs.all[0][0] in [tab.page for tab in others]


async def test_a_tool_that_ends_after_another_thread_was_opened_answers_its_own(browser: Browser) -> None:
    runs = Runs()
    runs.gate.clear()
    async with tabs(browser, site(Saying(calls), script=TOOL)) as window:
        await runs.offer(window)
        tab = await window.open()
        await tab.say("Hello")
        await runs.begun.get()
        thread_id = await tab.thread_id()
        await tab.show_thread(None)
        async with tab.page.expect_response("**/chatkit"):
            runs.gate.set()
        await tab.show_thread(thread_id)
        await expect(tab.replies).to_have_text("It is sunny.")
        assert len(runs.all) == 1


async def test_a_tool_whose_tab_closes_while_it_runs_is_run_by_another(browser: Browser) -> None:
    runs = Runs()
    runs.gate.clear()
    async with tabs(browser, site(Saying(calls), script=TOOL)) as window:
        await runs.offer(window)
        first = await window.open()
        await first.say("Hello")
        assert await runs.begun.get() == first.page
        second = await window.open()
        await hold_the_head_start(second)
        await second.show_thread(await first.thread_id())
        await expect(second.page.get_by_role("button", name="Running get_weather")).to_be_visible()
        await end_the_head_start(second)
        await expect(second.page.get_by_text("Running")).to_be_visible()
        await first.page.close()
        assert await runs.begun.get() == second.page
        runs.gate.set()
        await expect(second.replies).to_have_text("It is sunny.")
        assert [page for page, *_ in runs.all] == [first.page, second.page]


async def test_a_tool_that_throws_answers_with_its_error_and_the_host_page_hears_of_it(browser: Browser) -> None:
    script = """
        chat.setOptions({ onClientTool: async ({ name }) => { throw new RangeError(`${name} is broken`); } });
        chat.addEventListener("chatkit.error", ({ detail }) => hear(detail.error.message));
    """
    async with tabs(browser, site(Saying(calls), script=script)) as window:
        heard = await window.hearing()
        tab = await window.open()
        await tab.say("Hello")

        def check() -> Any:
            return expect(tab.replies).to_have_text("It is {'error': 'RangeError: get_weather is broken'}.")

        await twice(tab, check)
        assert heard == ["get_weather is broken"]


async def test_a_tool_that_the_page_does_not_have_is_answered_too(browser: Browser) -> None:
    async with tabs(browser, site(Saying(calls))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("It is {'error': 'This page has no tool get_weather.'}.")


async def test_the_tools_of_one_reply_all_run_before_it_goes_on(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        answered = current_turn().answered
        if answered:
            yield " and ".join(sorted(str(item.output) for item in answered if isinstance(item, ClientToolCallItem)))
            return
        for city in ("Rome", "Oslo"):
            yield reply.client_tool_call("get_weather", {"city": city})

    script = "chat.setOptions({ onClientTool: ({ params }) => `sun in ${params.city}` });"
    async with tabs(browser, site(Saying(says), script=script)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("sun in Oslo and sun in Rome")
        await expect(tab.button("Ran get_weather")).to_have_count(2)


async def test_an_effect_reaches_the_host_page_once_also_when_it_is_reloaded_in_mid_reply(browser: Browser) -> None:
    gate: asyncio.Queue[None] = asyncio.Queue()

    async def says() -> AsyncIterator[Any]:
        yield ClientEffectEvent(name="confetti", data={"pieces": 100})
        yield "One "
        await gate.get()
        yield ClientEffectEvent(name="theme", data={"color": "red"})
        yield "two"

    effects = [{"name": "confetti", "data": {"pieces": 100}}, {"name": "theme", "data": {"color": "red"}}]
    script = "chat.addEventListener('chatkit.effect', ({ detail }) => hear(detail));"
    async with tabs(browser, site(Saying(says), script=script)) as window:
        heard = await window.hearing()
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("One")
        assert heard == effects[:1]
        await tab.page.reload()
        await expect(tab.replies).to_have_text("One")
        gate.put_nowait(None)
        await expect(tab.replies).to_have_text("One two")
        await expect(tab.button("Stop")).to_be_hidden()
        assert heard == effects
        await tab.page.reload()
        await tab.say("Again")
        await expect(tab.replies).to_have_text(["One two", "One"])
        assert heard == [*effects, effects[0]]
        gate.put_nowait(None)


async def test_a_tab_that_comes_later_does_not_hear_of_effects_before_it(browser: Browser) -> None:
    gate = asyncio.Event()

    async def says() -> AsyncIterator[Any]:
        yield ClientEffectEvent(name="before")
        yield "One "
        await gate.wait()
        yield ClientEffectEvent(name="after")
        yield "two"

    script = "chat.addEventListener('chatkit.effect', ({ detail }) => hear(detail.name));"
    async with tabs(browser, site(Saying(says), script=script)) as window:
        heard = await window.hearing()
        first = await window.open()
        await first.say("Hello")
        await expect(first.replies).to_have_text("One")
        second = await window.open(await first.thread_id())
        await expect(second.replies).to_have_text("One")
        gate.set()
        for tab in (first, second):
            await expect(tab.replies).to_have_text("One two")
        assert heard == ["before", "after", "after"]
