"""Readers that lose their connection, and readers that come late: all see the same turn."""

import asyncio
import random
from pathlib import Path

from processes import machine
from reading import Event, Reader, kind, text_of

RESPOND = """
    async def respond(self, thread, message, context):
        for number in range(200):
            yield f"{number} "
            await asyncio.sleep(0.005)
"""
TEXT = "".join(f"{number} " for number in range(200))


class Unlucky(Reader):
    """Loses its connection after so many events, once for each number."""

    def __init__(self, lengths: list[int]) -> None:
        super().__init__()
        self.lengths = lengths
        self._left = lengths.pop(0)

    def loses_it(self, event: Event) -> bool:
        self._left -= 1
        if self._left > 0 or not self.lengths:
            return False
        self._left = self.lengths.pop(0)
        return True


async def test_a_reader_that_loses_its_connection_ten_times_misses_nothing_and_nobody_sees_it_twice(
    tmp_path: Path,
) -> None:
    chance = random.Random(1)
    cuts = sorted(chance.sample(range(1, 150), 10))
    unlucky = Unlucky([end - start for start, end in zip([0, *cuts], [*cuts, 1000], strict=False)])
    by_turn, by_thread = Reader(), Reader()
    async with machine(tmp_path, RESPOND) as host:
        server = await host.start()
        await unlucky.say(server.client, "Hi", stop=unlucky.loses_it)
        late: list[asyncio.Task[None]] = []
        while unlucky.lengths:
            await unlucky.follow(server.client, turn_id=unlucky.turn_id, stop=unlucky.loses_it)
            if len(unlucky.lengths) == 5:
                late = [
                    asyncio.create_task(by_turn.follow(server.client, turn_id=unlucky.turn_id)),
                    asyncio.create_task(by_thread.follow(server.client, thread_id=unlucky.thread_id)),
                ]
        await unlucky.follow(server.client, turn_id=unlucky.turn_id)
        await asyncio.gather(*late)
        turn = await server.turn(unlucky.turn_id)
        said = (await server.ask("turns.events", turn_id=unlucky.turn_id))["latest_seq"]

    assert turn["status"] == "completed"
    for reader in (unlucky, by_turn, by_thread):
        assert reader.text == TEXT
        assert [text_of(event["item"]) for event in reader.events if kind(event) == "thread.item.done"] == ["Hi", TEXT]
        assert (reader.kinds[-1], reader.events[-1]["turn"]) == ("turn.completed", turn)
        assert reader.seqs == sorted(set(reader.seqs))
        assert reader.seqs[-1] == said
