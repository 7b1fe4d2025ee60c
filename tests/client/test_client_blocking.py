"""The client for code that is not async."""

import asyncio
import inspect
import signal
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from chatting import Assistant, Gate, chatting, echo, said
from serving import serve

from chatkit_core import reply
from chatkit_core.client import (
    AsyncChatClient,
    AsyncChatThread,
    AsyncFollow,
    AsyncRun,
    ChatClient,
    ChatThread,
    Follow,
    Run,
    RunEvent,
    ThreadNotFoundError,
)
from chatkit_core.types import UserMessageItem


def test_a_program_without_async_talks_to_a_server() -> None:
    with ChatClient(app=Assistant(echo)) as chat:
        thread = chat.threads.start(title="Mine")
        result = thread.run("one two")
        assert (result.text, result.thread_id) == ("You said: one two ", thread.id)
        with thread.run_streamed("three") as run:
            events = list(run)
        assert (said(events), run.result().text) == ("You said: three ", "You said: three ")
        assert (run.cursor, run.thread_id) == (events[-1].cursor, thread.id)
        messages = [item.text for item in thread.items() if isinstance(item, UserMessageItem)]
        assert messages == ["one two", "three"]
        assert [turn.id for turn in chat.turns.iterate()] == [run.turn_id, result.turn_id]
        assert said(list(chat.turns.follow(run.turn_id))) == "You said: three "
        thread.rename("Ours")
        assert [found.title for found in chat.threads.list().data] == ["Ours"] == [thread.metadata.title]
        thread.delete()
        with pytest.raises(ThreadNotFoundError):
            chat.threads.resume(thread.id)


async def test_it_talks_over_http_from_any_thread() -> None:
    def talk(url: str) -> str:
        with ChatClient(url) as chat:
            return chat.turns.create_and_stream("Hi").result().text

    async with serve(Assistant(echo)) as url:
        texts = await asyncio.gather(*(asyncio.to_thread(talk, url) for _ in range(3)))
    assert texts == ["You said: Hi "] * 3


def test_tools_are_plain_functions_that_may_use_the_client() -> None:
    async def ask(text: str) -> AsyncIterator[Any]:
        answer = await reply.ask("Which thread is this?")
        yield f"It is {answer.text}."

    with ChatClient(app=Assistant(ask)) as chat:
        thread = chat.threads.start(title="Number 7")
        chat.on_input(lambda item: {"answer": chat.threads.resume(item.thread_id).metadata.title})
        assert thread.run("Hi").text == "It is Number 7."


def test_subscribers_are_told_from_another_thread() -> None:
    seen: list[RunEvent] = []
    ended = threading.Event()

    def listen(event: RunEvent) -> None:
        seen.append(event)
        if event.type == "completed":
            ended.set()

    with ChatClient(app=Assistant(echo)) as chat:
        thread = chat.threads.start()
        thread.subscribe(listen)
        thread.run("Hi")
        assert ended.wait(10)
        thread.unsubscribe(listen)
        thread.run("Hi again")
    assert said(seen) == "You said: Hi "


def test_an_interrupt_stops_the_turn_and_is_raised() -> None:
    interrupted = threading.Event()

    def interrupt(event: RunEvent) -> None:
        if event.type == "agent_message_delta" and not interrupted.is_set():
            interrupted.set()
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)

    with ChatClient(app=Assistant(Gate().reply)) as chat:
        thread = chat.threads.start()
        thread.subscribe(interrupt)
        with pytest.raises(KeyboardInterrupt):
            thread.run("Hi")
        [turn] = chat.turns.list().data
        turn = chat.turns.wait(turn.id)
        assert (turn.status, turn.cancel_reason) == ("cancelled", "user")


@pytest.mark.parametrize(
    ("blocking", "original"),
    [(ChatClient, AsyncChatClient), (ChatThread, AsyncChatThread), (Run, AsyncRun), (Follow, AsyncFollow)],
)
def test_the_twins_have_the_same_names_and_arguments(blocking: type, original: type) -> None:
    def methods(cls: type) -> dict[str, Any]:
        found = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}
        parameters = {name: inspect.signature(value).parameters for name, value in found.items() if callable(value)}
        return {"close" if name == "aclose" else name: value for name, value in parameters.items()}

    assert methods(blocking) == methods(original)


async def test_the_parts_have_the_same_names_too() -> None:
    async with chatting() as chat:
        with ChatClient(app=Assistant(echo)) as blocking:
            for part in ("threads", "turns"):
                names = [{name for name in dir(getattr(client, part)) if name[0] != "_"} for client in (chat, blocking)]
                assert names[0] == names[1]
