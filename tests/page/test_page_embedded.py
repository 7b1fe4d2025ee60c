"""The element in somebody else's page: one script tag, a height; its methods, and the events that it tells the page."""

from collections.abc import AsyncIterator
from typing import Any

from browsing import expect, tabs
from playwright.async_api import Browser, Request
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from chatkit_core import ChatServer, open_store
from chatkit_core.errors import UnauthorizedError
from chatkit_core.types import AssistantMessageContent, AssistantMessageItem, utc_now
from chatkit_core.ui import ChatUI

PAGE = """<!doctype html>
<html lang="en"><title>A shop</title><link rel="icon" href="data:,">
<style>html { font-size: 10px } * { color: red; font-size: 40px } button, p { display: none }</style>
<h1>A shop</h1>
<script type="module" src="/chat-ui/chatkit-chat.js"></script>
<chatkit-chat endpoint="/chatkit" style="height: 500px"></chatkit-chat>
"""

LISTEN = """
globalThis.told = [];
for (const name of "ready error response.start response.end thread.change thread.load.start thread.load.end".split(" "))
  addEventListener(`chatkit.${name}`, ({ detail }) =>
    told.push([name, detail?.threadId ?? detail?.error?.code ?? null]));
"""


class Shop(ChatServer[Any]):
    """Answers those who have the key."""

    def __init__(self, key: str | None = None) -> None:
        super().__init__(open_store("memory://"))
        self.key = key
        self.done: list[Any] = []

    async def get_context(self, request: Any) -> Any:
        if request.headers.get("authorization") != self.key:
            raise UnauthorizedError
        return {"user_id": "ada"}

    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[str]:
        self.done.append(input_user_message.model_dump(exclude_defaults=True, include={"content", "quoted_text"}))
        yield f"You said: {input_user_message.text}"

    async def action(self, thread: Any, action: Any, sender: Any, context: Any) -> AsyncIterator[str]:
        self.done.append((thread.id, action.type, action.payload, sender))
        yield "Done."


def shop(server: Shop, script: str = "") -> Starlette:
    """Return the app of a page that has a chat in it."""
    page = PAGE + ('<script type="module" src="/shop.js"></script>' if script else "")
    return Starlette(
        routes=[
            *server.routes("/chatkit"),
            Route("/", lambda request: HTMLResponse(page)),
            Route("/shop.js", lambda request: Response(script, media_type="text/javascript")),
            Mount("/chat-ui", ChatUI()),
        ],
        lifespan=server.lifespan,
    )


async def test_one_script_tag_and_a_height_are_enough(browser: Browser) -> None:
    async with tabs(browser, shop(Shop())) as window:
        tab = await window.open()
        box = await tab.page.locator("chatkit-chat").bounding_box()
        assert box is not None
        assert box["height"] == 500
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("You said: Hello")
        paragraph = tab.replies.locator("p")
        await expect(paragraph).to_be_visible()
        await expect(paragraph).not_to_have_css("color", "rgb(255, 0, 0)")
        await expect(paragraph).to_have_css("font-size", "16px")
        await expect(tab.button("Send")).to_be_visible()
        await expect(tab.page.get_by_role("searchbox", name="Search chats")).to_have_css("font-size", "15px")
        await expect(tab.page).to_have_url(tab.url)
        await expect(tab.page).to_have_title("A shop")
        await expect(tab.page.locator("body > h1")).to_have_css("color", "rgb(255, 0, 0)")


async def test_the_host_page_calls_methods(browser: Browser) -> None:
    server = Shop()
    async with tabs(browser, shop(server)) as window:
        tab = await window.open()
        chat = tab.page.locator("chatkit-chat")
        await chat.evaluate("chat => chat.sendUserMessage({ text: 'First', reply: 'A quote' })")
        await expect(tab.replies).to_have_text("You said: First")
        thread_id = await chat.evaluate("chat => chat.chat.threadId")

        await chat.evaluate("chat => chat.sendCustomAction({ type: 'order', payload: { number: 2 } })")
        await expect(tab.replies).to_have_text(["You said: First", "Done."])

        await chat.evaluate("chat => chat.sendUserMessage({ text: 'Second', newThread: true })")
        await expect(tab.replies).to_have_text("You said: Second")
        await chat.evaluate("(chat, id) => chat.setThreadId(id)", thread_id)
        await expect(tab.replies).to_have_text(["You said: First", "Done."])

        await server.store.add_thread_item(thread_id, note(thread_id, "By the way."), context={"user_id": "ada"})
        await chat.evaluate("chat => chat.fetchUpdates()")
        await expect(tab.replies).to_have_text(["You said: First", "Done.", "By the way."])

        await chat.evaluate("chat => chat.setComposerValue({ text: 'Third', reply: 'Done.' })")
        await expect(tab.composer).to_have_text("Third")
        await chat.evaluate("chat => chat.focusComposer()")
        await expect(tab.composer).to_be_focused()
        await tab.page.keyboard.press("Enter")
        await expect(tab.replies).to_have_count(4)
        assert server.done == [
            {"content": [{"text": "First"}], "quoted_text": "A quote"},
            (thread_id, "order", {"number": 2}, None),
            {"content": [{"text": "Second"}]},
            {"content": [{"text": "Third"}], "quoted_text": "Done."},
        ]


async def test_the_element_tells_the_host_page_what_happens(browser: Browser) -> None:
    async with tabs(browser, shop(Shop())) as window:
        await window.context.add_init_script(LISTEN)
        tab = await window.open()
        chat = tab.page.locator("chatkit-chat")
        await tab.say("Hello")
        await tab.page.wait_for_function("told.length === 4")
        thread_id = await chat.evaluate("chat => chat.chat.threadId")
        ready, *told = await tab.page.evaluate("told.splice(0)")
        assert ready == ["ready", None]
        assert [name for name, _ in told if name != "thread.change"] == ["response.start", "response.end"]
        assert ["thread.change", thread_id] in told

        await chat.evaluate("chat => chat.setThreadId(null)")
        loads: list[Request] = []

        def is_second_load(request: Request) -> bool:
            loads.extend([request] if request.method == "POST" else [])
            return len(loads) == 2

        async with tab.page.expect_request_finished(is_second_load):
            await chat.evaluate("(chat, id) => chat.setThreadId(id)", thread_id)
        assert await tab.page.evaluate("told.splice(0)") == [
            ["thread.change", None],
            ["thread.load.start", thread_id],
            ["thread.load.end", thread_id],
            ["thread.change", thread_id],
        ]

        await tab.page.route("**/chatkit", lambda route: route.abort())
        await tab.say("Nobody hears this")
        await expect(tab.page.get_by_text("Not sent")).to_be_visible()
        assert await tab.page.evaluate("told.splice(0)") == [["error", "offline"]]
        tab.wrong = [line for line in tab.wrong if "ERR_FAILED" not in line]


async def test_the_host_page_authenticates_with_headers(browser: Browser) -> None:
    script = """
        document.querySelector("chatkit-chat").setOptions({ headers: async () => ({ Authorization: "Bearer ada" }) });
    """
    async with tabs(browser, shop(Shop("Bearer ada"), script)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("You said: Hello")
        await expect(tab.button("Copy")).to_be_attached()


async def test_the_host_page_authenticates_with_a_fetch_of_its_own(browser: Browser) -> None:
    script = """
        document.querySelector("chatkit-chat").setOptions({
            fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, Authorization: "Bearer ada" } }),
        });
    """
    async with tabs(browser, shop(Shop("Bearer ada"), script)) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("You said: Hello")
        await expect(tab.button("Copy")).to_be_attached()


async def test_without_its_key_the_message_is_kept_and_the_host_page_hears_why(browser: Browser) -> None:
    async with tabs(browser, shop(Shop("Bearer ada"))) as window:
        await window.context.add_init_script(LISTEN)
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.page.get_by_text("Not sent")).to_be_visible()
        assert ["error", "auth.required"] in await tab.page.evaluate("told")
        await tab.page.locator("chatkit-chat").evaluate(
            "chat => chat.setOptions({ headers: { Authorization: 'Bearer ada' } })"
        )
        await tab.button("Send again").click()
        await expect(tab.replies).to_have_text("You said: Hello")
        tab.wrong = [line for line in tab.wrong if "401" not in line]


def note(thread_id: str, text: str) -> AssistantMessageItem:
    """Return a message that comes from elsewhere."""
    return AssistantMessageItem(
        id="msg_1", thread_id=thread_id, created_at=utc_now(), content=[AssistantMessageContent(text=text)]
    )
