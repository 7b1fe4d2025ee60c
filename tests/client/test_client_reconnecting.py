"""Connections break, and the client goes on after the last event that it has."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from chatting import Assistant, Gate, echo, said, types
from faults import Fault, Faulty, after, at_once, before_it_arrives, before_the_answer, refusing, serving

from chatkit_core.client import AsyncChatClient, ConnectionLostError, NotSignedInError, RefusedError
from chatkit_core.client import backoff

WHOLE = ["turn_started", "item_completed", "system_event", "item_started", "raw", "agent_message_delta", "raw"]
WHOLE += ["item_completed", "completed"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long before the next try."""
    monkeypatch.setattr(backoff, "FIRST", 0.001)
    monkeypatch.setattr(backoff, "LONGEST", 0.01)


@asynccontextmanager
async def chatting_over(*faults: Fault) -> AsyncIterator[tuple[AsyncChatClient, Faulty]]:
    app = Faulty(Assistant(echo), *faults)
    async with asyncio.timeout(20), serving(app) as url, AsyncChatClient(url) as chat:
        yield chat, app


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [before_it_arrives],
        [before_the_answer],
        [before_it_arrives, before_the_answer, before_the_answer],
        [at_once],
        [after("turn.started")],
        [after("said: ")],
        [after("said: ", cut=True)],
        [after("said: ", cut=True), before_it_arrives, after("one two "), at_once],
        [after("said: "), refusing(503, "server.shutting_down"), refusing(502, "?")],
        [after("thread.item.done"), after("one two"), after("turn.completed")],
    ],
)
async def test_every_event_comes_once_whatever_breaks(faults: list[Fault]) -> None:
    async with chatting_over(*faults) as (chat, app):
        thread = await chat.threads.start()
        run = thread.run_streamed("one two three")
        events = [event async for event in run]
        assert (types(events), said(events)) == (WHOLE, "You said: one two three ")
        assert [event.cursor for event in events] == [f"{run.turn_id}:{seq}" for seq in range(1, len(events) + 1)]
        assert (await run.result()).text == "You said: one two three "
        assert [turn.id async for turn in chat.turns.iterate()] == [run.turn_id]
        assert app.faults == []
