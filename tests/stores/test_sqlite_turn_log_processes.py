"""A SQLiteTurnLog among processes: they take turns from each other, and two of them never win."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from turns import taken

from chatkit_core.testing.turn_log_base import a_turn, event
from chatkit_core.turn_log import TurnQuery
from chatkit_stores.sqlite import SQLiteTurnLog

STARTING = """
import asyncio, json, sys

from chatkit_core.testing.turn_log_base import a_turn, end, event
from chatkit_core.turn_log import Taken
from chatkit_stores.sqlite import SQLiteTurnLog
from turns import event_of, taken

async def main():
    log = SQLiteTurnLog("chat.db")
    lease = await log.acquire_lease(60)
    print(json.dumps("ready"), flush=True)
    sys.stdin.readline()
    result = await use(log, lease)
    print(json.dumps(result), flush=True)
    await log.close()
"""

RUNNER = """
async def use(log, lease):
    seen = []

    async def run(n):
        turn = await taken(log, a_turn("thr_1"), lease)
        running = turn if turn.record.turn.status == "running" else None
        while running is None:
            running = await log.start(turn.fence)
            await asyncio.sleep(0.001)
        await log.append(lease, {running.fence.turn_id: [event(1)]})
        active = [record.turn for record in await log.turns_of_thread("thr_1")]
        seen.append([other.id for other in active if other.status == "running"] == [running.fence.turn_id])
        await end(log, running)

    await asyncio.gather(*(run(n) for n in range(5)))
    return seen

asyncio.run(main())
"""

TAKER = """
async def use(log, lease):
    won = []
    for turn_id in await log.list_lost():
        taken = await log.take(turn_id, lease)
        if taken is not None:
            await log.append(lease, {turn_id: [event_of(2, lease.encode())]})
            won.append([turn_id, taken.fence.number])
    return won

asyncio.run(main())
"""

KEYED = """
async def use(log, lease):
    created = await asyncio.gather(*(log.create(a_turn("thr_1", key=f"{n}"), lease, max_queued=99) for n in range(20)))
    return [(turn.record if isinstance(turn, Taken) else turn).turn.id for turn in created]

asyncio.run(main())
"""

FORGETFUL = """
async def use(log, lease):
    lease = await log.acquire_lease(1)
    turn = await taken(log, a_turn("thr_1", id="turn_1"), lease)
    await log.append(lease, {"turn_1": [event(1)]})
    return lease

asyncio.run(main())
sys.stdin.readline()
"""


def start(folder: Path, script: str) -> subprocess.Popen[str]:
    """Start a process that uses the log, once it is told to."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.append({str(Path(__file__).parent)!r})\n{STARTING}{script}"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == '"ready"\n', process.communicate()
    return process


def results(processes: list[subprocess.Popen[str]]) -> list[Any]:
    """Let all go on at once; return what each has found."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outcomes = [(*process.communicate(timeout=30), process.returncode) for process in processes]
    assert [outcome[1:] for outcome in outcomes] == [("", 0)] * len(processes)
    return [json.loads(output) for output, _, _ in outcomes]


async def test_of_all_turns_of_all_processes_in_a_thread_one_runs_at_a_time(tmp_path: Path) -> None:
    seen = await asyncio.to_thread(results, [start(tmp_path, RUNNER) for _ in range(4)])
    assert seen == [[True] * 5] * 4
    log = SQLiteTurnLog(tmp_path / "chat.db")
    turns = [record.turn for record in await log.list_turns(TurnQuery("ada"), limit=100)]
    assert [turn.status for turn in turns] == ["completed"] * 20
    assert [await log.read(turn.id, after=0) for turn in turns] == [[event(1)]] * 20
    await log.close()


async def test_lost_turns_are_taken_over_by_one_process_each(tmp_path: Path) -> None:
    log = SQLiteTurnLog(tmp_path / "chat.db")
    lease = await log.acquire_lease(60)
    turns = [await taken(log, a_turn(f"thr_{n}"), lease) for n in range(30)]
    await log.append(lease, {turn.fence.turn_id: [event(1)] for turn in turns})
    await log.release_lease(lease)
    won = await asyncio.to_thread(results, [start(tmp_path, TAKER) for _ in range(4)])
    fences = {turn_id: number for of_one in won for turn_id, number in of_one}
    assert Counter(turn_id for of_one in won for turn_id, _ in of_one) == Counter(t.fence.turn_id for t in turns)
    for turn in turns:
        assert fences[turn.fence.turn_id] > turn.fence.number
        assert [entry.seq for entry in await log.read(turn.fence.turn_id, after=0)] == [1, 2]
    assert await log.list_lost() == []
    await log.close()


async def test_a_key_makes_one_turn_whichever_process_asks(tmp_path: Path) -> None:
    first, *others = await asyncio.to_thread(results, [start(tmp_path, KEYED) for _ in range(4)])
    assert others == [first] * 3
    log = SQLiteTurnLog(tmp_path / "chat.db")
    assert sorted(record.turn.id for record in await log.turns_of_thread("thr_1")) == sorted(first)
    await log.close()


async def test_the_turn_of_a_process_that_was_killed_is_lost_once_its_lease_is_over(tmp_path: Path) -> None:
    process = start(tmp_path, FORGETFUL)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    old_lease = json.loads(process.stdout.readline())
    log = SQLiteTurnLog(tmp_path / "chat.db")
    process.kill()
    process.communicate(timeout=10)
    async with asyncio.timeout(10):
        while await log.list_lost() != ["turn_1"]:  # noqa: ASYNC110 - the clock alone ends a lease
            await asyncio.sleep(0.01)
    lease = await log.acquire_lease(60)
    turn = await log.take("turn_1", lease)
    assert turn is not None
    assert turn.record.turn.status == "running"
    assert await log.read("turn_1", after=0) == [event(1)]
    assert await log.renew_lease(old_lease, 60) is False
    await log.close()
