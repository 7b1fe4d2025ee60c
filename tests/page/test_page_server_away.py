"""The server goes away and comes back: nothing that was said or typed is lost, and nothing comes twice."""

from pathlib import Path

from app_of_its_own import own_app
from browsing import Tab, expect
from playwright.async_api import Browser


async def test_a_reply_whose_server_is_killed_is_kept_and_can_be_tried_again(browser: Browser, tmp_path: Path) -> None:
    with own_app(tmp_path) as own:
        tab = Tab(await browser.new_page(), own.url)
        await tab.open()
        await tab.say("slow")
        await expect(tab.replies).to_contain_text("1 2 3 4 5 6")
        own.kill()
        await expect(tab.page.get_by_text("No connection.")).to_be_visible()
        own.start()
        await expect(tab.page.get_by_text("The reply was interrupted.")).to_be_visible(timeout=15_000)
        await expect(tab.page.get_by_text("No connection.")).to_be_hidden()
        await expect(tab.replies).to_contain_text("1 2 3")
        await tab.page.get_by_role("alert").get_by_role("button", name="Try again").click()
        await expect(tab.replies.last).to_contain_text("1 2 3 4")
        await expect(tab.replies).to_have_count(1)
        await tab.button("Stop").click()
        await tab.page.context.close()


async def test_a_message_that_did_not_reach_the_server_is_kept_and_sent_once(browser: Browser, tmp_path: Path) -> None:
    with own_app(tmp_path) as own:
        tab = Tab(await browser.new_page(), own.url)
        await tab.open()
        await tab.say("First")
        await expect(tab.replies).to_have_text("1 2 3")
        await expect(tab.button("Copy")).to_be_attached()
        own.kill()
        await tab.say("Second")
        await expect(tab.page.get_by_text("Not sent")).to_be_visible()
        own.start()
        await tab.page.reload()
        await expect(tab.page.locator(".outgoing .bubble")).to_have_text("Second")
        await tab.button("Send again").click()
        await expect(tab.messages).to_have_text(["First", "Second"])
        await expect(tab.replies).to_have_text(["1 2 3", "1 2 3"])
        await expect(tab.page.locator(".outgoing")).to_have_count(0)
        await tab.page.context.close()
