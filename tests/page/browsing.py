"""A tab of a browser with the page in it, as a user works with it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request
from playwright.async_api import expect as expect
from serving import serve
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from chatkit_core import ChatServer
from chatkit_core.ui import ChatUI


class Tab:
    """One tab, and what went wrong in it: what the browser logs, what the policy forbids, requests to other hosts."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.wrong: list[str] = []
        page.on("console", self._logged)
        page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        page.on("request", self._requested)

    async def open(self, thread_id: str | None = None) -> None:
        """Go to the page, and wait until it is whole."""
        await self.page.goto(self.url + (f"?thread={thread_id}" if thread_id else ""))
        await self.composer.wait_for()

    async def say(self, text: str) -> None:
        """Type a message, and press Enter."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    @property
    def composer(self) -> Locator:
        """The box for messages."""
        return self.page.get_by_role("textbox", name="Message")

    @property
    def replies(self) -> Locator:
        """The assistant's messages."""
        return self.page.locator(".assistant .body")

    @property
    def messages(self) -> Locator:
        """The user's messages that are in the thread."""
        return self.page.locator(".items .user .bubble")

    def button(self, name: str) -> Locator:
        """A button, by its name."""
        return self.page.get_by_role("button", name=name, exact=True)

    async def thread_id(self) -> str:
        """Wait until the address names a thread; return its id."""
        await self.page.wait_for_url("**/?thread=*")
        return self.page.url.partition("thread=")[2]

    async def show_thread(self, thread_id: str | None) -> None:
        """Open a thread, as the host page does."""
        await self.page.evaluate("(id) => document.querySelector('chatkit-chat').setThreadId(id)", thread_id)

    def has_refused(self, *statuses: int) -> None:
        """Allow what the browser logs of answers with these statuses, each of which has come."""
        refused = "error: Failed to load resource: the server responded with a status of {} ("
        for status in statuses:
            self.wrong.remove(next(line for line in self.wrong if line.startswith(refused.format(status))))

    def _logged(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(self.url):
            self.wrong.append(f"request: {request.url}")


def site(server: ChatServer[Any], *, script: str = "", **page: Any) -> Starlette:
    """Return an app with the server's endpoint at `/chatkit`, and the page at the root.

    Args:
        script: JavaScript of the host page; `chat` is its element.
    """
    source = f'const chat = document.querySelector("chatkit-chat");\n{script}'
    own = Route("/own.js", lambda request: Response(source, media_type="text/javascript"))
    ui = ChatUI("/chatkit", script="/own.js" if script else None, **page)
    return Starlette(routes=[*server.routes("/chatkit"), own, Mount("/", ui)], lifespan=server.lifespan)


@asynccontextmanager
async def tabs(browser: Browser, app: Starlette, **context: Any) -> AsyncIterator["Tabs"]:
    """Serve an app, and open tabs of it that share their storage; nothing may have gone wrong in them by the end."""
    async with serve(app) as url:
        opened = Tabs(await browser.new_context(**context), f"{url}/")
        try:
            yield opened
        finally:
            await opened.context.close()
        wrong = [line for tab in opened.all for line in tab.wrong]
        assert not wrong, wrong


class Tabs:
    """The tabs of one browser window."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.all: list[Tab] = []

    async def open(self, thread_id: str | None = None) -> Tab:
        """Open another tab."""
        tab = Tab(await self.context.new_page(), self.url)
        self.all.append(tab)
        await tab.open(thread_id)
        return tab

    async def hearing(self) -> list[Any]:
        """Return what the host page calls `hear` with, in tabs that are opened from now on; it grows."""
        heard: list[Any] = []
        await self.context.expose_function("hear", lambda said: heard.append(said))
        return heard


async def twice(tab: Tab, check: Callable[[], Awaitable[None]]) -> None:
    """Check what a thread shows, and check it again after a reload."""
    await check()
    await tab.thread_id()
    await tab.page.reload()
    await check()
