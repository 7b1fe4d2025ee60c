"""SIGTERM to a plain `uvicorn app:app`, whatever its turns and its readers are at."""

import asyncio
from pathlib import Path

from processes import SHUTDOWN_GRACE, machine, until
from reading import Reader, text_of

RESPOND = """
    async def respond(self, thread, message, context):
        if message.text == "briefly":
            yield "That is all."
            return
        for number in range(10_000):
            yield f"{number} "
            await asyncio.sleep(0.05)
"""


async def test_a_server_with_fifty_followers_ends_in_time_and_every_turn_has_its_end(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, idle = await host.start(), Reader()
        await idle.say(server.client, "briefly")
        runs, queued = [Reader() for _ in range(5)], Reader()
        tasks = [asyncio.create_task(run.say(server.client, "at length")) for run in runs]
        await until(lambda: all(run.text for run in runs))
        threads = [run.thread_id for run in runs]
        tasks.append(asyncio.create_task(queued.say(server.client, "and then", thread_id=threads[0])))
        followers = [Reader() for _ in range(25)]
        for number, follower in enumerate(followers):
            turn_id = runs[number % 5].turn_id
            tasks.append(asyncio.create_task(follower.follow(server.client, turn_id=turn_id)))
        waiters = [Reader() for _ in range(25)]
        for number, waiter in enumerate(waiters):
            thread_id = [idle.thread_id, *threads][number % 6]
            tasks.append(asyncio.create_task(waiter.follow(server.client, thread_id=thread_id, wait="1")))
        await until(lambda: queued.cursors and all(follower.text for follower in followers))
        await until(lambda: server.log.count('"GET /?') == 50)

        assert await server.terminate() < SHUTDOWN_GRACE + 2
        await asyncio.gather(*tasks)
        ends = host.rows("SELECT status, error_code, count(*) FROM turns GROUP BY 1, 2 ORDER BY 1")
        assert ends == [("completed", None, 1), ("failed", "server.shutdown", 6)]
        assert {run.kinds[-1] for run in [*runs, queued]} == {"turn.failed"}

        again = await host.start()
        for number, follower in enumerate(followers):
            await follower.follow(again.client, turn_id=runs[number % 5].turn_id)
            assert (follower.text, follower.kinds[-1]) == (runs[number % 5].text, "turn.failed")
        texts = [[text_of(item) for item in await again.items(thread)] for thread in threads]
        assert texts == [["at length", run.text] + ["and then"] * (run is runs[0]) for run in runs]
