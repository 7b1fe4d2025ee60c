"""What is shown is what the thread has, whatever comes late, twice, from another tab, or for another thread."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browsing import Tab, expect, site, tabs
from holding import Held
from playwright.async_api import Browser, Route
from saying import Gated, Saying, done

from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageItem,
)


async def show(tab: Tab, visibility: str) -> None:
    """Hide the tab, or show it again."""
    await tab.page.evaluate(
        """(visibility) => {
            Object.defineProperty(document, "visibilityState", { value: visibility, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        visibility,
    )


# Messages on their way


async def test_a_message_that_has_begun_a_thread_is_not_left_behind(browser: Browser) -> None:
    async with tabs(browser, site(Saying(["Hi."]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("Hi.")
        await tab.show_thread(None)
        await expect(tab.replies).to_have_count(0)
        await expect(tab.page.locator(".outgoing")).to_have_count(0)


async def test_what_one_tab_sends_is_not_unsent_in_another(browser: Browser) -> None:
    server, held = Gated(), Held("threads.create")
    async with tabs(browser, site(server)) as window:
        first, second = await window.open(), await window.open()
        await held.hold(first.page)
        await first.say("First")
        await held.begun.wait()
        await expect(second.page.get_by_text("Not sent")).to_have_count(0)
        held.gate.set()
        server.let("One ")
        await expect(first.replies).to_have_text("One")
        await second.open(await first.thread_id())
        await first.say("Second")
        await expect(first.page.get_by_text("Queued")).to_be_visible()
        await expect(second.page.locator(".outgoing .bubble")).to_have_text("Second")
        await expect(second.page.get_by_text("Queued")).to_be_visible()
        await second.button("Withdraw").click()
        await expect(first.page.locator(".outgoing .bubble")).to_have_count(0)
        server.let(None)


async def test_a_thread_that_begins_while_another_is_opened_is_not_shown_in_it(browser: Browser) -> None:
    held = Held("threads.create")
    async with tabs(browser, site(Saying(["Hi."]))) as window:
        tab = await window.open()
        await tab.say("Old")
        await expect(tab.replies).to_have_text("Hi.")
        old = await tab.thread_id()
        await tab.show_thread(None)
        await held.hold(tab.page)
        await tab.say("New")
        await held.begun.wait()
        await tab.show_thread(old)
        await expect(tab.messages).to_have_text(["Old"])
        await expect(tab.page.locator(".outgoing")).to_have_count(0)
        async with tab.page.expect_response("**/chatkit"):
            held.gate.set()
        await tab.say("More")
        await expect(tab.messages).to_have_text(["Old", "More"])
        await expect(tab.replies).to_have_text(["Hi.", "Hi."])
        assert await tab.thread_id() == old
        await tab.show_thread(None)
        await expect(tab.page.locator(".outgoing")).to_have_count(0)


async def test_a_message_on_its_way_stays_with_its_thread(browser: Browser) -> None:
    held = Held("threads.add_user_message")
    async with tabs(browser, site(Saying(["Hi."]))) as window:
        tab = await window.open()
        await tab.say("One")
        one = await tab.thread_id()
        await expect(tab.replies).to_have_text("Hi.")
        await tab.show_thread(None)
        await held.hold(tab.page)
        await tab.say("Two")
        await expect(tab.messages).to_have_text("Two")
        await expect(tab.replies).to_have_text("Hi.")
        two = await tab.thread_id()
        await tab.say("More")
        await held.begun.wait()
        await tab.show_thread(one)
        await expect(tab.messages).to_have_text(["One"])
        await expect(tab.page.locator(".outgoing")).to_have_count(0)
        async with tab.page.expect_response("**/chatkit"):
            held.gate.set()
        await expect(tab.page.locator(".outgoing")).to_have_count(0)
        await tab.show_thread(two)
        await expect(tab.messages).to_have_text(["Two", "More"])
        await expect(tab.page.locator(".outgoing")).to_have_count(0)


# What other tabs and devices do


async def test_a_tab_that_was_hidden_while_a_turn_ran_shows_it(browser: Browser) -> None:
    async with tabs(browser, site(Saying(["Hi."]))) as window:
        first = await window.open()
        await first.say("Hello")
        await expect(first.replies).to_have_text(["Hi."])
        await expect(first.button("Stop")).to_be_hidden()
        await first.page.reload()
        second = await window.open(await first.thread_id())
        await expect(second.replies).to_have_text(["Hi."])
        await show(second, "hidden")
        await first.say("Again")
        await expect(first.replies).to_have_text(["Hi.", "Hi."])
        await expect(first.button("Stop")).to_be_hidden()
        await first.page.close()
        await show(second, "visible")
        await expect(second.messages).to_have_text(["Hello", "Again"])
        await expect(second.replies).to_have_text(["Hi.", "Hi."])


async def test_a_tab_that_loads_while_the_reply_ends_shows_its_end(browser: Browser) -> None:
    server, held = Gated(), Held("threads.get_by_id", answered=True)
    async with tabs(browser, site(server)) as window:
        first = await window.open()
        await first.say("Hello")
        server.let("One ")
        await expect(first.replies).to_have_text("One")
        thread_id = await first.thread_id()
        second = await window.open()
        await held.hold(second.page)
        opening = asyncio.create_task(second.show_thread(thread_id))
        await held.begun.wait()
        server.let("two", None)
        await expect(first.button("Stop")).to_be_hidden()
        await expect(first.replies).to_have_text("One two")
        held.gate.set()
        await opening
        await expect(second.replies).to_have_text("One two")
        await expect(second.button("Stop")).to_be_hidden()


HOLD_HELLOS = """
    const { postMessage } = BroadcastChannel.prototype;
    const held = [];
    BroadcastChannel.prototype.postMessage = function (message) {
        if (held && message.hello !== undefined && !globalThis.released) held.push([this, message]);
        else postMessage.call(this, message);
    };
    globalThis.release = () => {
        globalThis.released = true;
        for (const [channel, message] of held) postMessage.call(channel, message);
    };
"""


async def test_a_tab_that_joins_between_two_words_misses_none(browser: Browser) -> None:
    server = Gated()
    async with tabs(browser, site(server)) as window:
        first = await window.open()
        await first.say("Hello")
        server.let("One ")
        await expect(first.replies).to_have_text("One")
        await window.context.add_init_script(HOLD_HELLOS)
        second = await window.open(await first.thread_id())
        await expect(second.messages).to_have_text("Hello")
        server.let("two ")
        await expect(first.replies).to_have_text("One two")
        await second.page.evaluate("release()")
        await expect(second.replies).to_have_text("One two")
        server.let("three", None)
        await expect(second.replies).to_have_text("One two three")


async def test_what_comes_while_the_thread_is_asked_for_again_is_kept(browser: Browser) -> None:
    server, held = Gated(), Held("threads.get_by_id", answered=True)
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("Hello")
        server.let("One ")
        await expect(tab.replies).to_have_text("One")
        await held.hold(tab.page)
        update = "document.querySelector('chatkit-chat').fetchUpdates()"
        asking = asyncio.create_task(tab.page.evaluate(update))
        await held.begun.wait()
        server.let("two", None)
        other = await window.open(await tab.thread_id())
        await expect(other.button("Stop")).to_be_hidden()
        await expect(other.replies).to_have_text("One two")
        held.gate.set()
        await asking
        await tab.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        await expect(tab.replies).to_have_text("One two")
        await expect(tab.button("Stop")).to_be_hidden()


async def test_older_items_stay_when_the_thread_is_asked_for_again(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        for number in range(30):
            yield done(AssistantMessageItem, content=[AssistantMessageContent(text=f"Reply {number}")])

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_count(30)
        await tab.page.reload()
        await expect(tab.replies).to_have_count(20)
        await tab.button("Load more").click()
        await expect(tab.replies).to_have_count(30)
        await tab.page.evaluate("document.querySelector('chatkit-chat').fetchUpdates()")
        await expect(tab.replies).to_have_text([f"Reply {number}" for number in range(30)])


@pytest.mark.parametrize("status", [401, 404, 408])
async def test_a_follow_that_was_refused_once_goes_on(browser: Browser, status: int) -> None:
    """404 is also what a server says of a cursor whose turn it has forgotten."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=status, json={"error": {"code": "refused", "message": "Not now."}})

    async with tabs(browser, site(Saying(["Hi."]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text(["Hi."])
        await expect(tab.button("Stop")).to_be_hidden()
        await show(tab, "hidden")
        await tab.page.route("**/chatkit?*", refuse, times=1)
        await show(tab, "visible")
        await tab.say("Again")
        await expect(tab.replies).to_have_text(["Hi.", "Hi."])
        await expect(tab.page.locator(".outgoing .bubble")).to_have_count(0)
        assert [str(status) in line for line in tab.wrong] == [True]
        tab.wrong.clear()


# Turns that end


async def test_a_message_that_is_withdrawn_leaves_the_reply_as_it_was(browser: Browser) -> None:
    server = Gated()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("First")
        server.let("One ")
        await expect(tab.replies).to_have_text("One")
        await tab.say("Second")
        await tab.button("Withdraw").click()
        await expect(tab.page.get_by_text("queued")).to_have_count(0)
        for word, text in (("two ", "One two"), ("three ", "One two three")):
            server.let(word)
            await expect(tab.replies.locator("p")).to_have_text([text])
        server.let(None)
        await expect(tab.button("Stop")).to_be_hidden()
        await expect(tab.replies.locator("p")).to_have_text(["One two three"])


async def test_the_end_of_one_turn_leaves_open_what_another_says(browser: Browser) -> None:
    """Also a queued turn that is withdrawn comes to an end."""
    apply = """
        async () => {
            const [{ Chat }, { apply }] = await Promise.all([import("/chat.js"), import("/events.js")]);
            const chat = new Chat({ endpoint: "/chatkit" });
            const item = { id: "msg_1", type: "assistant_message", content: [] };
            apply(chat, "trn_1:1", { type: "turn.started", turn: { id: "trn_1", status: "running" } });
            apply(chat, "trn_1:2", { type: "thread.item.added", item });
            apply(chat, "trn_2:1", { type: "turn.cancelled", turn: { id: "trn_2", status: "cancelled" } });
            return [chat.turn.id, ...chat.pending];
        }
    """
    async with tabs(browser, site(Saying([]))) as window:
        tab = await window.open()
        assert await tab.page.evaluate(apply) == ["trn_1", "msg_1"]
