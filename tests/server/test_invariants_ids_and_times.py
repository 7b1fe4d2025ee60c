"""The server mints every id, and time is aware UTC."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from talking import Assistant, added, assistant_message, delta, done, talking, types

from chatkit_core import current_turn, reply
from chatkit_core.store import default_generate_id
from chatkit_core.types import AssistantMessageContent, AssistantMessageItem, ThreadItemRemovedEvent, ThreadMetadata
from chatkit_stores.memory import MemoryStore

FAKE = "__fake_id__"
DELTA = "assistant_message.content_part.text_delta"
MINTED = re.compile(r"msg_[0-9a-f]{32}")


async def test_a_models_id_that_repeats_in_a_turn_names_a_new_item_each_time() -> None:
    async def repeating(thread: Any, message: Any) -> AsyncIterator[Any]:
        for word in ("one", "two"):
            yield added(assistant_message(id=FAKE))
            yield delta(FAKE, word)
            yield done(assistant_message(word, id=FAKE))
        yield done(assistant_message("three", id=FAKE))

    async with talking(Assistant(repeating)) as talk:
        events = await (await talk.create()).rest()
        assert FAKE not in str(events)
        assert await talk.texts() == ["Hi", "one", "two", "three"]
        ids = [item["id"] for item in (await talk.items())[1:]]
        assert (len(set(ids)), [id for id in ids if not MINTED.fullmatch(id)]) == (3, [])
        updates = [event["item_id"] for event in events if types([event]) == [DELTA]]
        assert updates == ids[:2]


async def test_what_a_model_removes_by_its_own_id_is_removed() -> None:
    async def removing(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield done(assistant_message("Gone soon.", id=FAKE))
        yield ThreadItemRemovedEvent(item_id=FAKE)
        yield "Still here."

    async with talking(Assistant(removing)) as talk:
        await (await talk.create()).rest()
        assert await talk.texts() == ["Hi", "Still here."]


async def test_a_models_id_that_repeats_in_another_turn_or_thread_names_a_new_item() -> None:
    async def repeating(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield done(assistant_message(f"Answer to {message.text}.", id="msg_1"))

    async with talking(Assistant(repeating)) as talk:
        await (await talk.create("one")).rest()
        await (await talk.say("two")).rest()
        assert await talk.texts() == ["one", "Answer to one.", "two", "Answer to two."]
        await (await talk.create("three")).rest()
        assert await talk.texts() == ["three", "Answer to three."]


async def test_an_id_that_the_app_got_from_the_stores_generator_is_kept() -> None:
    class Numbered(MemoryStore[Any]):
        count = 0

        def generate_item_id(self, item_type: Any, thread: ThreadMetadata, context: Any) -> str:
            self.count += 1
            return f"{item_type}-{self.count}"

    own: list[str] = []

    async def minting(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        own.append(store.generate_item_id("message", thread, {}))
        own.append(current_turn().new_id("message"))
        own.append(default_generate_id("message"))
        for id in own:
            yield done(assistant_message(id, id=id))

    store = Numbered()
    async with talking(Assistant(minting, store)) as talk:
        await (await talk.create()).rest()
        asked, *items = await talk.items()
        assert [item["id"] for item in items] == own
        assert (asked["id"], own[:2]) == ("message-1", ["message-2", "message-3"])


async def test_an_item_of_the_thread_keeps_its_id_when_a_later_turn_says_it_again() -> None:
    async def answering(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        yield done(assistant_message("first", id=known[-1] if known else None))

    known: list[str] = []
    async with talking(Assistant(answering)) as talk:
        await (await talk.create()).rest()
        known.append((await talk.items())[1]["id"])
        await (await talk.say("again")).rest()
        assert [item["id"] for item in await talk.items()].count(known[0]) == 1
        assert await talk.texts() == ["Hi", "first", "again"]


async def test_call_ids_are_the_apps_own() -> None:
    async def calling(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        yield reply.client_tool_call("pick", {}, call_id="call_7")

    async with talking(Assistant(calling)) as talk:
        await (await talk.create()).rest()
        assert (await talk.items())[1]["call_id"] == "call_7"


@pytest.fixture
def kolkata(monkeypatch: pytest.MonkeyPatch) -> Iterator[timezone]:
    """Have the server's clock in a zone that is five and a half hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield timezone(timedelta(hours=5, minutes=30))
    monkeypatch.undo()
    time.tzset()


async def test_a_naive_time_from_an_app_is_local_time_and_utc_on_the_wire_and_in_the_store(kolkata: timezone) -> None:
    moment = datetime(2025, 1, 1, 5, 30)

    async def reply(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        for created_at in (moment, moment.replace(tzinfo=kolkata), datetime(2025, 1, 1, tzinfo=UTC)):
            yield done(
                AssistantMessageItem(
                    id=current_turn().new_id("message"),
                    thread_id=thread.id,
                    created_at=created_at,
                    content=[AssistantMessageContent(text="Hello.")],
                )
            )
        late = assistant_message("Hello.")
        late.created_at = moment
        yield done(late)

    async with talking(Assistant(reply)) as talk:
        events = await (await talk.create()).rest()
        said = [event["item"]["created_at"] for event in events if event["type"] == "thread.item.done"]
        assert said[1:] == ["2025-01-01T00:00:00Z"] * 4
        assert [item.created_at.utcoffset() for item in (await talk.stored())[1:4]] == [timedelta(0)] * 3
