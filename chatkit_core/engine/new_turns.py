"""How a turn begins."""

import asyncio

from chatkit_core import _ids
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.openings import Opening
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.runner import RETRY_SECONDS, Runner
from chatkit_core.engine.turn_run import TurnRun, stream_options
from chatkit_core.engine.usage import lower
from chatkit_core.turn_log import Taken, TurnRecord, Writer
from chatkit_core.types import OnBusy, TurnMetadata, TurnOptions, TurnQueuedEvent, utc_now


class NewTurns:
    """Creates turns, and lets them run as soon as their thread is free."""

    def __init__(self, runner: Runner, parts: Parts) -> None:
        self._runner = runner
        self._parts = parts

    async def start(
        self, opening: Opening, input: bytes, options: TurnOptions, digest: str | None, *, retry: bool = False
    ) -> LiveTurn | TurnRecord:
        """Create a turn, and let it run as soon as its thread is free.

        Args:
            input: the op as JSON, for the turn's row.
            digest: what another op with the same idempotency key must have too.
            retry: end the thread's other turns first.

        Returns:
            The turn; or if there is one with this key, that one's row.

        Raises:
            ThreadBusyError, QueueFullError: the thread is busy.
            ShuttingDownError: the server takes no new turns.
        """
        self._runner.check_open()
        record = self._new_record(opening, input, options, digest)
        created = await self._create(record, opening, "interrupt" if retry else options.on_busy)
        if isinstance(created, TurnRecord):
            return created
        run = self._new_run(created, opening)
        self._runner.add(run)
        try:
            with run.is_current():
                await opening.prepare()
            await self._make_way(run, options.on_busy == "interrupt", retry)
        except BaseException:
            await asyncio.wait({self._runner.spawn(self._take_back(run))}, timeout=RETRY_SECONDS)
            raise
        if run.turn.cancel_reason is not None:  # somebody has asked meanwhile
            self._runner.spawn(run.withdraw(), run.variables)
        elif created.record.turn.status == "running":
            self._runner.begin(run)
        else:
            run.turn.become("queued")
            self._runner.follows.tell(opening.thread.id, TurnQueuedEvent(turn=run.turn.metadata))
            self._parts.writer.add(run.turn.feed)
            run.ready = True
            await self._runner.advance(opening.thread.id)
        return run.turn

    async def _create(self, record: TurnRecord, opening: Opening, on_busy: OnBusy) -> Taken | TurnRecord:
        beside_waiting, max_queued = not opening.supersedes, self._parts.hooks.max_queued
        return await self._parts.lease.use(
            lambda lease: self._parts.log.create(
                record, lease, on_busy=on_busy, beside_waiting=beside_waiting, max_queued=max_queued
            )
        )

    def _new_record(self, opening: Opening, input: bytes, options: TurnOptions, digest: str | None) -> TurnRecord:
        opening.state.limits = lower(self._parts.hooks.limits, options.limits)
        turn = TurnMetadata(
            id=_ids.new_id("trn"),
            thread_id=opening.thread.id,
            op=opening.op,
            status="queued",
            created_at=utc_now(),
            sender=options.sender,
        )
        owner = self._parts.store.owner_id(opening.context)
        return TurnRecord(turn, owner, input, opening.state.to_bytes(), options.idempotency_key, digest)

    def _new_run(self, taken: Taken, opening: Opening) -> TurnRun:
        writer = Writer(self._parts.log, taken.fence)
        turn = LiveTurn(taken.record, opening.thread, opening.context, self._parts.store, writer, state=opening.state)
        turn.options = stream_options(self._parts.hooks, opening.thread, opening.context)
        return TurnRun(turn, opening, self._parts)

    async def _make_way(self, run: TurnRun, interrupt: bool, retry: bool) -> None:
        """End the turns of the thread that the new one ends."""
        if run.opening.makes_thread:
            return
        for record in await self._parts.log.turns_of_thread(run.turn.thread.id):
            turn = record.turn
            if turn.id == run.turn.id:
                continue
            if retry:
                await self._runner.cancel(turn.id, "retried")
            elif turn.status == "waiting" and run.opening.supersedes:
                run.opening.closes += [question.item_id for question in turn.waiting_for or ()]
                await self._runner.cancel(turn.id, "superseded")
            elif turn.status == "running" and interrupt:
                await self._runner.cancel(turn.id, "interrupted")

    async def _take_back(self, run: TurnRun) -> None:
        """Let it be as if the turn had never been asked for."""
        self._runner.lanes.remove(run)
        run.lose()
        await self._runner.insist(lambda: self._parts.log.discard(run.turn.id))
        await self._runner.advance(run.turn.thread.id)
