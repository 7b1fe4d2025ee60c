"""What a browser loads, and when."""

from browsing import Tab, expect, site, tabs
from playwright.async_api import Browser, Request
from saying import Saying

REPLY = "# A title\n\nSome **bold** text."


async def test_a_stored_thread_is_readable_within_ten_requests(browser: Browser) -> None:
    async with tabs(browser, site(Saying([REPLY]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies.locator("strong")).to_have_text("bold")
        thread_id = await tab.thread_id()
        reading = Tab(await window.context.new_page(), window.url)
        requested: list[str] = []
        reading.page.on("request", lambda request: requested.append(_path(request)))
        for later in ("send.js", "frame.js", "message-foot.js"):  # loaded once the thread is there to be read
            await reading.page.route(f"**/{later}", lambda route: route.abort())
        await reading.page.goto(f"{window.url}?thread={thread_id}")
        await expect(reading.page.get_by_role("heading", name="A title")).to_be_visible()
        needed = [path for path in requested if path not in ("send.js", "frame.js", "message-foot.js", "icon.svg")]
        assert len(needed) <= 10, needed


async def test_math_and_highlighting_are_loaded_when_a_reply_has_some(browser: Browser) -> None:
    async with tabs(
        browser, site(Saying(["Plain text.", "\n\n```python\nx = 1\n```\n\nMath: \\(x^2\\)\n\nend"]))
    ) as window:
        tab = await window.open()
        requested: list[str] = []
        tab.page.on("request", lambda request: requested.append(_path(request)))
        await tab.say("Hello")
        await expect(tab.replies.locator("math")).to_be_attached()
        await expect(tab.replies.locator(".hljs-number")).to_have_text("1")
        assert {path for path in requested if path.startswith("vendor/")} == {
            "vendor/highlight/core.min.js",
            "vendor/highlight/languages/python.min.js",
            "vendor/katex/katex.min.js",
        }


def _path(request: Request) -> str:
    return request.url.partition("?")[0].split("/", 3)[-1]
