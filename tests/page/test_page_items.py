"""Every type of item is shown, while it streams and again after a reload."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from browsing import expect, site, tabs, twice
from playwright.async_api import Browser
from saying import Saying, done

from chatkit_core import open_store, reply
from chatkit_core.cli.demo.assistant import DemoAssistant
from chatkit_core.turn import current_turn
from chatkit_core.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageItem,
    CustomSummary,
    CustomTask,
    EndOfTurnItem,
    EntitySource,
    FileSource,
    GeneratedImage,
    GeneratedImageItem,
    GeneratedImageUpdated,
    SearchTask,
    TaskItem,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    URLSource,
    utc_now,
)
from chatkit_core.widgets import Card, Markdown, Title

GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
DOCS = URLSource(title="The docs", url="https://docs.example.com/a", attribution="Example")


async def test_annotations_are_numbers_in_the_text_and_sources_below_it(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        async def text() -> AsyncIterator[str | Annotation]:
            yield "As the docs say"
            yield Annotation(source=DOCS, index=15)
            yield " and Ada wrote."
            yield Annotation(source=EntitySource(title="Ada", id="ada"), index=30)

        notes = FileSource(title="Notes", filename="notes.pdf")
        async for event in reply.text(text(), annotations=[Annotation(source=notes)]):
            yield event

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")

        async def check() -> None:
            await expect(tab.replies).to_have_text("As the docs say1 and Ada wrote.2")
            sources = tab.page.get_by_role("list", name="Sources")
            await expect(sources.locator(".number")).to_have_text(["1", "2", "3"])
            await expect(sources.locator(".name")).to_have_text(["The docs", "Ada", "Notes"])
            await expect(sources.locator(".about")).to_have_text(["Example", "notes.pdf"])
            await expect(sources.get_by_role("link")).to_have_attribute("href", DOCS.url)

        await twice(tab, check)


@pytest.mark.parametrize(
    ("text", "follows", "place"),
    [
        ("See https://docs.example.com/a for more", " for", "a[href='https://docs.example.com/a'] + sup"),
        ("**Bold** text", " text", "strong + sup"),
        ("Call `start()` first", "()", "code > sup"),
        ("```\nstart()\n```\n\nend", "()", ".code + sup"),
        ("```\nstart()\n```\n\nend", "\n\nend", ".code + p > sup"),
    ],
)
async def test_a_number_stands_where_its_annotation_belongs(
    browser: Browser, text: str, follows: str, place: str
) -> None:
    annotation = Annotation(source=DOCS, index=text.index(follows))

    async def says() -> AsyncIterator[Any]:
        yield done(AssistantMessageItem, content=[AssistantMessageContent(text=text, annotations=[annotation])])

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies.locator(place)).to_have_text("1")
        await expect(tab.replies.locator("sup")).to_have_count(1)
        code = tab.replies.locator("pre")
        if await code.count():
            await expect(code).to_have_text("start()\n")


async def test_reasoning_shows_what_it_is_at_and_folds_when_it_ends(browser: Browser) -> None:
    gate = asyncio.Event()

    async def says() -> AsyncIterator[Any]:
        steps = reply.Workflow("reasoning", expanded=True)
        yield steps.start()
        yield steps.add(ThoughtTask(content="I should **look** it up.", status_indicator="loading"))
        yield steps.finish()
        yield steps.add(SearchTask(title="Searching for it", queries=["chat server"], status_indicator="loading"))
        await gate.wait()
        yield steps.finish(title="Searched for it", sources=[DOCS])
        yield steps.end()
        yield "Found."

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        work = tab.page.locator(".work")
        await expect(work.locator(".fold")).to_have_text("Searching for it")
        await expect(work.locator(".chips li")).to_have_text(["chat server"])
        gate.set()
        await expect(tab.replies).to_have_text("Found.")

        async def check() -> None:
            await expect(work.get_by_role("list")).to_have_count(0)
            await tab.page.get_by_role("button", name="Thought", expanded=False).click()
            await expect(work.locator("strong")).to_have_text("look")
            await expect(work.get_by_role("link", name="The docs")).to_have_attribute("href", DOCS.url)
            await expect(work.locator(".task .title")).to_have_text(["Searched for it"])
            await tab.page.get_by_role("button", name="Thought", expanded=True).click()
            await expect(work.get_by_role("list")).to_have_count(0)

        await twice(tab, check)


async def test_a_workflow_ends_with_its_summary_and_can_stay_unfolded(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        steps = reply.Workflow("custom")
        yield steps.start()
        yield steps.add(CustomTask(title="Read the file"))
        yield steps.end(CustomSummary(title="Read all of it", icon="book-open"), expanded=True)

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")

        async def check() -> None:
            await expect(tab.page.get_by_role("button", name="Read all of it", expanded=True)).to_be_visible()
            await expect(tab.page.locator(".work .task")).to_have_text(["Read the file"])

        await twice(tab, check)


async def test_a_task_stands_by_itself_and_the_end_of_a_turn_is_nothing(browser: Browser) -> None:
    async def says() -> AsyncIterator[Any]:
        yield done(TaskItem, task=CustomTask(title="Backed up", content="`a.txt`"))
        yield done(EndOfTurnItem)

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")

        async def check() -> None:
            await expect(tab.page.locator(".task .title")).to_have_text(["Backed up"])
            await expect(tab.page.locator(".task code")).to_have_text("a.txt")
            await expect(tab.page.locator(".items > li")).to_have_count(2)

        await expect(tab.button("Stop")).to_be_hidden()
        await twice(tab, check)


async def test_an_image_takes_shape_and_can_be_enlarged(browser: Browser) -> None:
    gate = asyncio.Event()

    async def says() -> AsyncIterator[Any]:
        item = GeneratedImageItem(id="msg_image", thread_id=current_turn().thread.id, created_at=utc_now())
        yield ThreadItemAddedEvent(item=item)
        image = GeneratedImage(id="one", url=GIF)
        yield ThreadItemUpdatedEvent(item_id=item.id, update=GeneratedImageUpdated(image=image, progress=0.25))
        await gate.wait()
        yield ThreadItemDoneEvent(item=item.model_copy(update={"image": image}))

    async with tabs(browser, site(Saying(says))) as window:
        tab = await window.open()
        await tab.say("Hello")
        progress = tab.page.get_by_role("progressbar", name="The image takes shape")
        await expect(progress).to_have_attribute("value", "0.25")
        gate.set()

        async def check() -> None:
            enlarge = tab.page.get_by_title("Show larger")
            await expect(enlarge.get_by_alt_text("Generated image")).to_have_attribute("src", GIF)
            await expect(progress).to_have_count(0)
            await enlarge.click()
            await expect(tab.page.get_by_role("dialog", name="Generated image")).to_be_visible()
            await tab.button("Close").click()
            await expect(tab.page.get_by_role("dialog")).to_have_count(0)

        await twice(tab, check)


async def test_a_tool_call_unfolds_to_what_it_was_called_with_and_what_it_returned(browser: Browser) -> None:
    script = "chat.setOptions({ onClientTool: () => ({ zone: 'UTC' }) });"
    async with tabs(browser, site(DemoAssistant(open_store("memory://")), script=script)) as window:
        tab = await window.open()
        await tab.say("tool")
        await expect(tab.replies.last).to_have_text("Your page says: {'zone': 'UTC'}.")

        async def check() -> None:
            await tab.page.get_by_role("button", name="Ran get_time_zone", expanded=False).click()
            await expect(tab.page.get_by_role("region", name="Arguments")).to_have_text('{\n  "format": "long"\n}')
            await expect(tab.page.get_by_role("region", name="Output")).to_have_text('{\n  "zone": "UTC"\n}')

        await twice(tab, check)


async def test_questions_are_a_form_and_then_their_answers(browser: Browser) -> None:
    async with tabs(browser, site(DemoAssistant(open_store("memory://")))) as window:
        tab = await window.open()
        await tab.say("question")
        form = tab.page.locator("form.questions")
        await expect(form).to_be_visible()
        await tab.page.reload()
        await form.get_by_role("checkbox", name="red").check()
        await form.get_by_role("checkbox", name="blue").check()
        await form.get_by_role("textbox", name="Something else").fill("teal")
        await form.get_by_role("textbox", name="Your answer").fill("They calm")
        await form.get_by_role("button", name="Answer").click()
        await expect(tab.replies.get_by_role("listitem")).to_have_text(
            ["Which colors do you like? red, blue, teal", "Why? They calm"]
        )

        async def check() -> None:
            await expect(form).to_have_count(0)
            await expect(tab.page.get_by_role("definition")).to_have_text(["red", "blue", "teal", "They calm"])

        await twice(tab, check)


async def test_questions_can_be_skipped(browser: Browser) -> None:
    async with tabs(browser, site(DemoAssistant(open_store("memory://")))) as window:
        tab = await window.open()
        await tab.say("ask")
        await tab.button("Skip").click()
        await expect(tab.replies).to_have_text("Then you stay at home.")
        await twice(tab, lambda: expect(tab.page.get_by_role("definition")).to_have_text(["Skipped"]))


async def test_a_widget_grows_with_the_text_that_streams_into_it(browser: Browser) -> None:
    gate = asyncio.Event()

    async def states() -> AsyncIterator[Card]:
        for text in ("Mild", "Mild and **sunny**"):
            yield Card(children=[Title(value="Weather"), Markdown(id="report", value=text, streaming=True)])
        await gate.wait()
        report = Markdown(id="report", value="Mild and **sunny**.", streaming=False)
        yield Card(children=[Title(value="Weather"), report])

    async with tabs(browser, site(Saying(lambda: reply.widget(states())))) as window:
        tab = await window.open()
        await tab.say("Hello")
        widget = tab.page.locator(".widget")
        await expect(widget.locator(".md")).to_have_text("Mild and sunny")
        gate.set()

        async def check() -> None:
            await expect(widget.get_by_role("heading", name="Weather")).to_be_visible()
            await expect(widget.locator(".md")).to_have_text("Mild and sunny.")
            await expect(widget.locator("strong")).to_have_text("sunny")

        await twice(tab, check)
