"""What `test_thread_machine.py` has found, each as a plain test."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from one_thread import ADA, Event, Talk, message, talking

from chatkit_core import ChatServer, reply
from chatkit_core.engine import keeper
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore


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
        follower = await talk.hear("turns.follow")
        deltas = (event["update"]["delta"] async for event in follower if "delta" in event.get("update", {}))
        async with asyncio.timeout(2):
            assert await anext(deltas) == "Acting"
        server.over.set()
        await asyncio.gather(acting, answering)
        assert [delta async for delta in deltas] == []
        assert await talk.statuses() == ["completed", "completed"]


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


async def test_what_was_answered_before_a_tool_call_is_no_answer_to_what_is_asked_after_it() -> None:
    class Deletes(ChatServer[Any]):
        async def respond(self, thread, message, context):
            if message is not None:
                if (await reply.ask(reply.approval("May I look?"))).approved:
                    yield reply.client_tool_call("look", {})
            elif (await reply.ask(reply.approval("May I delete it all?"))).approved:
                yield "All is gone"

    async with talking(Deletes(MemoryStore())) as talk:
        await (await talk.say("Clean up"))
        [question] = await talk.items("structured_input")
        await (await talk.answer(question, "Approve"))
        await (await talk.start("threads.add_client_tool_output", result="a mess"))
        assert await talk.items("assistant_message") == []
        assert await talk.statuses() == ["waiting"]


class LooksWhileItAsks(ChatServer[Any]):
    """Waits for the page, and in place for the user; an action ends when `over` is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SQLiteStore(folder / "chat.db"))
        self.over, self.left = asyncio.Event(), asyncio.Event()

    async def respond(self, thread, message, context):
        if message is not None and message.text == "Look":
            yield reply.client_tool_call("look", {})
        try:
            yield (await reply.ask("What is it?")).text
        finally:
            self.left.set()

    async def action(self, thread, action, sender, context):
        await self.over.wait()
        yield "Pressed"

    def context_for(self, turn):
        return ADA


async def said_in(talk: Talk) -> list[Event]:
    """Return the numbered events of the first turn."""
    [turn, *_] = (await talk.ask("turns.list", order="asc"))["data"]
    return list((await talk.ask("turns.events", turn_id=turn["id"]))["events"])


async def test_what_another_process_has_said_stays_when_a_reply_goes_on_where_it_asked(tmp_path: Path) -> None:
    here, there = LooksWhileItAsks(tmp_path), LooksWhileItAsks(tmp_path)
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Look"))
        await (await talk.through(there).start("threads.add_client_tool_output", result="a cat"))
        before = await said_in(talk)
        [question] = await talk.items("structured_input")
        await (await talk.answer(question, "a cat"))
        assert await talk.statuses() == ["completed"]
        assert (await said_in(talk))[: len(before)] == before


async def test_what_another_process_has_said_stays_when_a_reply_is_cancelled_where_it_asked(tmp_path: Path) -> None:
    here, there = LooksWhileItAsks(tmp_path), LooksWhileItAsks(tmp_path)
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Look"))
        await (await talk.through(there).start("threads.add_client_tool_output", result="a cat"))
        before = await said_in(talk)
        [turn] = (await talk.ask("turns.list"))["data"]
        await talk.ask("turns.cancel", turn_id=turn["id"])
        assert await talk.statuses() == ["cancelled"]
        assert (await said_in(talk))[: len(before)] == before


async def test_a_reply_that_asks_is_let_go_once_another_process_has_said_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "POLLING", 0.02)
    here, there = LooksWhileItAsks(tmp_path), LooksWhileItAsks(tmp_path)
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Look"))
        await (await talk.through(there).start("threads.add_client_tool_output", result="a cat"))
        await here.left.wait()
        assert await talk.statuses() == ["waiting"]


async def test_an_answer_to_another_process_waits_for_the_thread_and_then_lets_go_the_reply_that_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "POLLING", 0.02)
    here, there = LooksWhileItAsks(tmp_path), LooksWhileItAsks(tmp_path)
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Ask"))
        acting = await talk.start("threads.custom_action", action={"type": "press"})
        [question] = await talk.items("structured_input")
        answering = await talk.through(there).answer(question, "a cat")
        assert await talk.statuses() == ["waiting", "running"]
        here.over.set()
        await asyncio.gather(acting, answering, here.left.wait())
        assert await talk.statuses() == ["completed", "completed"]


async def test_who_follows_where_a_reply_asked_hears_nothing_twice_when_another_process_goes_on(tmp_path: Path) -> None:
    here, there = LooksWhileItAsks(tmp_path), LooksWhileItAsks(tmp_path)
    async with talking(here) as talk, there.lifespan():
        await (await talk.say("Look"))
        follower = await talk.hear("turns.follow")
        await (await talk.through(there).start("threads.add_client_tool_output", result="a cat"))
        heard: list[Event] = []
        while [event["type"] for event in heard].count("turn.waiting") < 2:
            heard.append(await anext(follower))
        [question] = await talk.items("structured_input")
        await (await talk.through(there).answer(question, "a cat"))
        heard += [event async for event in follower]
        assert heard == await talk.events()
