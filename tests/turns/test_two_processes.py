"""Two processes on one database: what one is asked, is done where the turn is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from processes import Machine, Server, machine, until
from reading import Reader, is_kind, text_of

RESPOND = """
    async def respond(self, thread, message, context):
        import os

        with Path("ran").open("a", buffering=1) as ran:
            print("begin", message.text, os.getpid(), file=ran)
            try:
                for number in range(500 if message.text == "at length" else 10):
                    yield f"{number} "
                    await asyncio.sleep(0.02)
            finally:
                print("end", message.text, os.getpid(), file=ran)
"""
WORDS = "".join(f"{number} " for number in range(500))

ASKING = """
    async def respond(self, thread, message, context):
        name = await reply.ask("What is your name?")
        city = await reply.ask("Which city?")
        yield f"{name.text} of {city.text}."
"""
WITH_INPUTS = """
    async def respond(self, thread, message, context):
        from chatkit_core import current_turn
        from chatkit_core.types import StructuredInputFreeform

        answered = [item.inputs[0].answer.values[0] for item in current_turn().answered]
        if message is not None:
            yield reply.structured_input([StructuredInputFreeform(id="answer", question="What is your name?")])
        elif answered == ["Ada"]:
            yield reply.structured_input([StructuredInputFreeform(id="answer", question="Which city?")])
        else:
            yield "Ada of " + answered[0] + "."
"""


def ran(host: Machine) -> list[list[str]]:
    """Return when replies began and ended: what happened, to which message, in which process."""
    return [line.rsplit(" ", 1)[0].split(" ", 1) for line in (host.folder / "ran").read_text().splitlines()]


async def test_a_cancel_that_another_process_hears_ends_the_turn_within_a_second(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        here, there = await asyncio.gather(host.start(), host.start())
        reader = Reader()
        saying = asyncio.create_task(reader.say(here.client, "at length"))
        await until(lambda: "10 " in reader.text)
        async with asyncio.timeout(1):
            await there.ask("turns.cancel", turn_id=reader.turn_id, reason="enough")
            await saying
        turn = await there.turn(reader.turn_id)
        assert (turn["status"], turn["cancel_reason"]) == ("cancelled", "enough")
        assert reader.events[-1]["turn"] == turn
        assert [text_of(item) for item in await there.items(reader.thread_id)] == ["at length", reader.text]
        assert reader.text != WORDS
        assert WORDS.startswith(reader.text)


async def test_messages_to_two_processes_are_answered_one_after_the_other(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        servers = await asyncio.gather(host.start(), host.start())
        readers = [Reader() for _ in range(6)]
        saying = [asyncio.create_task(readers[0].say(servers[0].client, "0"))]
        await until(lambda: readers[0].text)
        thread_id = readers[0].thread_id
        for number in range(1, 6):
            server, reader = servers[number % 2], readers[number]
            saying.append(asyncio.create_task(reader.say(server.client, str(number), thread_id=thread_id)))
            await until(lambda reader=reader: reader.cursors)  # type: ignore[misc]
            assert reader.kinds[0] == "turn.queued"
        await asyncio.gather(*saying)
        assert ran(host) == [[what, str(number)] for number in range(6) for what in ("begin", "end")]
        answer = "".join(f"{number} " for number in range(10))
        assert [reader.text for reader in readers] == [answer] * 6
        assert {reader.kinds[-1] for reader in readers} == {"turn.completed"}
        texts = [text_of(item) for item in await servers[0].items(thread_id)]
        assert texts == [text for number in range(6) for text in (str(number), answer)]


async def answer(server: Server, reader: Reader, question: Any, text: str) -> Reader:
    """Answer a question of the reader's turn; return who reads what comes then."""
    answering = Reader()
    answers = {"answer": {"values": [text]}}
    params = {"thread_id": reader.thread_id, "item_id": question["id"], "input": {"answers": answers}}
    await answering.send(server.client, "threads.add_structured_input", **params)
    return answering


async def open_question(server: Server, reader: Reader) -> Any:
    """Return the one item that waits for an answer."""
    items = await server.items(reader.thread_id)
    [question] = [item for item in items if item.get("status") == "pending"]
    return question


@pytest.mark.parametrize("respond", [ASKING, WITH_INPUTS], ids=["ask", "structured input"])
async def test_an_answer_that_another_process_hears_lets_the_turn_go_on(respond: str, tmp_path: Path) -> None:
    async with machine(tmp_path, respond) as host:
        here, there = await asyncio.gather(host.start(), host.start())
        asked, follower = Reader(), Reader()
        await asked.say(here.client, "Hi", stop=is_kind("turn.waiting"))
        following = asyncio.create_task(follower.follow(here.client, turn_id=asked.turn_id))

        first = await answer(there, asked, await open_question(there, asked), "Ada")
        assert (first.text, first.kinds[-1]) == ("", "turn.waiting")
        second = await answer(here, asked, await open_question(here, asked), "Rome")
        assert (second.text, second.kinds[-1]) == ("Ada of Rome.", "turn.completed")
        await following
        assert {asked.turn_id, first.turn_id, second.turn_id} == {follower.turn_id}
        assert follower.seqs == asked.seqs + first.seqs + second.seqs
        texts = [text_of(item) for item in await there.items(asked.thread_id)]
        assert texts == ["Hi", "<structured_input>", "<structured_input>", "Ada of Rome."]
