"""`server.run`: a conversation in the process, without any web."""

import asyncio
import subprocess
import sys

import pytest
from talking import ADA, Assistant, Gate, saying, talking

from chatkit_core.client import ThreadNotFoundError, TurnCancelledError
from chatkit_core.types import TurnOptions


async def test_a_message_is_answered_and_the_same_thread_is_the_same_conversation() -> None:
    async with talking(Assistant(saying("Hello, ", "you."))) as talk:
        run = await talk.server.run("Hi", context=ADA)
        assert "".join([event.delta async for event in run if event.type == "agent_message_delta"]) == "Hello, you."
        result = await run.result()
        assert (result.text, result.status, result.turn_id) == ("Hello, you.", "completed", run.turn_id)
        again = await talk.server.run("Again", thread_id=run.thread_id, context=ADA)
        await again.result()
        talk.thread_id = str(run.thread_id)
        assert await talk.texts() == ["Hi", "Hello, you.", "Again", "Hello, you."]


async def test_a_run_can_be_cancelled_and_keeps_what_was_said() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        run = await talk.server.run("Hi", context=ADA, options=TurnOptions(sender={"name": "cron"}))
        async for event in run:
            if event.type == "agent_message_delta":
                break
        await run.cancel()
        with pytest.raises(TurnCancelledError):
            await run.result()
        talk.thread_id = str(run.thread_id)
        assert await talk.texts() == ["Hi", "Once "]
        assert [turn.sender for turn in await talk.turns()] == [{"name": "cron"}]


async def test_nobody_need_read_a_run_and_a_strangers_thread_does_not_exist() -> None:
    async with talking(Assistant(saying("Hello."))) as talk:
        run = await talk.server.run("Hi", context=ADA)
        await talk.ask("turns.wait", turn_id=run.turn_id)
        with pytest.raises(ThreadNotFoundError):
            await talk.server.run("Mine?", thread_id=run.thread_id, context={"user_id": "bob"})
        await asyncio.wait_for(run.result(), 10)


def test_the_core_does_not_load_the_client() -> None:
    loaded = (
        "import sys, chatkit_core; print([name for name in sys.modules if 't_core.client' in name or 'httpx' in name])"
    )
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
