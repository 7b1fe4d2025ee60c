"""Starts turns, lets one at a time run in a thread, ends them. It knows nothing of HTTP."""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, Literal

from chatkit_core import _ids
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.log_writer import LogWriter
from chatkit_core.engine.openings import Opening
from chatkit_core.engine.turn_run import TurnRun, stream_options
from chatkit_core.errors import NotFoundError, QueueFullError, ShuttingDownError
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.turn_log import TurnLog, TurnRecord
from chatkit_core.types.times import utc_now
from chatkit_core.types.turns import TurnMetadata

_log = logging.getLogger("chatkit_core")

CancelReason = Literal["user", "disconnected", "thread.deleted", "retried"]


class Runner:
    """The turns of this process."""

    def __init__(
        self, hooks: Hooks[Any], store: Store[Any], attachments: AttachmentStore[Any] | None, log: TurnLog
    ) -> None:
        self._hooks = hooks
        self._store = store
        self._attachments = attachments
        self._log = log
        self._writer = LogWriter(log)
        self._lanes: dict[str, deque[TurnRun]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing: set[asyncio.Task[None]] = set()
        self._shutting_down = False

    def open(self) -> None:
        """Take turns, for the first time or again after a shutdown."""
        self._shutting_down = False

    def admit(self, thread_id: str | None) -> None:
        """Check that a turn may start.

        Args:
            thread_id: its thread; None for a new one.

        Raises:
            QueueFullError: too many turns wait in the thread.
            ShuttingDownError: the server takes no new turns.
        """
        if self._shutting_down:
            raise ShuttingDownError
        if thread_id is not None and len(self._lanes.get(thread_id, ())) > self._hooks.max_queued:
            raise QueueFullError(thread_id, self._hooks.max_queued)

    async def start(self, opening: Opening, input: bytes, *, supersede: bool = False) -> LiveTurn:
        """Create a turn, and let it run as soon as its thread is free.

        Args:
            input: the op as JSON, for the turn's row.
            supersede: end the thread's other turns first, as `retried`.

        Raises:
            QueueFullError, ShuttingDownError: as `admit` does.
        """
        run = self._new_run(opening, input)
        thread_id = opening.thread.id
        self.admit(None if supersede else thread_id)
        lane = self._lanes.setdefault(thread_id, deque())
        run.had_to_wait = bool(lane)
        lane.append(run)
        try:
            await self._log.create(run.turn.record)
            await opening.prepare()
        except BaseException:
            self._withdraw(run)
            raise
        if supersede:
            for other in [other for other in lane if other is not run]:
                self.cancel(other.turn, "retried")
        run.ready = True
        if run.turn.ended.done():  # it was cancelled before the log knew it
            await self._finish_log(run)
        self._advance(lane)
        if not run.started and not run.turn.ended.done():
            run.turn.become("queued")
        return run.turn

    def cancel(self, turn: LiveTurn, reason: CancelReason) -> None:
        """Ask a turn to end; nothing if it has ended, or is about to."""
        run = self._find(turn)
        if run is None or turn.cancel_reason is not None:
            return
        turn.cancel_reason = reason
        if run.started:
            self._spawn(run.stop("cancelled"), run.variables)
        else:
            self._withdraw(run)

    def disconnected(self, turn: LiveTurn) -> None:
        """The connection of a plain client that started the turn has closed."""
        if turn.options.allow_cancel and self._hooks.on_disconnect == "cancel" and not self._shutting_down:
            self.cancel(turn, "disconnected")

    async def delete_thread(self, thread_id: str) -> None:
        """End the thread's turns as cancelled, without keeping anything of them, and forget them."""
        turns = [run.turn for run in self._lanes.get(thread_id, ())]
        for turn in turns:
            self.cancel(turn, "thread.deleted")
        if turns:
            await asyncio.wait([turn.ended for turn in turns])
        await self._log.delete_thread(thread_id)

    async def shut_down(self) -> None:
        """Take no new turns; give the running ones a grace time; end the rest as failed, partial replies kept."""
        self._shutting_down = True
        runs = [run for lane in self._lanes.values() for run in lane]
        if not runs:
            return
        ended = [run.turn.ended for run in runs]
        await asyncio.wait(ended, timeout=self._hooks.shutdown_grace)
        for run in runs:
            if run.started:
                self._spawn(run.stop("failed"), run.variables)
        await asyncio.wait(ended)

    async def close(self) -> None:
        """Shut down, and wait for what is still being written; not for a `respond` that will not stop."""
        await self.shut_down()
        if self._writing:
            await asyncio.wait(self._writing)

    def _new_run(self, opening: Opening, input: bytes) -> TurnRun:
        turn = TurnMetadata(
            id=_ids.new_id("trn"),
            thread_id=opening.thread.id,
            op=opening.op,
            status="queued",
            created_at=utc_now(),
        )
        record = TurnRecord(turn, self._store.owner_id(opening.context), input)
        live = LiveTurn(record, opening.thread, opening.context, self._store)
        live.options = stream_options(self._hooks, opening.thread, opening.context)
        return TurnRun(live, opening, self._hooks, self._store, self._attachments, self._writer)

    def _advance(self, lane: deque[TurnRun]) -> None:
        """Let the first turn of the lane begin, if it can."""
        if lane and lane[0].ready and not lane[0].started:
            self._begin(lane[0])

    def _begin(self, run: TurnRun) -> None:
        run.started = True
        self._writer.add(run.turn.feed)
        way = run.fail() if self._shutting_down else run.run()
        run.task = self._spawn(way, run.variables)
        run.turn.ended.add_done_callback(lambda _: self._end(run))

    def _withdraw(self, run: TurnRun) -> None:
        if not run.turn.ended.done():
            run.withdraw()
            self._end(run)

    def _end(self, run: TurnRun) -> None:
        writing = self._spawn(self._finish_log(run))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        self._leave(run)

    async def _finish_log(self, run: TurnRun) -> None:
        await self._writer.remove(run.turn.feed)
        try:
            await self._log.update(run.turn.record)
        except NotFoundError:
            pass
        except Exception:
            _log.exception("The end of turn %s could not be written to the turn log.", run.turn.id)

    def _leave(self, run: TurnRun) -> None:
        """Take the turn out of its lane, and let the next one begin."""
        thread_id = run.turn.record.turn.thread_id
        lane = self._lanes[thread_id]
        lane.remove(run)
        if not lane:
            del self._lanes[thread_id]
        self._advance(lane)

    def _find(self, turn: LiveTurn) -> TurnRun | None:
        return next((run for run in self._lanes.get(turn.record.turn.thread_id, ()) if run.turn is turn), None)

    def _spawn(self, coroutine: Coroutine[Any, Any, None], variables: Context | None = None) -> asyncio.Task[None]:
        task = asyncio.create_task(coroutine, context=variables)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
