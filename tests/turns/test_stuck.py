"""What swallows its cancellation and never ends, keeps nothing else from ending."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from processes import CANCEL_GRACE, SHUTDOWN_GRACE, Machine, Server, machine, until
from reading import Reader, text_of

STUCK = """
    async def be_stuck(self):
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                Path("swallowed").touch()
"""
RESPOND = (
    STUCK
    + """
    async def respond(self, thread, message, context):
        if message.text == "briefly":
            yield "That is all."
            return
        yield "Once "
        while message.text == "in a loop":
            try:
                yield "again "
                await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                Path("swallowed").touch()
        await self.be_stuck()
"""
)
HANDLER = (
    STUCK
    + """
    async def respond(self, thread, message, context):
        yield "Once "
        await asyncio.sleep(60)

    async def handle_stream_cancelled(self, thread, pending_items, context):
        await self.be_stuck()
"""
)
TITLE = (
    STUCK
    + """
    end_grace = 0.5

    async def respond(self, thread, message, context):
        yield "Once "

    async def generate_title(self, thread, message, context):
        await self.be_stuck()
"""
)
TERM, INT = signal.SIGTERM, signal.SIGINT


class Stuck:
    """A turn that says "Once " and is stuck, and a user who listens to its end."""

    def __init__(self, server: Server, text: str) -> None:
        self.reader = Reader()
        self.ended = asyncio.create_task(self.reader.say(server.client, text))


async def stuck_turn(server: Server, text: str = "in silence") -> Stuck:
    stuck = Stuck(server, text)
    await until(lambda: stuck.reader.text)
    return stuck


def ends(host: Machine) -> list[Any]:
    return host.rows("SELECT status, error_code FROM turns")


@pytest.mark.parametrize(("text", "number"), [("in silence", INT), ("in a loop", TERM)])
async def test_a_respond_that_does_not_stop_holds_up_neither_its_turn_nor_its_thread_nor_its_process(
    text: str, number: signal.Signals, tmp_path: Path
) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, after = await host.start(), Reader()
        stuck = await stuck_turn(server, text)
        thread_id = stuck.reader.thread_id
        async with asyncio.timeout(CANCEL_GRACE + 1):
            await server.ask("turns.cancel", turn_id=stuck.reader.turn_id, reason="user")
            await stuck.ended
            await after.say(server.client, "briefly", thread_id=thread_id)
        assert (stuck.reader.kinds[-1], after.kinds[-1]) == ("turn.cancelled", "turn.completed")
        assert host.wrote("swallowed")
        texts = [text_of(item) for item in await server.items(thread_id)]
        assert texts == [text, stuck.reader.text, "briefly", "That is all."]
        assert await server.terminate(number) < SHUTDOWN_GRACE + 2


async def test_a_respond_that_ignores_the_shutdown_of_its_process_fails_with_it(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server = await host.start()
        stuck = await stuck_turn(server)
        assert await server.terminate() < SHUTDOWN_GRACE + 4
        await stuck.ended
        assert host.wrote("swallowed")
        assert ends(host) == [("failed", "server.shutdown")]
        assert stuck.reader.kinds[-1] == "turn.failed"


async def test_a_respond_that_goes_on_after_its_turn_was_lost_does_not_hold_up_its_process(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server = await host.start()
        stuck = await stuck_turn(server)
        server.stop()
        await until(lambda: host.rows("SELECT max(expires_at) FROM leases")[0][0] < time.time())
        server.wake()
        await stuck.ended
        await until(lambda: ends(host) == [("failed", "server.interrupted")])
        assert host.wrote("swallowed")
        assert await server.terminate(INT) < SHUTDOWN_GRACE + 2


async def test_a_handler_of_cancelled_turns_that_does_not_end_does_not_hold_up_its_process(tmp_path: Path) -> None:
    async with machine(tmp_path, HANDLER) as host:
        server = await host.start()
        stuck = await stuck_turn(server)
        async with asyncio.timeout(CANCEL_GRACE + 1):
            await server.ask("turns.cancel", turn_id=stuck.reader.turn_id, reason="user")
            await stuck.ended
        assert stuck.reader.kinds[-1] == "turn.cancelled"
        await until(lambda: host.wrote("swallowed"))
        assert await server.terminate(INT) < SHUTDOWN_GRACE + 2


async def test_a_title_that_is_never_made_holds_up_neither_its_turn_nor_its_process(tmp_path: Path) -> None:
    async with machine(tmp_path, TITLE) as host:
        server = await host.start()
        stuck = await stuck_turn(server)
        async with asyncio.timeout(2):
            await stuck.ended
        assert stuck.reader.kinds[-1] == "turn.completed"
        assert host.wrote("swallowed")
        assert await server.terminate() < SHUTDOWN_GRACE + 2
