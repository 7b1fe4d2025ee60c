"""An element that is taken out of the page holds nothing; one that is put back goes on."""

import asyncio

from browsing import Tab, expect, site, tabs
from holding import Held
from playwright.async_api import Browser
from saying import Saying


async def take_away(tab: Tab) -> None:
    """Take the element out of the page; only the test knows it from then on."""
    await tab.page.evaluate("globalThis.taken = new WeakRef(document.querySelector('chatkit-chat'))")
    await tab.page.evaluate("taken.deref().remove()")


async def is_gone(tab: Tab) -> None:
    """Wait until the element that was taken away has been collected."""
    async with asyncio.timeout(20):
        while await tab.page.evaluate("Boolean(taken.deref())"):
            await tab.page.request_gc()


async def test_nothing_holds_an_element_that_was_taken_away(browser: Browser) -> None:
    async with tabs(browser, site(Saying(["Hello."]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.button("Copy")).to_be_attached()
        await take_away(tab)
        await is_gone(tab)


async def test_nothing_holds_an_element_that_was_taken_away_while_its_first_message_was_sent(browser: Browser) -> None:
    held = Held("threads.create", answered=True)
    async with tabs(browser, site(Saying(["Hello."]))) as window:
        tab = await window.open()
        await held.hold(tab.page)
        await tab.say("Hello")
        await held.begun.wait()
        await take_away(tab)
        async with tab.page.expect_event("requestfinished"):
            held.gate.set()
        await is_gone(tab)


async def test_an_element_that_is_put_back_shows_what_was_archived_meanwhile(browser: Browser) -> None:
    async with tabs(browser, site(Saying(["Hello."]))) as window:
        first = await window.open()
        await first.say("Hello")
        await expect(first.button("Copy")).to_be_attached()
        second = await window.open()
        rows = second.page.get_by_role("navigation").get_by_role("listitem")
        await expect(rows).to_have_count(1)
        await second.page.evaluate("globalThis.taken = document.querySelector('chatkit-chat'); taken.remove()")
        await first.page.get_by_role("button", name="More: Hello").click()
        async with first.page.expect_response("**/chatkit"):
            await first.page.get_by_role("menuitem", name="Archive").click()
        await second.page.evaluate("document.body.append(taken)")
        await expect(rows).to_have_count(0)


async def test_an_element_that_was_moved_hears_what_it_heard_before(browser: Browser) -> None:
    async with tabs(browser, site(Saying(["Hello."]))) as window:
        first = await window.open()
        await first.say("Hello")
        second = await window.open(await first.thread_id())
        await second.page.evaluate("document.body.append(document.querySelector('chatkit-chat'))")
        await expect(second.replies).to_have_text(["Hello."])
        await first.say("Again")
        await expect(second.replies).to_have_text(["Hello.", "Hello."])
        await first.page.get_by_role("button", name="More: Hello").click()
        await first.page.get_by_role("menuitem", name="Archive").click()
        await expect(second.page.get_by_role("navigation").get_by_role("listitem")).to_have_count(0)
