"""Replies stream, can be stopped, and go on after a reload, in other tabs, and after the server was away."""

from browsing import expect, site, tabs
from playwright.async_api import Browser
from saying import Gated

IS_AT_END = """
    () => {
        const { shadowRoot } = document.querySelector("chatkit-chat");
        const { scrollTop, scrollHeight, clientHeight } = shadowRoot.querySelector(".scroller");
        return scrollHeight > 3000 && scrollHeight - scrollTop - clientHeight < 2;
    }
"""


async def test_a_reply_streams_and_the_address_names_its_thread(browser: Browser) -> None:
    server = Gated()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        server.let("One ")
        await expect(tab.replies).to_have_text("One")
        server.let("two", None)
        await expect(tab.replies).to_have_text("One two")
        await expect(tab.messages).to_have_text(["Hello"])
        await tab.open(await tab.thread_id())
        await expect(tab.replies).to_have_text("One two")


async def test_a_reply_goes_on_after_a_reload(browser: Browser) -> None:
    server = Gated()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        server.let("One ")
        await expect(tab.replies).to_have_text("One")
        await tab.page.reload()
        await expect(tab.replies).to_have_text("One")
        server.let("two", None)
        await expect(tab.replies).to_have_text("One two")


async def test_a_reply_goes_on_in_a_second_tab_and_stop_stops_it_in_both(browser: Browser) -> None:
    server = Gated()
    async with tabs(browser, site(server)) as window:
        first = await window.open()
        await first.say("Hello")
        server.let("One ")
        await expect(first.replies).to_have_text("One")
        second = await window.open(await first.thread_id())
        await expect(second.replies).to_have_text("One")
        server.let("two ")
        await expect(first.replies).to_have_text("One two")
        await expect(second.replies).to_have_text("One two")
        await second.button("Stop").click()
        await expect(first.button("Stop")).to_be_hidden()
        await expect(second.button("Stop")).to_be_hidden()
        await expect(first.replies).to_have_text("One two")


async def test_a_message_that_waits_shows_as_queued_and_can_be_withdrawn(browser: Browser) -> None:
    server = Gated()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("First")
        server.let("One ")
        await expect(tab.replies).to_have_text("One")
        await tab.say("Second")
        await expect(tab.page.get_by_text("Queued")).to_be_visible()
        await tab.say("Third")
        await expect(tab.page.get_by_text("Queued")).to_have_count(2)
        await tab.button("Withdraw").first.click()
        await expect(tab.page.get_by_text("Queued")).to_have_count(1)
        server.let("end", None)
        await expect(tab.messages).to_have_text(["First", "Third"])
        server.let("Two", None)
        await expect(tab.replies).to_have_text(["One end", "Two"])


async def test_the_end_stays_in_sight_while_the_reader_is_there(browser: Browser) -> None:
    server = Gated()
    paragraphs = "\n\n".join(f"Paragraph {number}." for number in range(60))
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        scroller = tab.page.get_by_role("region", name="Conversation")
        await tab.say("Hello")
        server.let(f"{paragraphs}\n\nFirst end.\n\n")
        await expect(tab.replies.get_by_text("First end.")).to_be_in_viewport()
        await scroller.hover()
        await tab.page.mouse.wheel(0, -800)
        await expect(tab.button("To the end")).to_be_visible()
        top = await scroller.evaluate("scroller => scroller.scrollTop")
        server.let(f"{paragraphs}\n\nSecond end.\n\n")
        await expect(tab.replies.get_by_text("Second end.")).to_be_attached()
        await expect(tab.button("To the end")).to_be_visible()
        assert await scroller.evaluate("scroller => scroller.scrollTop") == top
        await tab.button("To the end").click()
        await expect(tab.replies.get_by_text("Second end.")).to_be_in_viewport()
        server.let(f"{paragraphs}\n\nThird end.", None)
        await expect(tab.replies.get_by_text("Third end.")).to_be_in_viewport()
        await expect(tab.button("To the end")).to_be_hidden()


async def test_a_browser_that_tells_of_scrolling_after_something_has_grown_still_shows_the_end(
    browser: Browser,
) -> None:
    server = Gated()
    grow = """
        (scroller) => {
            const picture = Object.assign(document.createElement("li"), { textContent: "a picture" });
            picture.style.blockSize = "3000px";
            scroller.querySelector("ol").append(picture);
            scroller.dispatchEvent(new Event("scroll"));
        }
    """
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        scroller = tab.page.get_by_role("region", name="Conversation")
        await tab.say("Hello")
        server.let("One")
        await expect(tab.replies).to_have_text("One")
        await scroller.evaluate(grow)
        await expect(tab.button("To the end")).to_be_hidden()
        await tab.page.wait_for_function(IS_AT_END)
