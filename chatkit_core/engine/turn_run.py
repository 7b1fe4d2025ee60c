"""One turn while this process has it: the task in which `respond` runs, and how it is stopped.

A turn ends once, in one of two ways: by itself, in the task in which `respond` runs; or because somebody stops it, in
a task of its own, since a `respond` that will not stop must not hold up the thread. It rests when `respond` has ended
and left questions, or waits for an answer in `reply.ask`.
"""

import asyncio
import contextlib
import functools
import logging
from collections.abc import Iterator
from contextvars import Token, copy_context
from typing import Any

from chatkit_core import _ids
from chatkit_core.engine.app_tasks import abandon
from chatkit_core.engine.asking import NUMBERED, Asking
from chatkit_core.engine.draining import drain
from chatkit_core.engine.failures import Failure, failure_of, interrupted, limit_reached, shut_down
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.leftovers import Leftovers
from chatkit_core.engine.limits import Limits
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.openings import Opening, check_active
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.to_its_end import to_its_end
from chatkit_core.engine.turn_end import Ending, TurnEnd
from chatkit_core.errors import BaseStreamError, LeaseLostError, NotFoundError
from chatkit_core.turn import Turn, running_turn
from chatkit_core.turn_log import Writer, writing_as
from chatkit_core.types import StreamOptions, StreamOptionsEvent, ThreadMetadata

_log = logging.getLogger("chatkit_core")

STUCK_SECONDS = 1.0
"""How long `respond` has to stop once the grace time of a shutdown is over."""


class TurnRun:
    """Runs one turn, until it ends or rests."""

    def __init__(self, turn: LiveTurn, opening: Opening, parts: Parts) -> None:
        self.turn = turn
        self.opening = opening
        self.ready = False
        """Whether it begins, or goes on, as soon as its thread is free."""
        self.started = False
        """Whether it runs, or has run."""
        self.task: asyncio.Task[None] | None = None
        self.variables = copy_context()
        """The context variables of the request, which the turn runs in, also when it has to wait."""
        self._parts = parts
        self._minted: set[str] = set()
        self.variables.run(self._set_variables)
        self._pipeline = Pipeline(turn, parts, self._minted)
        self._end = TurnEnd(turn, opening, self._pipeline, parts)
        self.asking = Asking(turn, self._pipeline, self._rest_in_place)
        self._ending = False
        self._going_on = asyncio.Lock()
        self._limit: str | None = None
        self._limits = Limits(turn, self._reach_limit)
        turn.asker = self.asking.ask

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._ending

    @property
    def runs(self) -> bool:
        """Whether it is not waiting for its thread to be free."""
        return self.started and not self.ready

    @property
    def rests_in_place(self) -> bool:
        """Whether `respond` is there still, and waits for an answer."""
        return self.asking.is_waiting and self.turn.feed.resting and not self._ending

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing happens with it until somebody answers."""
        return self.rests_in_place and self.turn.cancel_reason is None

    async def waits_for_more(self) -> bool:
        """Return whether anything that the turn has asked is not answered yet."""
        return bool(await self._pipeline.questions.unanswered())

    async def run(self) -> None:
        """Run the turn to its end, until it rests, or until it is stopped."""
        if self._ending:
            return
        self.turn.become("running")
        self._limits.begin()
        failure: Failure | None = None
        gone = False
        try:
            await self._respond()
        except asyncio.CancelledError as cancelled:
            if self._ending:
                return
            failure = shut_down() if _is_cancelled() else self._failed(cancelled)
        except KeyboardInterrupt:
            raise
        except LeaseLostError:
            self.lose()
        except BaseException as error:  # also a SystemExit: it ends the turn, not the server
            if isinstance(error, NotFoundError) and await self._end.thread_is_gone():
                gone = True
            else:
                failure = self._failed(error)
        if self._ending or self.turn.cancel_reason is not None:
            return  # `stop` ends it
        self._ending = True
        await self._come_to_an_end(failure, gone)

    async def say_answer(self) -> None:
        """Say what was answered, and rest again: there are more questions."""
        self._ending = not self.asking.is_waiting
        async with self._going_on:
            try:
                await self._begin_saying()
                await self._end.rest()
            except LeaseLostError:
                self._end.lose()

    async def go_on(self) -> None:
        """Go on where `reply.ask` waits, now that it is answered."""
        failure: Failure | None = None
        async with self._going_on:
            try:
                self.turn.become("running")
                self._limits.begin()
                await self._begin_saying()
            except LeaseLostError:
                return self.lose()
            except Exception as error:
                failure = self._failed(error)
            else:
                self.asking.go_on()
        if failure is not None:
            await self.stop("failed", failure)
        return None

    async def stop(self, ending: Ending, failure: Failure | None = None, *, seconds: float | None = None) -> None:
        """End the turn: `respond`, and then the app's handler, get the grace time; what comes later is dropped.

        Args:
            seconds: the grace time, if it is not the app's.
        """
        if self._ending:
            return
        self._ending = True
        self._limits.pause()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (self._parts.hooks.cancel_grace if seconds is None else seconds)
        if self.task is not None:
            await self._stop_task(self.task, deadline - loop.time())
        async with self._going_on:
            self._pipeline.closed = True
        if self.turn.feed.resting and not await self._take_again():
            self._end.lose()
            return
        if not self.opening.begun:
            await self._end.try_to(self.opening.withdraw(self._pipeline))
        items = self._pipeline.pending_items()
        if ending == "cancelled" and self.turn.cancel_reason != "thread.deleted" and self.task is not None:
            await self._end.try_to(self._end.undo_if_idle())
            await self._end.handle_cancelled(items, deadline - loop.time())
        await self._end.end(ending, failure, items)

    def lose(self) -> None:
        """Stop without a trace: the turn is not this process's any more."""
        if self._ending:
            return
        self._ending = True
        self._limits.pause()
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()
        self._end.lose()

    async def fail(self, failure: Failure) -> None:
        """End the turn, which has not started and will not; what the user brought is kept."""
        if self._ending:
            return
        self._ending = True
        await self._end.try_to(self.opening.keep(self._pipeline))
        await self._end.end("failed", failure)

    async def adopt(self, left: Leftovers) -> None:
        """Take over what the turn has left open in another process; it is closed when the turn goes on, or ends."""
        self.turn.metadata = self.turn.metadata.model_copy(update={"usage": left.usage})
        await self._pipeline.adopt(left.pending, left.items_done)

    async def recover(self) -> None:
        """End the turn, whose process is gone; what it has left is kept."""
        self._ending = True
        if self.turn.cancel_reason == "thread.deleted":
            await self._end.end("cancelled")
            return
        await self._end.try_to(self.opening.keep(self._pipeline))
        await self._end.end("failed", interrupted())

    async def withdraw(self) -> None:
        """End the turn as cancelled before it has started; what the user brought never was."""
        if self._ending:
            return
        self._ending = True
        await self._end.try_to(self.opening.withdraw(self._pipeline))
        await self._end.end("cancelled", keep=False)

    @contextlib.contextmanager
    def is_current(self) -> Iterator[None]:
        """Let what runs in the block run in the turn."""
        tokens = self._set_variables()
        try:
            yield
        finally:
            running_turn.reset(tokens[0])
            _ids.minted_in_turn.reset(tokens[1])
            writing_as.reset(tokens[2])

    def _set_variables(self) -> tuple[Token[Turn | None], Token[set[str] | None], Token[Writer | None]]:
        turn = running_turn.set(self.turn)
        return turn, _ids.minted_in_turn.set(self._minted), writing_as.set(self.turn.writer)

    async def _respond(self) -> None:
        turn, pipeline, opening = self.turn, self._pipeline, self.opening
        if not opening.makes_thread:
            pipeline.use_thread(await self._parts.store.load_thread(turn.thread.id, context=turn.context))
            if opening.needs_active_thread:
                check_active(turn.thread)
            turn.options = stream_options(self._parts.hooks, turn.thread, turn.context)
        await self._begin_saying()
        if opening.is_answered:
            await drain(opening.answer(turn.thread), pipeline)
        if turn.usage_due:
            turn.say_usage()
        if pipeline.closed:
            return  # the turn has ended without waiting for `respond`
        await pipeline.close_items()
        await pipeline.save_thread()

    async def _begin_saying(self) -> None:
        if not self.asking.is_waiting and (left_open := self._pipeline.pending_items()):
            await self._pipeline.close_partial_items(left_open)
        self.opening.begun = True
        self.opening.announce(self._pipeline)
        await to_its_end(self._bring())

    async def _bring(self) -> None:
        """Bring to the thread what the op brings."""
        await self.opening.enter(self._pipeline)
        self._pipeline.say(StreamOptionsEvent(stream_options=self.turn.options))
        await self.opening.begin(self._pipeline)

    async def _come_to_an_end(self, failure: Failure | None, gone: bool) -> None:
        self._limits.pause()
        if gone:
            self.turn.cancel_reason = "thread.deleted"
            await self._end.end("cancelled")
            return
        if failure is None and self._limit is not None:
            failure = limit_reached(self._limit)
        if failure is None and self._pipeline.error is not None:
            failure = Failure(self._pipeline.error, None)
        if failure is None and self._pipeline.questions:
            failure, rests = await self._rest()
            if rests:
                return
        await self._end.end("failed" if failure else "completed", failure)

    async def _rest_in_place(self) -> None:
        self._limits.pause()
        await self._let_rest()

    async def _let_rest(self) -> None:
        self.turn.state.set_aside = []
        self.turn.state.answered = []
        self.turn.state.events = self._pipeline.events
        await self._end.rest()

    async def _take_again(self) -> bool:
        """Take the turn, which rests, to end it; return False if somebody else has it by now."""
        taken = await self._parts.lease.use(functools.partial(self._parts.log.take, self.turn.id))
        if taken is None:
            return False
        self.turn.taken(taken)
        self.turn.go_on()
        return True

    async def _rest(self) -> tuple[Failure | None, bool]:
        """Let the turn wait, if there is anything to wait for; return why it cannot, and whether it does."""
        try:
            if not await self._pipeline.questions.unanswered():
                return None, False
            answers = self.turn.state.answers  # the next run of `respond` counts its questions anew
            self.turn.state.answers = {key: item for key, item in answers.items() if not key.startswith(NUMBERED)}
            await self._let_rest()
        except LeaseLostError:
            self._end.lose()
        except Exception as error:
            return self._failed(error), False
        return None, True

    async def _stop_task(self, task: asyncio.Task[None], seconds: float) -> None:
        task.cancel()
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            _log.warning("Turn %s: respond has not stopped within %s s.", self.turn.id, round(seconds, 1))
            abandon(task)

    def _reach_limit(self, limit: str) -> None:
        self._limit = self._limit or limit
        if not self._ending and self.turn.cancel_reason is None:
            self._stopping = asyncio.create_task(self.stop("failed", limit_reached(limit)), context=self.variables)

    def _failed(self, error: BaseException) -> Failure:
        failure = failure_of(error)
        told = isinstance(error, BaseStreamError)
        why = f": {failure.error.message}" if told else "."
        _log.error("Turn %s of thread %s failed%s", self.turn.id, self.turn.thread.id, why, exc_info=not told and error)
        return failure


def stream_options(hooks: Hooks[Any], thread: ThreadMetadata, context: Any) -> StreamOptions:
    """Return the options that the app gives a turn.

    Raises:
        TypeError: the app's hook returns something else.
    """
    options = hooks.get_stream_options(thread, context)
    if not isinstance(options, StreamOptions):
        raise TypeError(f"get_stream_options returned a {type(options).__name__}, not StreamOptions.")
    return options


def _is_cancelled() -> bool:
    """Return whether somebody cancelled the current task; else the error came out of what it awaits."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
