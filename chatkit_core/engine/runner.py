"""Starts turns, goes on with those that have waited, stops them. It knows nothing of HTTP.

Which turn of a thread runs is decided in the turn log, for all processes at once; here is what this one has of them.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any
from weakref import WeakValueDictionary

from chatkit_core.engine.app_tasks import end
from chatkit_core.engine.failures import shut_down
from chatkit_core.engine.follow import Follows
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.lanes import Lanes
from chatkit_core.engine.lease import Lease
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.log_writer import LogWriter
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.recovery import abandoned, failed, rests_in
from chatkit_core.engine.turn_run import STUCK_SECONDS, TurnRun
from chatkit_core.errors import ChatKitError, LeaseLostError, ShuttingDownError
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.turn_log import POLLING, Taken, TurnLog
from chatkit_core.types import TurnCancelledEvent

_log = logging.getLogger("chatkit_core")

RETRY_SECONDS = 1.0
"""Between two tries to let a turn go, when the log cannot be used."""


class Runner:
    """The turns of this process."""

    def __init__(
        self, hooks: Hooks[Any], store: Store[Any], attachments: AttachmentStore[Any] | None, log: TurnLog
    ) -> None:
        self.lanes = Lanes()
        self.follows = Follows()
        self.stopping: asyncio.Event = asyncio.Event()
        """Set while the server shuts down."""
        lease = Lease(log, hooks.lease_seconds, is_needed=self._has_turns, on_lost=self._lose)
        self.parts = Parts(hooks, store, attachments, log, LogWriter(log, lease), lease)
        """What all turns share."""
        self._hooks = hooks
        self._log = log
        self.lease = lease
        self._starting: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._stopped: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def open(self) -> None:
        """Take turns, for the first time or again after a shutdown."""
        self.stopping.clear()
        self._stopped = None
        self.follows.begin()

    def check_open(self) -> None:
        """Check that turns are taken.

        Raises:
            ShuttingDownError: no more.
        """
        if self.stopping.is_set():
            raise ShuttingDownError

    def add(self, run: TurnRun) -> None:
        """Look after a turn, until it has ended or rests."""
        run.turn.on_settled = functools.partial(self._settled, run)
        self.lanes.add(run)

    async def take(self, turn_id: str) -> Taken | None:
        """Take a turn that nobody holds; None if there is none of this id."""
        return await self.lease.use(functools.partial(self._log.take, turn_id))

    # How a turn gets on

    async def advance(self, thread_id: str) -> None:
        """Let a turn of the thread begin, or go on, if the log says that it is its turn."""
        async with self._starting.setdefault(thread_id, asyncio.Lock()):
            for run in self.lanes.of_thread(thread_id):
                if run.ready and not self.stopping.is_set() and await self._try_to_start(run):
                    return

    async def _try_to_start(self, run: TurnRun) -> bool:
        try:
            taken = await self._log.start(run.turn.fence, beside_waiting=not run.opening.supersedes)
        except LeaseLostError:
            self.drop(run)
            return False
        except Exception:
            _log.exception("Turn %s could not start; it is tried again.", run.turn.id)
            return False
        if taken is None:
            return False
        run.turn.taken(taken)
        self.begin(run)
        return True

    def begin(self, run: TurnRun) -> None:
        """Let a turn run, or go on, that the log says is the one."""
        run.ready = False
        run.started = True
        self.lanes.changed(run.turn.thread.id)
        self.parts.writer.add(run.turn.feed)
        if run.asking.is_waiting:
            self.spawn(run.go_on(), run.variables)
        else:
            run.task = self.spawn(run.run(), run.variables)

    def _settled(self, run: TurnRun) -> None:
        turn = run.turn
        if run.is_over:
            self.lanes.remove(run)
        self.lanes.changed(turn.thread.id)
        if turn.metadata.status == "waiting" and turn.cancel_reason is not None:  # asked while it went to rest
            self.spawn(self.cancel(turn.id, turn.cancel_reason))
        self.spawn(self.advance(turn.thread.id))

    # How a turn is stopped

    async def cancel(self, turn_id: str, reason: str) -> None:
        """Ask a turn to end, wherever it is; nothing if it has ended, or is about to. It is done also if this task is
        cancelled meanwhile: else nobody would look after a turn that was taken for it."""
        run = self.lanes.find(turn_id)
        if run is not None and not run.turn.feed.resting:
            self._cancel(run, reason)
        else:
            await asyncio.shield(self.spawn(self._cancel_elsewhere(turn_id, reason)))

    async def _cancel_elsewhere(self, turn_id: str, reason: str) -> None:
        await self._log.request_cancel(turn_id, reason)
        taken = await self.take(turn_id)
        if taken is None:
            return  # whoever has it ends it
        run = self.lanes.find(turn_id)
        if run is not None and run.is_at_rest and rests_in(run, taken.record):
            run.turn.taken(taken)
            run.turn.go_on()
            self._cancel(run, reason)
        else:
            await self.end_taken(taken, reason)

    def disconnected(self, turn: LiveTurn, connection: object) -> None:
        """The connection of a plain client has closed."""
        run = self.lanes.find(turn.id)
        if run is None or turn.connection is not connection or turn.settled.done() or self.stopping.is_set():
            return
        if turn.options.allow_cancel and self._hooks.on_disconnect == "cancel":
            self._cancel(run, "disconnected")

    def _cancel(self, run: TurnRun, reason: str) -> None:
        if run.turn.cancel_reason is not None:
            return
        run.turn.cancel_reason = reason
        if run.is_over:
            return  # if it is about to rest, it is cancelled then
        if run.ready:
            self.spawn(self._cancel_before_it_starts(run), run.variables)
        elif run.started:
            self.spawn(run.stop("cancelled"), run.variables)

    async def _cancel_before_it_starts(self, run: TurnRun) -> None:
        async with self._starting.setdefault(run.turn.thread.id, asyncio.Lock()):
            run.ready = False
            if run.turn.metadata.status == "queued":
                await run.withdraw()
                self.follows.tell(run.turn.thread.id, TurnCancelledEvent(turn=run.turn.metadata))
            else:
                await run.stop("cancelled")

    async def end_taken(self, taken: Taken, reason: str | None = None) -> None:
        """Bring a turn to its end that nobody had.

        Args:
            reason: why it is cancelled; None if its process is gone.
        """
        await self.insist(lambda: self._end_taken(taken, reason))

    async def insist(self, write: Callable[[], Awaitable[None]]) -> None:
        """Do it, again and again as long as the log or the store cannot be used; nothing if it is not ours to do."""
        while True:
            try:
                return await write()
            except LeaseLostError:
                return None
            except Exception:
                _log.exception("A turn could not be let go; it is tried again.")
                await asyncio.sleep(RETRY_SECONDS)

    async def _end_taken(self, taken: Taken, reason: str | None) -> None:
        stale = self.lanes.find(taken.record.turn.id)
        if stale is not None:
            self.drop(stale)
        try:
            run = await abandoned(taken, self.parts)
        except (ValueError, TypeError, LookupError, ChatKitError):
            _log.exception("Turn %s: what it has left cannot be read, and is not kept.", taken.record.turn.id)
            await self._log.update(failed(taken.record), taken.fence, release=True)
            return
        self.add(run)
        run.started = True
        self.parts.writer.add(run.turn.feed)
        if reason is not None and taken.record.turn.status == "waiting":
            run.turn.cancel_reason = reason
            await self.spawn(run.stop("cancelled"), run.variables)
        else:
            await self.spawn(run.recover(), run.variables)

    async def delete_thread(self, thread_id: str) -> None:
        """End the thread's turns as cancelled, without keeping anything of them, and forget them."""
        for record in await self._log.turns_of_thread(thread_id):
            await self.cancel(record.turn.id, "thread.deleted")
        try:
            async with asyncio.timeout(self._hooks.cancel_grace + self._hooks.end_grace):
                while await self._log.turns_of_thread(thread_id):
                    await self.lanes.change(thread_id, POLLING)
        except TimeoutError:
            _log.warning("Thread %s is deleted before all its turns have ended.", thread_id)
        await self._log.delete_thread(thread_id)

    async def shut_down(self) -> None:
        """Take no new turns; give the running ones a grace time; end the rest as failed, partial replies kept. Turns
        that wait for an answer wait on. Whoever calls it again waits for the same."""
        if self._stopped is None:
            self._stopped = self.spawn(self._shut_down())
        await asyncio.shield(self._stopped)

    async def _shut_down(self) -> None:
        self.stopping.set()
        self.follows.end()
        running = [run for run in self.lanes if run.runs and not run.turn.feed.resting]
        if running:
            settled = [run.turn.settled for run in running]
            await asyncio.wait(settled, timeout=self._hooks.shutdown_grace)
            for run in running:
                self.spawn(run.stop("failed", shut_down(), seconds=STUCK_SECONDS), run.variables)
            await asyncio.wait(settled)
        for run in self.lanes:
            if run.rests_in_place:
                self.drop(run)
            else:
                await run.fail(shut_down())

    async def close(self) -> None:
        """Shut down, and wait for what is still being written; not for a `respond` that will not stop."""
        await self.shut_down()
        await self.parts.writer.close(self._hooks.end_grace)
        await self.lease.release()
        await end(self._tasks - {self._stopped})

    def drop(self, run: TurnRun) -> None:
        """Let a turn go that is not this process's any more."""
        run.lose()
        self.lanes.remove(run)

    def _has_turns(self) -> bool:
        return any(not run.turn.feed.resting for run in self.lanes)

    def _lose(self, lease: str) -> None:
        for run in self.lanes:
            if run.turn.fence.lease == lease and not run.turn.feed.resting:
                self.drop(run)

    def spawn(self, coroutine: Coroutine[Any, Any, Any], variables: Context | None = None) -> asyncio.Task[Any]:
        """Run it in a task that nobody has to keep.

        Args:
            variables: the context variables of the turn that it is for; by default none, whoever calls.
        """
        task = asyncio.create_task(coroutine, context=variables or Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
