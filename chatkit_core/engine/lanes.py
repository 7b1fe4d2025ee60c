"""The turns of this process, by thread. Which of a thread's turns runs, the turn log decides."""

import asyncio
from collections.abc import Iterator

from chatkit_core.engine.turn_run import TurnRun


class Lanes:
    """The turns that are queued, running, or waiting in place for an answer."""

    def __init__(self) -> None:
        self._lanes: dict[str, dict[str, TurnRun]] = {}
        self._runs: dict[str, TurnRun] = {}
        self._changes: dict[str, set[asyncio.Future[None]]] = {}

    def __iter__(self) -> Iterator[TurnRun]:
        return iter(list(self._runs.values()))

    def add(self, run: TurnRun) -> None:
        """Take a turn in."""
        self._runs[run.turn.id] = run
        self._lanes.setdefault(run.turn.thread.id, {})[run.turn.id] = run
        self.changed(run.turn.thread.id)

    def remove(self, run: TurnRun) -> None:
        """Let a turn go; nothing if it is not here."""
        if self._runs.get(run.turn.id) is not run:
            return
        del self._runs[run.turn.id]
        lane = self._lanes[run.turn.thread.id]
        del lane[run.turn.id]
        if not lane:
            del self._lanes[run.turn.thread.id]
        self.changed(run.turn.thread.id)

    def find(self, turn_id: str) -> TurnRun | None:
        """Return the turn, if it is here."""
        return self._runs.get(turn_id)

    def of_thread(self, thread_id: str) -> list[TurnRun]:
        """Return the thread's turns."""
        return list(self._lanes.get(thread_id, {}).values())

    def threads(self) -> list[str]:
        """Return the threads that have turns here."""
        return list(self._lanes)

    async def change(self, thread_id: str, seconds: float) -> None:
        """Return when a turn of the thread has come, begun or gone here, or after so many seconds."""
        change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._changes.setdefault(thread_id, set())
        waiting.add(change)
        try:
            await asyncio.wait({change}, timeout=seconds)
        finally:
            waiting.discard(change)
            if not waiting:
                self._changes.pop(thread_id, None)

    def changed(self, thread_id: str) -> None:
        """Let those look who wait in `change`."""
        for change in self._changes.pop(thread_id, set()):
            if not change.done():
                change.set_result(None)
