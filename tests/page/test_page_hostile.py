"""What a reply may bring is inert or ignored: scripts, odd links, broken Markdown, huge lines, what is not known."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from browsing import expect, site, tabs
from playwright.async_api import Browser
from saying import Saying

from chatkit_core import reply
from chatkit_core.widgets import Card, DynamicWidgetComponent, Text


async def test_markup_and_odd_links_are_text(browser: Browser) -> None:
    text = (
        "<script>document.title = 'hacked'</script> <img src=x onerror=\"document.title='hacked'\">\n\n"
        "[a](javascript:alert(1)) [b](vbscript:x) [c](data:text/html,hi) <javascript:alert(1)> "
        "[good](https://example.com/?a=1)\n\n![pixel](https://tracker.example/p.png)\n\nend"
    )
    async with tabs(browser, site(Saying([text]), title="Safe")) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_contain_text("end")
        links = await tab.replies.locator("a").evaluate_all("links => links.map(a => [a.href, a.rel, a.target])")
        outside = ["noopener noreferrer", "_blank"]
        assert links == [["https://example.com/?a=1", *outside], ["https://tracker.example/p.png", *outside]]
        assert await tab.replies.locator("script, img").count() == 0
        await expect(tab.page).to_have_title("Safe")


@pytest.mark.parametrize(
    "text",
    [
        "```python\nnever closed",
        "| a | b\n|--\n| c",
        "[x]: <\n\n[y][x] ![](",
        "$$\\frac{$$ and \\(\\notacommand{\\)",
        "\ue0001\ue001 \ue000999\ue001",
        "> " * 300 + "deep",
        "* a\n" * 50 + "**" * 500,
    ],
)
async def test_broken_markdown_stops_nothing(browser: Browser, text: str) -> None:
    half = len(text) // 2
    async with tabs(browser, site(Saying([text[:half], text[half:]]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.button("Copy")).to_be_attached()
        await tab.say("Hello again")
        await expect(tab.replies).to_have_count(2)


async def test_a_line_of_a_megabyte_is_shown(browser: Browser) -> None:
    async with tabs(browser, site(Saying([*["word " * 2000] * 100, "\n\nThe end."]))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies.get_by_text("The end.")).to_be_attached(timeout=30_000)
        assert len(await tab.replies.inner_text()) > 999_000


async def test_an_unknown_component_shows_its_children_and_nothing_else(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        inside: Any = DynamicWidgetComponent.model_validate({"type": "Text", "value": "Inside"})
        odd = DynamicWidgetComponent.model_validate(
            {"type": "Hologram", "children": [inside], "onclick": "alert(1)", "style": "color: red", "size": {}}
        )
        async for event in reply.widget(Card(children=[Text(value="Before "), odd, Text(value=" After")])):
            yield event

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        items = tab.page.locator(".items")
        for word in ("Before", "Inside", "After"):
            await expect(items.get_by_text(word)).to_be_visible()
        await expect(items.get_by_text("Hologram")).to_have_count(0)
