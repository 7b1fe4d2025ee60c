"""What can be done with a reply: rate it, have it again, copy it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from browsing import Tab, expect, site, tabs, twice
from playwright.async_api import Browser
from saying import Saying

from chatkit_core import reply
from chatkit_core.errors import NotSupportedError
from chatkit_core.types import Annotation, URLSource
from chatkit_core.widgets import Card, Text

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
ADA = {"user_id": "ada"}


async def copied(tab: Tab) -> str:
    """What the clipboard holds."""
    text: str = await tab.page.evaluate("navigator.clipboard.readText()")
    return text


async def rate(tab: Tab, name: str) -> None:
    """Press a thumb, and wait until the server has answered."""
    button = tab.button(name)
    async with tab.page.expect_response(lambda answer: "items.feedback" in (answer.request.post_data or "")):
        await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true")


async def test_feedback_is_kept_in_the_store_and_the_last_one_wins(browser: Browser) -> None:
    server = Saying(["A reply."])
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await rate(tab, "Good reply")
        thread_id = await tab.thread_id()
        [(item_id, kind)] = (await server.store.load_feedback(thread_id, context=ADA)).items()
        assert kind == "positive"
        await rate(tab, "Bad reply")
        await expect(tab.button("Good reply")).to_have_attribute("aria-pressed", "false")
        assert await server.store.load_feedback(thread_id, context=ADA) == {item_id: "negative"}
        assert (await server.store.load_item(thread_id, item_id, context=ADA)).text == "A reply."


async def test_feedback_that_the_server_refuses_is_taken_back_and_the_host_page_hears_of_it(browser: Browser) -> None:
    class Deaf(Saying):
        async def add_feedback(self, *args: Any) -> None:
            raise NotSupportedError("feedback")

    script = "chat.addEventListener('chatkit.error', ({ detail }) => { document.title = detail.error.code; });"
    async with tabs(browser, site(Deaf(["A reply."]), script=script)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await tab.button("Good reply").click()
        await expect(tab.page).to_have_title("feedback.not_supported")
        await expect(tab.button("Good reply")).to_have_attribute("aria-pressed", "false")
        tab.has_refused(501)


@pytest.mark.parametrize("options", [{"feedback": False}, {"retry": False}])
async def test_the_host_page_can_leave_actions_out(browser: Browser, options: dict[str, bool]) -> None:
    async with tabs(browser, site(Saying(["A reply."]), options={"threadItemActions": options})) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.button("Copy")).to_be_visible()
        for name, option in {"Good reply": "feedback", "Bad reply": "feedback", "Try again": "retry"}.items():
            await expect(tab.button(name)).to_have_count(int(options.get(option, True)))


async def test_a_retry_puts_another_reply_in_the_place_of_the_last(browser: Browser) -> None:
    replies = iter(["One.", "Two.", "Two, better."])

    async def says() -> AsyncIterator[Any]:
        yield next(replies)

    server = Saying(says)
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("First")
        await expect(tab.replies).to_have_text(["One."])
        await tab.say("Second")
        await expect(tab.replies).to_have_text(["One.", "Two."])
        other = await window.open(await tab.thread_id())
        await tab.button("Try again").click()
        for one in (other, tab):
            await expect(one.replies).to_have_text(["One.", "Two, better."])
            await expect(one.messages).to_have_text(["First", "Second"])
        await expect(tab.button("Try again")).to_have_count(1)
        await twice(tab, lambda: expect(tab.replies).to_have_text(["One.", "Two, better."]))
        page = await server.store.load_thread_items(await tab.thread_id(), None, 10, "asc", context=ADA)
        assert [item.text for item in page.data] == ["First", "One.", "Second", "Two, better."]


async def test_copy_puts_the_markdown_of_a_reply_on_the_clipboard(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        async def text() -> AsyncIterator[str | Annotation]:
            yield "# Title\n\nSome **bold** text"
            yield Annotation(source=URLSource(title="Docs", url="https://example.com/"), index=27)
            yield ".\n\n```python\nx = 1\n```\n"

        async for event in reply.text(text()):
            yield event

    async with tabs(browser, site(Saying(says)), **CLIPBOARD) as window:
        tab = await window.open()
        await tab.say("Hello")
        await tab.button("Copy").click()
        await expect(tab.button("Copied")).to_be_visible()
        assert await copied(tab) == "# Title\n\nSome **bold** text.\n\n```python\nx = 1\n```\n"
        await tab.button("Copy code").click()
        await expect(tab.replies.get_by_role("button", name="Copied")).to_be_visible()
        assert await copied(tab) == "x = 1\n"


async def test_copy_puts_the_text_that_stands_for_a_widget_on_the_clipboard(browser: Browser) -> None:
    def says() -> AsyncIterator[Any]:
        return reply.widget(Card(children=[Text(value="21 °C")]), copy_text="It is 21 °C.")

    async with tabs(browser, site(Saying(says)), **CLIPBOARD) as window:
        tab = await window.open()
        await tab.say("Hello")
        await tab.page.locator(".widget").hover()
        await tab.button("Copy").click()
        await expect(tab.button("Copied")).to_be_visible()
        assert await copied(tab) == "It is 21 °C."
