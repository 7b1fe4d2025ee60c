"""A process that stands still for longer than its lease runs: what its turns try when it wakes, changes nothing."""

import asyncio
import time
from pathlib import Path
from typing import Any

from processes import Machine, Server, machine, until
from reading import Reader, text_of

RESPOND = """
    async def respond(self, thread, message, context):
        import time
        from chatkit_core import current_turn
        from chatkit_core.errors import LeaseLostError
        from chatkit_core.types import AssistantMessageItem, ThreadItemDoneEvent, utc_now

        def item():
            id = current_turn().new_id("message")
            return AssistantMessageItem(id=id, thread_id=thread.id, created_at=utc_now(), content=[{"text": "Late."}])

        if message.text == "well":
            for number in range(10):
                yield f"{number} "
                await asyncio.sleep(0.05)
            return
        awake = time.monotonic()
        while time.monotonic() - awake < 0.5:
            awake = time.monotonic()
            yield "In time. "
            await asyncio.sleep(0.01)
        outcomes = Path(message.text).open("a")
        try:
            for attempt in range(10):
                try:
                    match message.text:
                        case "text":
                            yield "Late. "
                        case "done":
                            yield ThreadItemDoneEvent(item=item())
                        case "title":
                            thread.title = "Late"
                            yield "Late. "
                        case "add":
                            await self.store.add_thread_item(thread.id, item(), context=context)
                        case "save":
                            await self.store.save_thread(thread.model_copy(update={"title": "Late"}), context=context)
                        case "delete":
                            await self.store.delete_thread(thread.id, context=context)
                    await asyncio.sleep(0.02)
                except LeaseLostError:
                    print("refused", file=outcomes)
                except asyncio.CancelledError:
                    print("cancelled", file=outcomes)
        finally:
            print("end", file=outcomes, flush=True)
"""
ATTEMPTS = ["text", "done", "title", "add", "save", "delete"]
LOST = "The lease on the turns of this process is lost"


class Turns:
    """Turns in a server that will stand still: one for each thing that they try when it wakes."""

    def __init__(self, host: Machine, server: Server) -> None:
        self.host = host
        self.server = server
        self.readers = {attempt: Reader() for attempt in ATTEMPTS}
        self._saying: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        for attempt, reader in self.readers.items():
            self._saying.append(asyncio.create_task(reader.say(self.server.client, attempt)))
        await until(lambda: all(reader.text.count(".") > 20 for reader in self.readers.values()))  # a batch or two

    async def woken(self) -> None:
        """Return when all attempts are over, the server answers again, and has noticed that its lease is lost."""
        await until(lambda: all("end" in self.outcomes(attempt) for attempt in ATTEMPTS))
        await until(lambda: LOST in self.server.log)
        assert all("refused" in self.outcomes(attempt) for attempt in ("add", "save", "delete"))
        assert (await self.server.ask("threads.list"))["data"]
        await asyncio.gather(*self._saying)

    def outcomes(self, attempt: str) -> list[str]:
        return (self.host.folder / attempt).read_text().split() if self.host.wrote(attempt) else []


async def check_ends(host: Machine, server: Server, turns: Turns) -> None:
    """Check that all turns ended as interrupted, and that nothing is kept of what they said too late."""
    ends = host.rows("SELECT status, error_code, count(*) FROM turns GROUP BY 1, 2")
    assert ends == [("failed", "server.interrupted", len(ATTEMPTS))]
    for attempt, reader in turns.readers.items():
        said, partial = [text_of(item) for item in await server.items(reader.thread_id)]
        assert (said, set(partial.split(". "))) == (attempt, {"In time", ""})
    assert not any("Late" in str(row) for rows in host.dump().values() for row in rows)


def check_rest(before: dict[str, list[Any]], now: dict[str, list[Any]], thread_id: str) -> None:
    """Check that only a later turn in another thread has changed anything."""
    assert {table: rows[: len(before[table])] for table, rows in now.items()} == before
    (turn,) = now["turns"][len(before["turns"]) :]
    (thread,) = now["threads"][len(before["threads"]) :]
    assert turn[2] == thread[1] == thread_id
    assert {item[1] for item in now["items"][len(before["items"]) :]} == {thread[0]}
    assert {batch[1] for batch in now["batches"][len(before["batches"]) :]} == {turn[0]}


async def test_one_that_wakes_after_another_has_ended_its_turns_writes_nothing(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server, other = await asyncio.gather(host.start(), host.start())
        turns = Turns(host, server)
        await turns.begin()
        server.stop()
        await until(lambda: {row[0] for row in host.rows("SELECT status FROM turns")} == {"failed"})
        await check_ends(host, other, turns)
        before = host.dump()

        server.wake()
        await turns.woken()
        assert host.dump() == before
        later = Reader()
        await later.say(server.client, "well")
        assert (later.text, later.kinds[-1]) == ("0 1 2 3 4 5 6 7 8 9 ", "turn.completed")
        check_rest(before, host.dump(), later.thread_id)


async def test_one_that_wakes_alone_ends_its_turns_and_keeps_nothing_of_what_they_say_then(tmp_path: Path) -> None:
    async with machine(tmp_path, RESPOND) as host:
        server = await host.start()
        turns = Turns(host, server)
        await turns.begin()
        server.stop()
        await until(lambda: host.rows("SELECT max(expires_at) FROM leases")[0][0] < time.time())
        server.wake()
        await turns.woken()
        await until(lambda: {row[0] for row in host.rows("SELECT status FROM turns")} == {"failed"})
        await check_ends(host, server, turns)
