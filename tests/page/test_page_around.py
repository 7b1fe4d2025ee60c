"""What stands around the items: progress, notices, failures, the thread's status; and items that are not known."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browsing import expect, site, tabs, twice
from playwright.async_api import Browser
from saying import Saying, done
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatkit_core import reply
from chatkit_core.errors import CustomStreamError
from chatkit_core.turn import current_turn
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    ClosedStatus,
    CustomTask,
    EndOfTurnItem,
    LockedStatus,
    NoticeEvent,
    TaskItem,
    ThreadItemReplacedEvent,
    ThreadStatus,
)


async def test_progress_is_shown_until_the_reply_begins(browser: Browser) -> None:
    gate: asyncio.Queue[None] = asyncio.Queue()

    async def says() -> AsyncIterator[Any]:
        yield reply.progress("Looking it up …", icon="search")
        await gate.get()
        yield reply.progress("Reading …")
        await gate.get()
        yield "Here it "
        await gate.get()
        yield "is."

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        progress = tab.page.locator(".progress")
        await expect(progress).to_have_text("Looking it up …")
        gate.put_nowait(None)
        await expect(progress).to_have_text("Reading …")
        await tab.page.reload()
        await expect(progress).to_have_text("Reading …")
        gate.put_nowait(None)
        await expect(tab.replies).to_have_text("Here it")
        await expect(progress).to_have_count(0)
        gate.put_nowait(None)
        await expect(tab.replies).to_have_text("Here it is.")


async def test_a_notice_stays_until_it_is_dismissed_and_is_no_part_of_the_thread(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        yield NoticeEvent(level="warning", title="Nearly used up", message="**3** messages are left.")
        yield NoticeEvent(level="info", message="Welcome.")
        yield "Hello."

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        notices = tab.page.locator(".notice")
        await expect(notices).to_have_text(["Nearly used up3 messages are left.", "Welcome."])
        await expect(notices.locator("strong")).to_have_text(["Nearly used up", "3"])
        await notices.first.get_by_role("button", name="Dismiss").click()
        await expect(notices).to_have_text(["Welcome."])
        await expect(tab.button("Stop")).to_be_hidden()
        await tab.page.reload()
        await expect(tab.replies).to_have_text("Hello.")
        await expect(notices).to_have_count(0)


async def test_a_reply_that_fails_says_why_and_can_be_tried_again(browser: Browser) -> None:
    failures = [CustomStreamError("The model is asleep.", allow_retry=True), RuntimeError("a secret")]

    async def says() -> AsyncIterator[Any]:
        yield "Half a reply"
        if failures:
            raise failures.pop(0)
        yield ", and the other half."

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        failure = tab.page.get_by_role("alert")
        await expect(failure).to_have_text("The model is asleep. Try again")
        await expect(tab.replies).to_have_text("Half a reply")
        await failure.get_by_role("button").click()
        await expect(failure).to_have_text("Something went wrong. Try again")
        await failure.get_by_role("button").click()

        async def check() -> None:
            await expect(tab.replies).to_have_text("Half a reply, and the other half.")
            await expect(failure).to_have_count(0)

        await twice(tab, check)


async def test_a_failure_without_retry_has_no_button(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        raise CustomStreamError("This is not allowed.")
        yield

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.page.get_by_role("alert")).to_have_text("This is not allowed.")
        await expect(tab.page.get_by_role("alert").get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (LockedStatus(reason="A colleague looks into it."), "A colleague looks into it."),
        (LockedStatus(), "This chat takes no messages for now."),
        (ClosedStatus(), "This chat is closed."),
    ],
)
async def test_a_thread_that_takes_no_messages_has_a_line_in_the_composers_place(
    browser: Browser, status: ThreadStatus, shown: str
) -> None:
    async def says() -> AsyncIterator[Any]:
        yield "Goodbye."
        current_turn().thread.status = status

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")

        async def check() -> None:
            await expect(tab.page.locator(".shut")).to_have_text(shown)
            await expect(tab.replies).to_have_text("Goodbye.")
            await expect(tab.composer).to_have_count(0)
            await expect(tab.button("Copy")).to_be_visible()
            await expect(tab.button("Try again")).to_have_count(0)

        await twice(tab, check)
        await tab.button("New chat").last.click()
        await expect(tab.composer).to_be_focused()


class Renamed:
    """Middleware: a server of a later version, whose items have a type that this page does not know."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def rename(message: Message) -> None:
            if scope["path"].startswith("/chatkit") and "body" in message:
                message["body"] = message["body"].replace(b'"end_of_turn"', b'"holographic"')
            await send(message)

        await self._app(scope, receive, rename)


async def test_an_item_of_an_unknown_type_takes_no_room_and_stops_nothing(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        yield done(EndOfTurnItem)
        yield "After it."

    app = site(Saying(says))
    app.user_middleware.append(Middleware(Renamed))
    async with tabs(browser, app) as window:
        tab = await window.open()
        await tab.say("Hello")

        async def check() -> None:
            await expect(tab.replies).to_have_text("After it.")
            await expect(tab.page.locator(".items > li")).to_have_count(2)

        await twice(tab, check)


async def test_an_item_can_become_one_of_another_type(browser: Browser) -> None:
    gate = asyncio.Event()

    async def says() -> AsyncIterator[Any]:
        looking = done(TaskItem, task=CustomTask(title="Looking"))
        yield looking
        yield "After it."
        await gate.wait()
        kept = looking.item.model_dump(include={"id", "thread_id", "created_at"})
        found = AssistantMessageItem(**kept, content=[AssistantMessageContent(text="Found.")])
        yield ThreadItemReplacedEvent(item=found)

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.page.locator(".task")).to_have_text("Looking")
        await expect(tab.replies).to_have_text(["After it."])
        gate.set()
        await twice(tab, lambda: expect(tab.replies).to_have_text(["Found.", "After it."]))
