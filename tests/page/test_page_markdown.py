"""Markdown that streams looks as if it had come at once, whatever it says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browsing import expect, site, tabs
from playwright.async_api import Browser
from saying import Saying, done

from chatkit_core.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageItem,
    ThreadItemReplacedEvent,
    URLSource,
)

TEXTS = {
    "loose list": "1. one\n\n2. two\n\n10. ten\n\nend",
    "list, then text": "- a\n\n- b\n\n**bold** and\n\n* c\n",
    "not a heading": "text\n#tag and\n***bold*** and\n```a``` end",
    "setext": "one\n\ntwo\n---\nthree\n===\n",
    "table": "before\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\nafter",
    "nested fences": "- a\n\n  ```py\n  x = 1\n\n  ```\n\n````\n```\nb\n```\n````\nend",
    "quote": "> a\n> b\n\n> c\nlazy\n\nend",
    "definition": "See [x].\n\n[x]: http://example.com/a/long/page",
    "definitions": "See [x] and\n\n[y].\n\n[x]: http://example.com/x\n[y]: http://example.com/y",
    "carriage returns": "a\rb\r\nc\n\nsecond\r\rthird\n\nfourth",
    "math": "$$\nx\n$$\n\nand $a$ \\(b\\) \\[\nc\n\\]\n\nend",
    "markup": "<b>a</b>\n\n<div>\n\n&amp; \\* end",
    "code by indent": "a\n\n    one\n\n    two\n\nb",
}

STREAMED = """
    async (text) => {
        const { Markdown, purify } = await import("/markdown.js");
        const show = (texts) => {
            const markdown = new Markdown(document.createElement("div"));
            texts.forEach((text, at) => {
                markdown.wait = 0;
                markdown.show(text, { done: at === texts.length - 1 });
            });
            return markdown.container.innerHTML;
        };
        const all = Array.from(text, (_, at) => text.slice(0, at + 1));
        return [show([...all, text]), show([text])];
    }
"""


@pytest.mark.parametrize("name", TEXTS)
async def test_what_is_streamed_looks_as_if_it_had_come_at_once(browser: Browser, name: str) -> None:
    async with tabs(browser, site(Saying([]))) as window:
        tab = await window.open()
        streamed, whole = await tab.page.evaluate(STREAMED, TEXTS[name])
        assert streamed == whole


async def test_a_message_that_is_replaced_by_more_text_is_one_text(browser: Browser) -> None:
    gate = asyncio.Event()

    async def says() -> AsyncIterator[Any]:
        first = done(AssistantMessageItem, content=[AssistantMessageContent(text="Hello")])
        yield first
        await gate.wait()
        content = [AssistantMessageContent(text="Hello world")]
        yield ThreadItemReplacedEvent(item=first.item.model_copy(update={"content": content}))

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies.locator("p")).to_have_text(["Hello"])
        gate.set()
        await expect(tab.replies.locator("p")).to_have_text(["Hello world"])


async def test_many_lines_that_might_begin_math_do_not_stop_the_page(browser: Browser) -> None:
    async with tabs(browser, site(Saying(["$$a\n" * 60_000, "\n\nend"]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies.locator("p").last).to_have_text("end", timeout=20_000)


async def test_many_empty_lines_before_a_source_do_not_stop_the_page(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        text = "a" + "\n" * 60_000 + "end"
        annotations = [Annotation(source=URLSource(title="T", url="https://e.com"), index=len(text))] * 10
        yield done(AssistantMessageItem, content=[AssistantMessageContent(text=text, annotations=annotations)])

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        async with asyncio.timeout(25):
            await tab.say("Hello")
            await expect(tab.replies.locator("p").last).to_have_text("end12345678910", timeout=20_000)


async def test_an_image_without_a_real_address_is_its_text(browser: Browser) -> None:
    async with tabs(browser, site(Saying(["![a picture](http://) end"]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_text("a picture end")


async def test_a_link_whose_address_came_in_two_pieces_has_all_of_it(browser: Browser) -> None:
    gate = asyncio.Event()

    async def says() -> AsyncIterator[Any]:
        yield "[x]: http://example.com/a\n\nSee [x]"
        await gate.wait()
        yield "."

    async def pieces() -> AsyncIterator[Any]:
        yield "See [x].\n\n[x]: http://exam"
        await gate.wait()
        yield "ple.com/page"

    for say, href in ((says, "http://example.com/a"), (pieces, "http://example.com/page")):
        gate.clear()
        async with tabs(browser, site(Saying(say))) as window:
            tab = await window.open()
            await tab.say("Hello")
            await expect(tab.replies.locator("a")).to_have_count(1)
            gate.set()
            await expect(tab.button("Stop")).to_be_hidden()
            await expect(tab.replies.locator("a")).to_have_attribute("href", href)
