"""The main states of the page, and the looks that it has."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from browsing import Tab, expect, site, tabs
from playwright.async_api import Browser

from chatkit_core import open_store
from chatkit_core.cli.demo.app import OPTIONS
from chatkit_core.cli.demo.assistant import DemoAssistant
from chatkit_stores.files import FileAttachmentStore

State = Callable[[Tab], Awaitable[None]]
_OPTIONS = {**OPTIONS, "composer": {**OPTIONS["composer"], "placeholder": "Message"}}
_TOOLS = "chat.setOptions({ onClientTool: () => ({ timeZone: 'UTC' }), entities: { onTagSearch: () => [] } });"


async def start(tab: Tab) -> None:
    await expect(tab.button("What can you do?")).to_be_visible()


async def markdown(tab: Tab) -> None:
    await tab.say("Show me markdown")
    await expect(tab.replies.locator("math")).to_have_count(2, timeout=20_000)
    await expect(tab.replies.locator(".hljs-number, .hljs-keyword").first).to_be_attached()
    await expect(tab.button("Try again")).to_be_visible()


async def sources(tab: Tab) -> None:
    await tab.say("sources")
    await expect(tab.button("Try again")).to_be_visible()
    await expect(tab.page.get_by_role("list", name="Sources")).to_be_visible()


async def workflow(tab: Tab) -> None:
    await tab.say("workflow")
    await expect(tab.button("Try again")).to_be_visible()
    await tab.page.locator(".items .fold").first.click()
    await expect(tab.page.get_by_text("I should look this up.")).to_be_visible()


async def form(tab: Tab) -> None:
    await tab.say("form")
    await expect(tab.page.locator(".items form")).to_be_visible()
    await expect(tab.button("Stop")).to_be_hidden()


async def weather(tab: Tab) -> None:
    await tab.say("widget")
    await expect(tab.page.locator(".items [data-id] svg").first).to_be_visible()
    await expect(tab.button("Stop")).to_be_hidden()


async def reading_list(tab: Tab) -> None:
    await tab.say("list")
    await expect(tab.page.locator(".items li li").first).to_be_visible()
    await expect(tab.button("Stop")).to_be_hidden()


async def question(tab: Tab) -> None:
    await tab.say("question")
    await tab.button("Answer").click()
    await expect(tab.page.get_by_text("Required")).to_be_visible()


async def answered(tab: Tab) -> None:
    await tab.say("question")
    await tab.page.get_by_role("checkbox", name="green").check()
    await tab.page.get_by_role("textbox", name="Your answer").fill("It is the colour of spring.")
    await tab.button("Answer").click()
    await expect(tab.page.locator("dl.questions")).to_be_visible()
    await expect(tab.button("Try again")).to_be_visible()


async def tool(tab: Tab) -> None:
    await tab.say("tool")
    await tab.page.get_by_text("Ran get_time_zone").click()
    await expect(tab.page.get_by_role("region", name="Output")).to_be_visible()
    await expect(tab.button("Try again")).to_be_visible()


async def image(tab: Tab) -> None:
    await tab.say("image")
    await expect(tab.button("Stop")).to_be_hidden()
    await expect(tab.page.locator(".items").get_by_role("img")).to_be_visible()


async def failed(tab: Tab) -> None:
    await tab.say("error")
    await expect(tab.page.locator(".failure")).to_be_visible()


async def queued(tab: Tab) -> None:
    await tab.say("slow")
    await expect(tab.replies).to_have_count(1)
    await tab.say("And then this one.")
    await expect(tab.page.get_by_text("Queued")).to_be_visible()


async def notice(tab: Tab) -> None:
    await tab.say("notice")
    await expect(tab.button("Dismiss")).to_be_visible()
    await expect(tab.button("Try again")).to_be_visible()


async def composing(tab: Tab) -> None:
    """A file, a quote, a tool and text in the composer."""
    async with tab.page.expect_file_chooser() as choosing:
        await tab.button("Tools").click()
        await tab.page.get_by_role("menuitem", name="Attach files").click()
    notes = {"name": "notes of a long journey through the alps.txt", "mimeType": "text/plain", "buffer": b"Notes"}
    await (await choosing.value).set_files(notes)
    await tab.page.locator("chatkit-chat").evaluate(
        "chat => chat.setComposerValue({ reply: 'A quote, of somebody who said something.', selectedToolId: 'image' })"
    )
    await tab.page.locator(".editor").fill("What do you say to this?\nAnd to that?")
    await expect(tab.button("Send")).to_be_enabled()


async def menu(tab: Tab) -> None:
    await tab.button("Model: Quick").click()
    await expect(tab.page.get_by_role("menu")).to_be_visible()


async def threads(tab: Tab) -> None:
    for title in ("Holidays in the mountains, and what to pack for them", "Taxes"):
        await tab.say(f"title {title}")
        await expect(tab.button("Try again")).to_be_visible()
        await tab.page.locator(".head").get_by_role("button", name="New chat").click()
    await expect(tab.page.locator(".items .item, .outgoing")).to_have_count(0)


async def deleting(tab: Tab) -> None:
    await tab.say("title Taxes")
    await tab.page.get_by_role("navigation").get_by_role("link", name="Taxes").focus()
    await tab.page.keyboard.press("Delete")
    await expect(tab.page.get_by_role("alertdialog")).to_be_visible()


async def locked(tab: Tab) -> None:
    await tab.say("lock")
    await expect(tab.page.locator(".shut")).to_be_visible()
    await expect(tab.button("Unlock")).to_be_visible()


MAIN = [
    start,
    markdown,
    sources,
    workflow,
    form,
    weather,
    reading_list,
    question,
    answered,
    tool,
    image,
    failed,
    queued,
]
MAIN += [notice, composing, menu, threads, deleting, locked]


@asynccontextmanager
async def shown(browser: Browser, folder: Path, state: State, **context: Any) -> AsyncIterator[Tab]:
    """Open the page with the demo's assistant, and bring it into a state."""
    assistant = DemoAssistant(open_store("memory://"), FileAttachmentStore(folder))
    app = site(assistant, options=_OPTIONS, script=_TOOLS)
    async with tabs(browser, app, reduced_motion="reduce", locale="en-GB", **context) as window:
        tab = await window.open()
        await state(tab)
        yield tab


async def looks(tab: Tab, state: State) -> AsyncIterator[str]:
    """Give the page each of its looks."""
    page = tab.page
    yield "light"
    await page.emulate_media(color_scheme="dark")
    yield "dark"
    await page.emulate_media(color_scheme="light")
    await page.evaluate("document.documentElement.dir = 'rtl'")
    yield "right-to-left"
    await page.evaluate("document.documentElement.dir = 'ltr'")
    await page.set_viewport_size({"width": 375, "height": 700})
    await expect(page.get_by_role("navigation")).to_be_hidden()
    if state is threads:
        await tab.button("Show chats").click()
        await expect(page.get_by_role("navigation")).to_be_visible()
    yield "narrow"
