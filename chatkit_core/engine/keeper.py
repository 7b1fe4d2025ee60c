"""What a process does from time to time: it hears what others ask of its turns, and ends turns that nobody has."""

import asyncio
import logging

from chatkit_core.engine.recovery import rest_of
from chatkit_core.engine.runner import Runner
from chatkit_core.errors import NotFoundError
from chatkit_core.turn_log import POLLING, TurnLog

_log = logging.getLogger("chatkit_core")

ROUNDS = 5
"""Once in so many rounds it looks for turns that nobody has."""


class Keeper:
    """Looks into the turn log, every `POLLING` seconds."""

    def __init__(self, runner: Runner, log: TurnLog) -> None:
        self._runner = runner
        self._log = log

    async def run(self) -> None:
        """Look again and again, until this is cancelled."""
        round = 0
        while True:
            try:
                await self._look(thoroughly=round % ROUNDS == 0)
            except Exception:
                _log.exception("The turn log could not be read; it is tried again.")
            round += 1
            await asyncio.sleep(POLLING)

    async def _look(self, *, thoroughly: bool) -> None:
        await self._runner.lease.refresh()
        runs = list(self._runner.lanes)
        if runs and self._runner.lease.held is not None:
            for turn_id, reason in (await self._log.cancel_requests(self._runner.lease.held)).items():
                await self._runner.cancel(turn_id, reason)
        for thread_id in {run.turn.thread.id for run in runs if run.ready}:
            await self._runner.advance(thread_id)
        if thoroughly:
            await self._drop_what_goes_on_elsewhere()
            await self._end_what_nobody_has()

    async def _drop_what_goes_on_elsewhere(self) -> None:
        for run in self._runner.lanes:
            if run.turn.feed.resting:
                rest = run.turn.state.rest
                try:
                    record = await self._log.load(run.turn.id)
                except NotFoundError:
                    self._runner.drop(run)
                    continue
                went_on = record.turn.status != "waiting" or rest_of(record) != rest
                if went_on and run.turn.feed.resting and run.turn.state.rest == rest:
                    self._runner.drop(run)

    async def _end_what_nobody_has(self) -> None:
        for turn_id in await self._log.list_lost():
            taken = await self._runner.take(turn_id)
            if taken is not None:
                self._runner.spawn(self._runner.end_taken(taken))
