"""A `respond` that swallows its cancellation and never ends keeps nothing else from ending."""

import asyncio
import time
from pathlib import Path

import pytest
from processes import CANCEL_GRACE, SHUTDOWN_GRACE, machine, until
from reading import Reader, text_of

RESPOND = """
    async def respond(self, thread, message, context):
        if message.text == "briefly":
            yield "That is all."
            return
        yield "Once "
        while True:
            try:
                if message.text == "in a loop":
                    yield "again "
                await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                Path("swallowed").touch()
"""


@pytest.mark.parametrize("how", ["in silence", "in a loop"])
async def test_its_turn_ends_its_thread_goes_on_and_its_process_ends(how: str, tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, stuck, after = await host.start(), Reader(), Reader()
        saying = asyncio.create_task(stuck.say(server.client, how))
        await until(lambda: stuck.text)
        async with asyncio.timeout(CANCEL_GRACE + 1):
            await server.ask("turns.cancel", turn_id=stuck.turn_id, reason="user")
            await saying
            await after.say(server.client, "briefly", thread_id=stuck.thread_id)
        assert (stuck.kinds[-1], after.kinds[-1]) == ("turn.cancelled", "turn.completed")
        assert host.wrote("swallowed")
        said, partial, *rest = [text_of(item) for item in await server.items(stuck.thread_id)]
        assert (said, partial, rest) == (how, stuck.text, ["briefly", "That is all."])

        assert await server.terminate() < SHUTDOWN_GRACE + 2
        assert "Traceback" not in server.log


@pytest.mark.parametrize("how", ["in silence", "in a loop"])
async def test_its_turn_ends_with_the_process_whose_shutdown_it_ignores(how: str, tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, stuck = await host.start(), Reader()
        saying = asyncio.create_task(stuck.say(server.client, how))
        await until(lambda: stuck.text)
        assert await server.terminate() < SHUTDOWN_GRACE + 2
        await saying
        assert host.wrote("swallowed")
        assert host.rows("SELECT status, error_code FROM turns") == [("failed", "server.shutdown")]
        assert stuck.kinds[-1] == "turn.failed"
        assert "Traceback" not in server.log


async def test_its_process_ends_also_if_it_had_lost_the_turn_before(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, stuck = await host.start(), Reader()
        saying = asyncio.create_task(stuck.say(server.client, "in silence"))
        await until(lambda: stuck.text)
        server.stop()
        await until(lambda: host.rows("SELECT max(expires_at) FROM leases")[0][0] < time.time())
        server.wake()
        await saying
        await until(lambda: host.rows("SELECT status, error_code FROM turns") == [("failed", "server.interrupted")])
        assert host.wrote("swallowed")
        assert await server.terminate() < SHUTDOWN_GRACE + 2
