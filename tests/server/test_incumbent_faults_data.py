"""What goes wrong with data in `openai-chatkit` 1.6.5, and does not here (points 9 to 17 of the design's list)."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from talking import Assistant, added, assistant_message, done, message, saying, talking

from chatkit_core import reply
from chatkit_core.errors import NotFoundError
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    CustomTask,
    FileAttachment,
    HiddenContextItem,
    ThreadItemReplacedEvent,
    ThreadMetadata,
)
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "chat.db")


async def test_9_an_output_finds_its_call_though_items_follow_it_and_two_calls_are_told_apart(store: Any) -> None:
    async def calling(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield reply.client_tool_call("first", {})
        yield reply.client_tool_call("second", {})
        yield done(assistant_message("Waiting for you."))

    async with talking(Assistant(calling, store)) as talk:
        await (await talk.create()).rest()
        _, first, second, _ = await talk.items()
        talk.server.reply = saying("Thank you.")
        for call, result in ((second, 2), (first, 1)):
            params = {"thread_id": talk.thread_id, "item_id": call["id"], "result": result}
            await (await talk.start("threads.add_client_tool_output", **params)).rest()
        assert [item.get("output") for item in await talk.items()] == [None, 1, 2, None, None]
        assert (await talk.texts())[3:] == ["Waiting for you.", "Thank you."]


async def test_9_a_thread_is_not_stuck_when_a_call_is_never_answered(store: Any) -> None:
    async def calling(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield reply.client_tool_call("pick", {})

    async with talking(Assistant(calling, store)) as talk:
        await (await talk.create()).rest()
        talk.server.reply = saying("Never mind.")
        await (await talk.say("next")).rest()
        assert await talk.texts() == ["Hi", "<client_tool_call>", "next", "Never mind."]
        assert (await talk.items())[1]["status"] == "completed"


async def test_10_a_workflow_that_goes_on_after_a_client_tool_is_one_item(store: Any) -> None:
    workflows: list[reply.Workflow] = []

    async def working(thread: Any, message: Any) -> AsyncIterator[Any]:
        if message is not None:
            workflows.append(reply.Workflow())
            yield workflows[0].start()
            yield workflows[0].add(CustomTask(title="Ask the page"))
            yield reply.client_tool_call("pick", {})
        else:
            yield workflows[0].start()
            yield workflows[0].add(CustomTask(title="Go on"))
            yield workflows[0].end()
            yield "Picked."

    async with talking(Assistant(working, store)) as talk:
        await (await talk.create()).rest()
        output = await talk.start("threads.add_client_tool_output", thread_id=talk.thread_id, result="red")
        assert [event for event in await output.rest() if event["type"] == "error"] == []
        items = {item["type"]: item for item in await talk.items()}
        assert sorted(items) == ["assistant_message", "client_tool_call", "user_message", "workflow"]
        assert [task["title"] for task in items["workflow"]["workflow"]["tasks"]] == ["Ask the page", "Go on"]
        assert len(await talk.items()) == 4


async def test_11_the_app_and_the_store_get_the_threads_metadata_and_nothing_else() -> None:
    saved: list[type] = []
    responded: list[type] = []

    class Naive(MemoryStore[Any]):
        async def save_thread(self, thread: ThreadMetadata, context: Any) -> None:
            saved.append(type(thread))
            await super().save_thread(thread, context)

    async def titling(thread: ThreadMetadata, message: Any) -> AsyncIterator[str]:
        responded.append(type(thread))
        thread.title = "A title"
        yield "Hello."

    async with talking(Assistant(titling, Naive())) as talk:
        await (await talk.create()).rest()
    assert (saved, responded) == ([ThreadMetadata], [ThreadMetadata])


async def test_12_an_item_said_done_twice_is_kept_once_and_the_last_one_wins(store: Any) -> None:
    async def repeating(thread: Any, message: Any) -> AsyncIterator[Any]:
        item = assistant_message("first")
        yield done(item)
        yield done(assistant_message("between"))
        yield done(assistant_message("second", id=item.id))

    async with talking(Assistant(repeating, store)) as talk:
        await (await talk.create()).rest()
        assert await talk.texts() == ["Hi", "second", "between"]


async def test_12_an_item_that_is_added_and_then_replaced_is_kept(store: Any) -> None:
    async def replacing(thread: Any, message: Any) -> AsyncIterator[Any]:
        item = assistant_message()
        yield added(item)
        yield ThreadItemReplacedEvent(item=assistant_message("Replaced.", id=item.id))

    async with talking(Assistant(replacing, store)) as talk:
        await (await talk.create()).rest()
        assert await talk.texts() == ["Hi", "Replaced."]


SAME_MOMENT = datetime(2025, 1, 1, tzinfo=UTC)


async def fifty_at_once(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
    """Items of one moment, of which every second one is hidden."""
    for number in range(50):
        common = {"id": assistant_message().id, "thread_id": thread.id, "created_at": SAME_MOMENT}
        yield done(AssistantMessageItem(**common, content=[AssistantMessageContent(text=str(number))]))
        yield done(HiddenContextItem(**common | {"id": assistant_message().id}, content="secret"))


async def test_13_pages_neither_drop_nor_repeat_items_of_one_moment_and_are_full_while_there_is_more(
    store: Any,
) -> None:
    async with talking(Assistant(fifty_at_once, store)) as talk:
        await (await talk.create("start")).rest()
        sizes, texts, after = [], [], None
        while True:
            page = await talk.ask("items.list", thread_id=talk.thread_id, order="desc", limit=20, after=after)
            sizes.append(len(page["data"]))
            texts += [item["content"][0]["text"] for item in page["data"]]
            if not page["has_more"]:
                break
            after = page["after"]
        assert sizes == [20, 20, 11]
        assert texts == [*map(str, reversed(range(50))), "start"]


async def test_13_a_thread_is_opened_with_its_newest_items_oldest_first(store: Any) -> None:
    async with talking(Assistant(fifty_at_once, store)) as talk:
        await (await talk.create("start")).rest()
        items = (await talk.ask("threads.get_by_id", thread_id=talk.thread_id))["items"]
        assert [item["content"][0]["text"] for item in items["data"]] == [*map(str, range(30, 50))]
        assert (items["has_more"], items["after"]) == (True, items["data"][0]["id"])
        older = await talk.ask("items.list", thread_id=talk.thread_id, order="desc", after=items["after"])
        assert older["data"][0]["content"][0]["text"] == "29"


async def test_14_times_on_the_wire_are_utc_and_ids_have_128_bits(store: Any) -> None:
    async with talking(Assistant(saying("Hello."), store)) as talk:
        await (await talk.create()).rest()
        thread = await talk.ask("threads.get_by_id", thread_id=talk.thread_id)
        rows = [thread, *thread["items"]["data"]]
    assert [row["created_at"] for row in rows if not row["created_at"].endswith("Z")] == []
    assert [row["id"] for row in rows if not re.fullmatch(r"(thr|msg)_[0-9a-f]{32}", row["id"])] == []


async def test_14_a_provider_that_repeats_its_ids_loses_no_answer(store: Any) -> None:
    async def repeating(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield done(assistant_message(f"Answer to {message.text}.", id="msg_0001"))

    async with talking(Assistant(repeating, store)) as talk:
        await (await talk.create("one")).rest()
        await (await talk.say("two")).rest()
        assert await talk.texts() == ["one", "Answer to one.", "two", "Answer to two."]


async def test_15_another_users_attachment_cannot_be_sent(store: Any) -> None:
    async with talking(Assistant(saying("Hello."), store)) as talk:
        mine = FileAttachment(id="atc_mine", name="a.txt", mime_type="text/plain")
        await store.save_attachment(mine, context={"user_id": "bob"})
        with pytest.raises(NotFoundError) as refused:
            await talk.start("threads.create", input=message("Hi", attachments=["atc_mine"]))
        assert (refused.value.status, refused.value.code) == (404, "attachment.not_found")
        assert (await talk.ask("threads.list"))["data"] == []


async def test_16_feedback_is_kept_by_default_and_refused_for_items_that_are_not_there(store: Any) -> None:
    async with talking(Assistant(saying("Hello."), store)) as talk:
        await (await talk.create()).rest()
        answer = (await talk.items())[1]["id"]
        await talk.ask("items.feedback", thread_id=talk.thread_id, item_ids=[answer], kind="negative")
        await talk.ask("items.feedback", thread_id=talk.thread_id, item_ids=[answer], kind="positive")
        with pytest.raises(NotFoundError):
            await talk.ask("items.feedback", thread_id=talk.thread_id, item_ids=[answer, "msg_0"], kind="negative")
        assert await store.load_feedback(talk.thread_id, context=talk.context) == {answer: "positive"}


def test_17_the_core_imports_no_vendors_sdk() -> None:
    code = "import sys, chatkit_core.server; print([m for m in ('openai', 'agents', 'chatkit') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
