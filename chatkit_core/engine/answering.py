"""How a turn goes on that has waited for the page, or for a person."""

import asyncio
from collections.abc import Iterable
from weakref import WeakValueDictionary

from chatkit_core.engine.answers import AnswerOpening
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.new_turns import NewTurns
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.recovery import rests_in, resumed
from chatkit_core.engine.runner import RETRY_SECONDS, Runner
from chatkit_core.engine.turn_run import TurnRun
from chatkit_core.turn_log import POLLING, Taken, TurnRecord
from chatkit_core.types import TurnOptions

SETTLING = 2.0
"""Seconds that a turn has to go to rest after it has asked, since a client may answer as soon as it hears the question.
One that runs on is not waited for: the answer begins a turn of its own."""


class Answering:
    """Gives the answers of clients to the turns that wait for them."""

    def __init__(self, runner: Runner, new_turns: NewTurns, parts: Parts) -> None:
        self._runner = runner
        self._new_turns = new_turns
        self._parts = parts
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, opening: AnswerOpening, input: bytes, options: TurnOptions) -> tuple[LiveTurn, int]:
        """Let the turn go on that waits for an answer; a new one begins if there is none.

        Returns:
            The turn, and the last number that it had said before.

        Raises:
            NotFoundError, InvalidRequestError, ConflictError: nothing waits for this answer.
        """
        self._runner.check_open()
        thread_id = opening.thread.id
        deadline = asyncio.get_running_loop().time() + SETTLING
        async with self._locks.setdefault(thread_id, asyncio.Lock()):
            while True:
                question = await opening.find()
                records = await self._parts.log.turns_of_thread(thread_id)
                record = _waiting_for(records, question.id)
                left = deadline - asyncio.get_running_loop().time()
                if record is None and left > 0 and any(one.turn.status == "running" for one in records):
                    await self._runner.lanes.change(thread_id, min(left, POLLING))  # it may be about to rest
                    continue
                if record is None:
                    turn = await self._new_turns.start(opening, input, options, None)
                    assert isinstance(turn, LiveTurn)  # there was no key
                    await self._end_what_rests_by_now(thread_id, question.id)
                    return turn, 0
                taken = await self._runner.take(record.turn.id)
                if taken is not None:
                    return await self._go_on(taken, opening)
                await self._parts.log.wait(record.turn.id, after=0, seconds=POLLING)

    async def _end_what_rests_by_now(self, thread_id: str, item_id: str) -> None:
        """End the turn that has gone to rest for this answer while it was being given."""
        record = _waiting_for(await self._parts.log.turns_of_thread(thread_id), item_id)
        if record is not None and len(record.turn.waiting_for or ()) == 1:
            await self._runner.cancel(record.turn.id, "superseded")

    async def _go_on(self, taken: Taken, opening: AnswerOpening) -> tuple[LiveTurn, int]:
        run = self._runner.lanes.find(taken.record.turn.id)
        if run is not None and not run.is_over:  # the log may have heard before it does that it rests
            await asyncio.wait({run.turn.settled}, timeout=SETTLING)
        if run is not None and not rests_in(run, taken.record):
            self._runner.drop(run)  # it is over, or went on elsewhere meanwhile
            run = None
        if run is None:
            run = await self._resumed(taken, opening)
        else:
            run.turn.taken(taken)
            run.turn.context = opening.context
        turn, before = run.turn, run.turn.feed.last_seq
        opening.state = turn.state
        try:
            await asyncio.create_task(opening.prepare(), context=run.variables)
            opening.others_pending = await run.waits_for_more()
        except BaseException:
            await asyncio.wait({self._runner.spawn(self._let_go(run))}, timeout=RETRY_SECONDS)
            raise
        turn.go_on()
        run.opening = opening
        self._parts.writer.add(turn.feed)
        if opening.others_pending:
            self._runner.spawn(run.say_answer(), run.variables)
        else:
            run.ready = True
            await self._runner.advance(turn.thread.id)
        return turn, before

    async def _resumed(self, taken: Taken, opening: AnswerOpening) -> TurnRun:
        try:
            run = await resumed(taken, opening, self._parts)
        except BaseException:
            release = self._runner.insist(lambda: self._parts.log.update(taken.record, taken.fence, release=True))
            await asyncio.wait({self._runner.spawn(release)}, timeout=RETRY_SECONDS)
            raise
        self._runner.add(run)
        return run

    async def _let_go(self, run: TurnRun) -> None:
        """Let a turn wait on that was taken for nothing."""
        if not run.asking.is_waiting:
            self._runner.lanes.remove(run)
        await self._runner.insist(lambda: self._parts.log.update(run.turn.record, run.turn.fence, release=True))


def _waiting_for(records: Iterable[TurnRecord], item_id: str) -> TurnRecord | None:
    for record in records:
        if item_id in {question.item_id for question in record.turn.waiting_for or ()}:
            return record
    return None
