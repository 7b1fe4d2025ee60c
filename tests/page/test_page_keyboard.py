"""All is done by keyboard alone, and one sees at each step where the focus is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from browsing import Tab, expect, site, tabs
from playwright.async_api import Browser

from chatkit_core import ChatServer, open_store, reply
from chatkit_core.types import (
    StructuredInputFreeform,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
)

SIZES = [StructuredInputMultipleChoiceOption(value=size) for size in ("Small", "Large")]

FOCUS = """() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body || element.matches("chatkit-chat, :disabled")) return null;
    const around = [element, element.closest(".box")].filter(Boolean);
    const isSeen = around.some((one) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        const isShown = one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        return isShown && outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    });
    const labels = [...(element.labels ?? [])].map((label) => label.textContent.trim());
    return isSeen ? (element.ariaLabel || labels[0] || element.textContent.trim()) : null;
}"""
"""The name of what has the focus; null if nothing has, or nobody sees it."""


class Asking(ChatServer[Any]):
    """Asks two questions when a message says so, and is slow when another does."""

    def __init__(self) -> None:
        super().__init__(open_store("memory://"))
        self.slow = True

    async def get_context(self, request: Any) -> Any:
        return {"user_id": "ada"}

    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[str]:
        text = input_user_message.text
        thread.title = thread.title or text
        if text == "Order":
            size = StructuredInputMultipleChoice(id="size", question="Which size?", options=SIZES)
            answers = await reply.ask([size, StructuredInputFreeform(id="name", question="What name?")])
            yield f"{answers.values('size')} for {answers.values('name')}"
            return
        yield f"About {text}"
        if self.slow:
            await asyncio.Event().wait()


class Keys:
    """The keyboard of a tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    async def press(self, *keys: str) -> None:
        """Press keys; after each one something has the focus, and one sees it."""
        for key in keys:
            await self.tab.page.keyboard.press(key)
            await self.tab.page.wait_for_function(FOCUS)

    async def type(self, text: str) -> None:
        """Type text."""
        await self.tab.page.keyboard.type(text)

    async def to(self, name: str, key: str = "Tab") -> None:
        """Press a key until something with a name has the focus."""
        passed = []
        while (at := await self.at()) != name:
            passed.append(at)
            assert len(passed) < 40, f"{name!r} is not among {passed}"
            await self.press(key)

    async def at(self) -> str:
        """Return the name of what has the focus."""
        return str(await (await self.tab.page.wait_for_function(FOCUS)).json_value())

    async def expect_at(self, name: str) -> None:
        """Wait until something with a name has the focus."""
        await self.tab.page.wait_for_function(f"name => ({FOCUS})() === name", arg=name)


async def test_a_message_is_sent_stopped_and_tried_again(browser: Browser) -> None:
    server = Asking()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        keys = Keys(tab)
        await tab.page.keyboard.press("Tab")
        await keys.to("Message")
        await keys.type("Tea")
        await keys.press("Enter")
        await expect(tab.replies).to_have_text("About Tea")
        await keys.expect_at("Message")
        await keys.to("Stop")
        await keys.press("Enter")
        await expect(tab.button("Stop")).to_be_hidden()
        await keys.expect_at("Message")

        server.slow = False
        await expect(tab.button("Try again")).to_be_visible()
        await keys.to("Try again", "Shift+Tab")
        await keys.press("Enter")
        await expect(tab.button("Copy")).to_be_attached()
        await expect(tab.replies).to_have_text("About Tea")
        await keys.expect_at("Conversation")
        await keys.to("Message")
        await keys.type("Milk")
        await keys.press("Enter")
        await expect(tab.messages).to_have_text(["Tea", "Milk"])
        await expect(tab.replies).to_have_text(["About Tea", "About Milk"])


async def test_threads_are_begun_switched_renamed_and_deleted(browser: Browser) -> None:
    server = Asking()
    server.slow = False
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        keys = Keys(tab)
        rows = tab.page.get_by_role("navigation").get_by_role("listitem")
        await tab.page.keyboard.press("Tab")
        await keys.to("Message")
        for text in ("Tea", "Milk"):
            await keys.type(text)
            await keys.press("Enter")
            await expect(tab.replies).to_have_text(f"About {text}")
            await expect(rows.first).to_have_text(text)
            await keys.to("New chat", "Shift+Tab")
            await keys.press("Enter")
            await keys.expect_at("Message")
            await expect(tab.replies).to_have_count(0)

        await keys.to("Tea", "Shift+Tab")
        await keys.press("ArrowUp")
        assert await keys.at() == "Milk"
        await keys.press("ArrowDown")
        assert await keys.at() == "Tea"
        await keys.press("Enter")
        await expect(tab.replies).to_have_text("About Tea")
        await keys.expect_at("Tea")

        await keys.press("Tab")
        assert await keys.at() == "More: Tea"
        await keys.press("Enter")
        await keys.expect_at("Rename")
        await keys.press("ArrowDown", "ArrowUp", "Escape")
        await keys.expect_at("More: Tea")
        await keys.press("Enter")
        await keys.expect_at("Rename")
        await keys.press("Enter")
        await expect(tab.page.get_by_role("textbox", name="Rename")).to_be_focused()
        await keys.type("Coffee")
        await keys.press("Enter")
        await expect(rows).to_have_text(["Milk", "Coffee"])
        await keys.expect_at("Coffee")

        await keys.press("ArrowUp", "Delete")
        await keys.expect_at("Cancel")
        await keys.press("Escape")
        await keys.expect_at("Milk")
        await keys.press("Delete", "Tab", "Enter")
        await expect(rows).to_have_text(["Coffee"])
        await keys.expect_at("Coffee")


async def test_questions_are_answered(browser: Browser) -> None:
    async with tabs(browser, site(Asking())) as window:
        tab = await window.open()
        keys = Keys(tab)
        await tab.page.keyboard.press("Tab")
        await keys.to("Message")
        await keys.type("Order")
        await keys.press("Enter")
        await expect(tab.page.get_by_role("group", name="What name?")).to_be_visible()
        await keys.to("Answer", "Shift+Tab")
        await keys.press("Enter")
        await keys.expect_at("Small")
        await expect(tab.page.get_by_role("alert")).to_have_text("Required")
        await keys.press("Space", "ArrowDown")
        await keys.expect_at("Large")
        await keys.to("Your answer")
        await keys.type("Ada")
        await keys.to("Answer")
        await keys.press("Enter")
        await expect(tab.replies).to_have_text("['Large'] for ['Ada']")
        await keys.to("Message")


async def test_a_drawer_takes_the_focus_and_gives_it_back(browser: Browser) -> None:
    async with tabs(browser, site(Asking()), viewport={"width": 375, "height": 700}) as window:
        tab = await window.open()
        keys = Keys(tab)
        await tab.page.keyboard.press("Tab")
        await keys.to("Show chats")
        await keys.press("Enter")
        await keys.expect_at("New chat")
        await keys.to("Hide chats")
        await keys.to("Search chats")
        await keys.press("Escape")
        await keys.expect_at("Show chats")
        await keys.press("Enter")
        await keys.expect_at("New chat")
        await keys.press("Enter")
        await keys.expect_at("Message")
