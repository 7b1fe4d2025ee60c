"""The list of threads: new ones, titles, search, archive, deletion; and the address, which names the thread."""

from collections.abc import AsyncIterator
from typing import Any

from browsing import Tab, expect, site, tabs
from playwright.async_api import Browser, Locator

from chatkit_core import ChatServer, open_store


class Titled(ChatServer[Any]):
    """Gives a thread the title that its last message says."""

    def __init__(self) -> None:
        super().__init__(open_store("memory://"))

    async def get_context(self, request: Any) -> Any:
        return {"user_id": "ada"}

    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[str]:
        thread.title = input_user_message.text
        yield f"This is {thread.title}."

    async def titles(self, archived: bool = False) -> list[str | None]:
        context = {"user_id": "ada"}
        page = await self.store.search(None, archived, limit=10, after=None, order="desc", context=context)
        return [thread.title for thread in page.data]


def rows(tab: Tab) -> Locator:
    return tab.page.get_by_role("navigation", name="Chats").get_by_role("listitem")


async def begin(tab: Tab, title: str) -> str:
    """Begin a thread; return its id."""
    if await tab.messages.count():
        await tab.page.get_by_role("navigation").get_by_role("button", name="New chat").click()
        await tab.page.wait_for_url(tab.url)
        await expect(tab.page.locator(".item")).to_have_count(0)
    await tab.say(title)
    await expect(tab.replies).to_have_text(f"This is {title}.")
    await expect(rows(tab).first).to_have_text(title)
    return await tab.thread_id()


async def choose(tab: Tab, title: str, action: str) -> None:
    """Do something to a thread by its menu."""
    await rows(tab).filter(has_text=title).hover()
    await tab.button(f"More: {title}").click()
    await tab.page.get_by_role("menuitem", name=action, exact=True).click()


async def test_a_new_thread_stands_first_and_the_address_goes_back_and_forward(browser: Browser) -> None:
    async with tabs(browser, site(Titled())) as window:
        tab = await window.open()
        await expect(tab.page.get_by_text("No chats yet")).to_be_visible()
        first = await begin(tab, "Tea")
        second = await begin(tab, "Milk")
        await expect(rows(tab)).to_have_text(["Milk", "Tea"])
        await expect(rows(tab).first.get_by_role("link")).to_have_attribute("aria-current", "page")
        await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Milk")

        await rows(tab).get_by_role("link", name="Tea").click()
        await expect(tab.replies).to_have_text("This is Tea.")
        await expect(tab.page).to_have_url(f"{tab.url}?thread={first}")
        await tab.page.go_back()
        await expect(tab.replies).to_have_text("This is Milk.")
        await expect(tab.page).to_have_url(f"{tab.url}?thread={second}")
        await tab.page.go_back()
        await expect(tab.replies).to_have_count(0)
        await expect(tab.page).to_have_url(tab.url)
        await tab.page.go_forward()
        await expect(tab.replies).to_have_text("This is Milk.")
        await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Milk")


async def test_threads_are_searched(browser: Browser) -> None:
    async with tabs(browser, site(Titled())) as window:
        tab = await window.open()
        for title in ("Green tea", "Milk", "Black tea"):
            await begin(tab, title)
        search = tab.page.get_by_role("searchbox", name="Search chats")
        await search.fill("tea")
        await expect(rows(tab)).to_have_text(["Black tea", "Green tea"])
        await search.fill("coffee")
        await expect(rows(tab)).to_have_count(0)
        await expect(tab.page.get_by_text("Nothing found")).to_be_visible()
        await search.press("Escape")
        await expect(search).to_have_value("")
        await expect(rows(tab)).to_have_text(["Black tea", "Milk", "Green tea"])


async def test_a_thread_is_renamed_here_and_in_other_tabs(browser: Browser) -> None:
    server = Titled()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        other = await window.open(await begin(tab, "Tea"))
        await choose(tab, "Tea", "Rename")
        name = tab.page.get_by_role("textbox", name="Rename")
        await expect(name).to_be_focused()
        await expect(name).to_have_value("Tea")
        await name.fill("Coffee")
        await name.press("Enter")
        for one in (tab, other):
            await expect(rows(one)).to_have_text(["Coffee"])
            await expect(one.page.get_by_role("heading", level=1)).to_have_text("Coffee")
        assert await server.titles() == ["Coffee"]

        await choose(tab, "Coffee", "Rename")
        await name.fill("Cocoa")
        await name.press("Escape")
        await expect(rows(tab)).to_have_text(["Coffee"])
        assert await server.titles() == ["Coffee"]


async def test_a_title_that_the_server_gives_appears_in_other_tabs(browser: Browser) -> None:
    async with tabs(browser, site(Titled())) as window:
        tab = await window.open()
        elsewhere = await window.open()
        same = await window.open(await begin(tab, "Tea"))
        await expect(rows(elsewhere)).to_have_text(["Tea"])
        await same.say("Coffee")
        for one in (tab, same, elsewhere):
            await expect(rows(one)).to_have_text(["Coffee"])
        await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Coffee")
        await expect(tab.replies).to_have_text(["This is Tea.", "This is Coffee."])


async def test_a_thread_is_archived_and_comes_back(browser: Browser) -> None:
    server = Titled()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await begin(tab, "Tea")
        await begin(tab, "Milk")
        other = await window.open()
        await expect(rows(other)).to_have_text(["Milk", "Tea"])
        await choose(tab, "Tea", "Archive")
        await expect(rows(tab)).to_have_text(["Milk"])
        await expect(rows(other)).to_have_text(["Milk"])
        await tab.page.get_by_role("switch", name="Show archived chats").check()
        await expect(rows(tab)).to_have_text(["Tea"])
        assert await server.titles(archived=True) == ["Tea"]

        await choose(tab, "Tea", "Unarchive")
        await expect(tab.page.get_by_text("No archived chats")).to_be_visible()
        await expect(rows(other)).to_have_text(["Milk", "Tea"])
        assert await server.titles(archived=True) == []


async def test_a_thread_is_deleted_after_a_question(browser: Browser) -> None:
    server = Titled()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await begin(tab, "Tea")
        await begin(tab, "Milk")
        question = tab.page.get_by_role("alertdialog", name="Delete this chat?")
        await choose(tab, "Tea", "Delete")
        await expect(question).to_contain_text("Tea")
        await question.get_by_role("button", name="Cancel").click()
        await expect(question).to_have_count(0)
        assert await server.titles() == ["Milk", "Tea"]
        await choose(tab, "Tea", "Delete")
        async with tab.page.expect_response("**/chatkit"):
            await question.get_by_role("button", name="Delete").click()
        await expect(rows(tab)).to_have_text(["Milk"])
        await expect(tab.replies).to_have_text("This is Milk.")
        assert await server.titles() == ["Milk"]


async def test_the_open_thread_is_deleted_here_and_missing_in_another_tab(browser: Browser) -> None:
    server = Titled()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        other = await window.open(await begin(tab, "Tea"))
        await choose(tab, "Tea", "Delete")
        await tab.page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
        await expect(tab.page).to_have_url(tab.url)
        await expect(tab.replies).to_have_count(0)
        await expect(tab.page.get_by_text("No chats yet")).to_be_visible()
        await expect(tab.composer).to_be_visible()
        await expect(other.page.get_by_text("There is no such chat.")).to_be_visible()
        await expect(rows(other)).to_have_count(0)
        await begin(tab, "Milk")
        assert await server.titles() == ["Milk"]
        other.wrong = [line for line in other.wrong if "404" not in line]
