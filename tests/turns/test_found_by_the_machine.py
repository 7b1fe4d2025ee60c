"""What `test_thread_machine.py` has found, each as a plain test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chatkit_core import ChatServer, current_turn, reply, sse
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_core.types import ThreadItemAddedEvent, WidgetItem, utc_now
from chatkit_core.widgets import Card, Text
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

ADA = {"user_id": "ada"}
Event = dict[str, Any]


class Talk:
    """A client of one thread that knows turns."""

    def __init__(self, server: ChatServer[Any], thread_id: str) -> None:
        self._server = server
        self._thread_id = thread_id

    async def ask(self, type: str, **params: Any) -> Any:
        result = await self._server.process(json.dumps({"type": type, "params": params}), ADA)
        assert isinstance(result, NonStreamingResult)
        return json.loads(result.json)

    async def hear(self, type: str, **params: Any) -> AsyncIterator[Event]:
        """Send an op that is answered with a stream; return its events."""
        op = {"type": type, "params": {"thread_id": self._thread_id, **params}}
        result = await self._server.process(json.dumps(op), ADA, turns=True)
        assert isinstance(result, StreamingResult)
        return self._read(result)

    async def start(self, type: str, **params: Any) -> asyncio.Task[list[Event]]:
        """Send such an op; return the task that reads the events to their end."""
        return asyncio.create_task(self._to_the_end(await self.hear(type, **params)))

    async def say(self, text: str) -> asyncio.Task[list[Event]]:
        return await self.start("threads.add_user_message", **message(text))

    async def answer(self, question: Event, text: str) -> asyncio.Task[list[Event]]:
        return await self.start("threads.add_structured_input", **answers(question, text))

    async def items(self, type: str) -> list[Event]:
        page = await self.ask("items.list", thread_id=self._thread_id, order="asc", limit=100)
        return [item for item in page["data"] if item["type"] == type]

    async def statuses(self) -> list[str]:
        page = await self.ask("turns.list", thread_id=self._thread_id, order="asc")
        return [turn["status"] for turn in page["data"]]

    def through(self, server: ChatServer[Any]) -> "Talk":
        """Return a client of the same thread that another process serves."""
        return Talk(server, self._thread_id)

    async def events(self) -> list[Event]:
        """Return all events of the first turn."""
        page = await self.ask("turns.list", thread_id=self._thread_id, order="asc")
        polled = await self.ask("turns.events", turn_id=page["data"][0]["id"])
        return [one["event"] for one in polled["events"]]

    @staticmethod
    async def _to_the_end(events: AsyncIterator[Event]) -> list[Event]:
        return [event async for event in events]

    @staticmethod
    async def _read(result: StreamingResult) -> AsyncIterator[Event]:
        decoder = sse.Decoder()
        async for frames in result:
            for frame in decoder.feed(frames):
                yield json.loads(frame.data)


def message(text: str) -> Event:
    """Return what `threads.add_user_message` takes."""
    return {"input": {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}}


def answers(question: Event, text: str) -> Event:
    """Return what `threads.add_structured_input` takes."""
    given = {one["id"]: {"values": [text]} for one in question["inputs"]}
    return {"item_id": question["id"], "input": {"answers": given}}


def still_open(events: list[Event]) -> set[str]:
    """Return the items that were added, and neither said done nor removed."""
    added = {event["item"]["id"] for event in events if event["type"] == "thread.item.added"}
    done = {event["item"]["id"] for event in events if event["type"] == "thread.item.done"}
    return added - done - {event["item_id"] for event in events if event["type"] == "thread.item.removed"}


@asynccontextmanager
async def talking(server: ChatServer[Any]) -> AsyncIterator[Talk]:
    async with asyncio.timeout(10), server.lifespan():
        result = await server.process('{"type": "threads.start"}', ADA)
        assert isinstance(result, NonStreamingResult)
        yield Talk(server, json.loads(result.json)["id"])


async def test_a_reply_that_asks_goes_on_in_place_though_another_turn_was_made_meanwhile() -> None:
    runs: list[str | None] = []

    class Books(ChatServer[Any]):
        async def respond(self, thread, message, context):
            runs.append(message and message.text)
            yield f"To {(await reply.ask('Where to?')).text}"

        async def action(self, thread, action, sender, context):
            yield "Pressed"

    async with talking(Books(MemoryStore())) as talk:
        await (await talk.say("Book it"))
        await (await talk.start("threads.custom_action", action={"type": "press"}))
        [question] = await talk.items("structured_input")
        await (await talk.answer(question, "Rome"))
        assert runs == ["Book it"]
        assert await talk.statuses() == ["completed", "completed"]


async def test_a_turn_does_not_wait_for_what_was_answered_while_it_still_ran() -> None:
    called, answered = asyncio.Event(), asyncio.Event()

    class Looks(ChatServer[Any]):
        async def respond(self, thread, message, context):
            if message is None:
                yield "I see."
                return
            yield reply.client_tool_call("look", {})
            called.set()
            await answered.wait()

    async with talking(Looks(MemoryStore())) as talk:
        first = await talk.say("Look")
        await called.wait()
        second = await talk.start("threads.add_client_tool_output", result="a cat")
        answered.set()
        await asyncio.gather(first, second)
        assert await talk.statuses() == ["completed", "completed"]


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


class Asks(ChatServer[Any]):
    """Asks as it is told; an action, and a reply that waits, end when `over` is set."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.acts, self.over = asyncio.Event(), asyncio.Event()

    async def respond(self, thread, message, context):
        if message is None:
            return
        if message.text == "Ask":
            await reply.ask("What?")
            return
        yield reply.client_tool_call("look", {})
        if message.text == "Look, and wait":
            self.acts.set()
            await self.over.wait()

    async def action(self, thread, action, sender, context):
        yield "Acting"
        self.acts.set()
        await self.over.wait()


def last_said(events: list[Event], item_id: str) -> Event:
    """Return the item as it was said last."""
    items = [event["item"] for event in events if "item" in event]
    return [item for item in items if item["id"] == item_id][-1]


async def test_an_answer_is_said_though_its_turn_is_cancelled_before_it_can_go_on() -> None:
    server = Asks()
    async with talking(server) as talk:
        await (await talk.say("Look"))
        acting = await talk.start("threads.custom_action", action={"type": "press"})
        await server.acts.wait()
        answering = await talk.start("threads.add_client_tool_output", result="a cat")
        [turn, _] = (await talk.ask("turns.list", order="asc"))["data"]
        await talk.ask("turns.cancel", turn_id=turn["id"])
        await answering
        server.over.set()
        await acting
        [call] = await talk.items("client_tool_call")
        assert last_said(await talk.events(), call["id"]) == call


async def test_an_answer_is_said_though_the_turn_that_it_begins_is_cancelled_in_the_queue() -> None:
    server = Asks()
    async with talking(server) as talk:
        first = await talk.say("Look, and wait")
        await server.acts.wait()
        answering = await talk.start("threads.add_client_tool_output", result="a cat")
        [_, turn] = (await talk.ask("turns.list", order="asc"))["data"]
        await talk.ask("turns.cancel", turn_id=turn["id"])
        said = await answering
        server.over.set()
        await first
        [call] = await talk.items("client_tool_call")
        assert last_said([*await talk.events(), *said], call["id"]) == call


async def test_who_follows_the_thread_hears_the_running_turn_while_an_answered_one_waits_for_it() -> None:
    server = Asks()
    async with talking(server) as talk:
        await (await talk.say("Ask"))
        acting = await talk.start("threads.custom_action", action={"type": "press"})
        await server.acts.wait()
        [question] = await talk.items("structured_input")
        answering = await talk.answer(question, "this")
        async with asyncio.timeout(2):
            async for event in await talk.hear("turns.follow"):
                if event.get("update", {}).get("delta") == "Acting":
                    break
        server.over.set()
        await asyncio.gather(acting, answering)


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


async def test_a_reply_that_asks_does_not_wait_for_what_was_answered_before_it_asked() -> None:
    called, answered = asyncio.Event(), asyncio.Event()

    class LooksAndAsks(ChatServer[Any]):
        async def respond(self, thread, message, context):
            if message is not None:
                yield reply.client_tool_call("look", {})
                called.set()
                await answered.wait()
                yield (await reply.ask("What is it?")).text

    async with talking(LooksAndAsks(MemoryStore())) as talk:
        first = await talk.say("Look")
        await called.wait()
        second = await talk.start("threads.add_client_tool_output", result="a cat")
        answered.set()
        await asyncio.gather(first, second)
        [question] = await talk.items("structured_input")
        await (await talk.answer(question, "a cat"))
        assert await talk.statuses() == ["completed", "completed"]


async def test_who_follows_the_thread_from_a_queued_turn_hears_one_that_went_ahead_of_it() -> None:
    class Waits(ChatServer[Any]):
        async def respond(self, thread, message, context):
            yield f"{message.text}!"
            if message.text == "First":
                await asyncio.Event().wait()

    async with talking(Waits(MemoryStore())) as talk:
        first = await talk.say("First")
        queued = await talk.say("Queued")
        [_, turn] = (await talk.ask("turns.list", order="asc"))["data"]
        follower = await talk.hear("turns.follow", after=f"{turn['id']}:1")
        ahead = await talk.start("threads.add_user_message", **message("Ahead"), turn={"on_busy": "interrupt"})
        await asyncio.gather(first, queued, ahead)
        deltas = [event["update"].get("delta") async for event in follower if "update" in event]
        assert {"Ahead!", "Queued!"} <= set(deltas)
