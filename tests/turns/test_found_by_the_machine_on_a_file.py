"""What `test_thread_machine.py` has found where the log is written a little later, or two processes share it."""

import asyncio
from pathlib import Path
from typing import Any

from one_thread import ADA, answers, message, still_open, talking

from chatkit_core import ChatServer, current_turn, reply
from chatkit_core.types import ThreadItemAddedEvent, WidgetItem, utc_now
from chatkit_core.widgets import Card, Text
from chatkit_stores.sqlite import SQLiteStore


class ShowsAndAsks(ChatServer[Any]):
    """Has a widget open while it asks."""

    async def respond(self, thread, message, context):
        id = current_turn().new_id("message")
        widget = Card(children=[Text(value="Working …")])
        item = WidgetItem(id=id, thread_id=thread.id, created_at=utc_now(), widget=widget)
        yield ThreadItemAddedEvent(item=item)
        answer = await reply.ask("Go on?")
        yield f"So you say {answer.text}"

    def context_for(self, turn):
        return ADA


async def test_what_is_open_while_a_reply_asks_is_kept_when_another_process_cancels_the_turn(tmp_path: Path) -> None:
    here, there = (ShowsAndAsks(SQLiteStore(tmp_path / "chat.db")) for _ in range(2))
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Go"))
        [turn] = (await talk.ask("turns.list"))["data"]
        await talk.through(there).ask("turns.cancel", turn_id=turn["id"])
        assert await talk.statuses() == ["cancelled"]
        assert still_open(await talk.events()) == set()
        assert len(await talk.items("widget")) == 1


async def test_what_is_open_while_a_reply_asks_is_closed_when_another_process_goes_on(tmp_path: Path) -> None:
    here, there = (ShowsAndAsks(SQLiteStore(tmp_path / "chat.db")) for _ in range(2))
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Go"))
        [question] = await talk.items("structured_input")
        await (await talk.through(there).answer(question, "yes"))
        assert await talk.statuses() == ["completed"]
        assert still_open(await talk.events()) == set()


async def test_a_process_that_has_lost_its_turn_does_not_tell_that_it_is_over_without_how_it_ended(
    tmp_path: Path,
) -> None:
    class Writes(ChatServer[Any]):
        async def respond(self, thread, message, context):
            yield "Once"
            await asyncio.Event().wait()

        def context_for(self, turn):
            return ADA

    here, there = (Writes(SQLiteStore(tmp_path / "chat.db")) for _ in range(2))
    async with talking(here) as talk, there.lifespan():
        reading = await talk.say("Write")
        async for event in await talk.through(there).hear("turns.follow"):
            if event.get("update", {}).get("delta") == "Once":
                break
        [turn] = (await talk.ask("turns.list"))["data"]
        await here.turn_log.release_lease(here._engine.runner.lease.held or "")
        await talk.through(there).ask("turns.cancel", turn_id=turn["id"])
        polled = await talk.ask("turns.events", turn_id=turn["id"])
        assert "next_after_seq" in polled or polled["events"][-1]["event"]["type"] == "turn.failed"
        reading.cancel()


async def test_a_client_may_answer_as_soon_as_it_hears_the_question(tmp_path: Path) -> None:
    runs: list[str | None] = []

    class AsksMuch(ChatServer[Any]):
        async def respond(self, thread, message, context):
            runs.append(message and message.text)
            for number in range(8):
                yield (await reply.ask(f"Number {number}?")).text

    async with talking(AsksMuch(SQLiteStore(tmp_path / "chat.db"))) as talk:
        events = await talk.hear("threads.add_user_message", **message("Ask"))
        for number in range(8):
            async for event in events:
                if event["type"] == "thread.item.done" and event["item"]["type"] == "structured_input":
                    events = await talk.hear("threads.add_structured_input", **answers(event["item"], str(number)))
                    break
        async for _ in events:
            pass
        assert runs == ["Ask"]
        assert await talk.statuses() == ["completed"]
        texts = [item["content"][0]["text"] for item in await talk.items("assistant_message")]
        assert "".join(texts) == "01234567"
