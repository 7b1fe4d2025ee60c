"""One turn, from its start to its end: the task in which `respond` runs, and how it is brought to an end.

A turn ends once, in one of two ways: by itself, in the task in which `respond` runs; or because somebody stops it, in
a task of its own, since a `respond` that will not stop must not hold up the thread.
"""

import asyncio
import contextvars
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from chatkit_core._ids import minted_in_turn
from chatkit_core.engine.draining import drain
from chatkit_core.engine.encoding import thread_response
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.log_writer import LogWriter
from chatkit_core.engine.openings import Opening, check_active
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.text import clean
from chatkit_core.engine.to_its_end import to_its_end
from chatkit_core.errors import (
    BaseStreamError,
    ChatKitError,
    CustomStreamError,
    ErrorCode,
    NotFoundError,
    StreamError,
    ThreadNotActiveError,
)
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.turn import running_turn
from chatkit_core.types import (
    ErrorEvent,
    StreamOptions,
    StreamOptionsEvent,
    ThreadItem,
    ThreadMetadata,
    ThreadUpdatedEvent,
)
from chatkit_core.types.turns import TurnError

_log = logging.getLogger("chatkit_core")

DEFAULT_ERROR_MESSAGE = "Something went wrong while this reply was made."
"""What `turn.failed` says of an error that nobody foresaw; what it was stands in the server's log."""

Ending = Literal["completed", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class _Failure:
    error: TurnError
    event: ErrorEvent | None


class TurnRun:
    """Runs one turn."""

    def __init__(
        self,
        turn: LiveTurn,
        opening: Opening,
        hooks: Hooks[Any],
        store: Store[Any],
        attachments: AttachmentStore[Any] | None,
        writer: LogWriter,
    ) -> None:
        self.turn = turn
        self.ready = False
        """Whether the turn log knows the turn, so that it may begin."""
        self.had_to_wait = False
        """Whether another turn was before it, which may have changed the thread since the op came."""
        self.started = False
        self.task: asyncio.Task[None] | None = None
        self.variables = contextvars.copy_context()
        """The context variables of the request, which the turn runs in, also when it has to wait."""
        self._opening = opening
        self._hooks = hooks
        self._store = store
        self._minted: set[str] = set()
        self.variables.run(self._set_variables)
        self._pipeline = Pipeline(turn, store, attachments, writer, self._minted)
        self._ending = False

    async def run(self) -> None:
        """Run the turn to its end, or until it is stopped."""
        self.turn.become("running")
        failure: _Failure | None = None
        gone = False
        try:
            await self._respond()
        except asyncio.CancelledError as cancelled:
            if self._ending:
                return
            failure = _shut_down() if _is_cancelled() else self._failed(cancelled)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also a SystemExit: it ends the turn, not the server
            if isinstance(error, NotFoundError) and await self._thread_is_gone():
                gone = True
            else:
                failure = self._failed(error)
        if self._ending or self.turn.cancel_reason is not None:
            return  # `stop` ends it
        self._ending = True
        if gone:
            self.turn.cancel_reason = "thread.deleted"
            await self._end("cancelled", None)
            return
        if failure is None and self._pipeline.error is not None:
            failure = _Failure(self._pipeline.error, None)
        await self._end("failed" if failure else "completed", failure)

    async def stop(self, ending: Literal["cancelled", "failed"]) -> None:
        """End the turn: `respond`, and then the app's handler, get the grace time; what comes later is dropped."""
        if self._ending or self.task is None:
            return
        self._ending = True
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._hooks.cancel_grace
        self.task.cancel()
        await asyncio.wait({self.task}, timeout=self._hooks.cancel_grace)
        if not self.task.done():
            _log.warning("Turn %s: respond has not stopped within %s s.", self.turn.id, self._hooks.cancel_grace)
        self._pipeline.closed = True
        items = self._pipeline.pending_items()
        if ending == "cancelled" and self.turn.cancel_reason != "thread.deleted":
            await self._try_to(self._undo_if_idle())
            await self._handle_cancelled(items, deadline - loop.time())
        await self._end(ending, _shut_down() if ending == "failed" else None, items)

    def _set_variables(self) -> None:
        running_turn.set(self.turn)
        minted_in_turn.set(self._minted)

    async def fail(self) -> None:
        """End the turn, which has not started and will not; what the user brought is kept."""
        self._ending = True
        await self._try_to(self._opening.keep(self._pipeline))
        await self._end("failed", _shut_down())

    def withdraw(self) -> None:
        """End the turn as cancelled before it has started; what the user brought never was."""
        self._ending = True
        self.turn.become("cancelled")
        self.turn.feed.end()
        self.turn.ended.set_result(None)

    async def _respond(self) -> None:
        turn, pipeline, opening = self.turn, self._pipeline, self._opening
        if self.had_to_wait:
            pipeline.use_thread(await self._store.load_thread(turn.thread.id, context=turn.context))
            if opening.needs_active_thread:
                check_active(turn.thread)
            turn.options = stream_options(self._hooks, turn.thread, turn.context)
        await to_its_end(opening.enter(pipeline))
        pipeline.say(StreamOptionsEvent(stream_options=turn.options))
        await to_its_end(opening.begin(pipeline))
        if opening.is_answered:
            await drain(opening.answer(turn.thread), pipeline)
        if pipeline.closed:
            return  # the turn has ended without waiting for `respond`
        await pipeline.close_items()
        await pipeline.save_thread()

    async def _thread_is_gone(self) -> bool:
        try:
            await self._store.load_thread(self.turn.thread.id, context=self.turn.context)
        except NotFoundError:
            return True
        except Exception:
            _log.exception("Turn %s: its thread could not be looked up.", self.turn.id)
        return False

    async def _call_handler(self, items: list[ThreadItem]) -> None:
        await self._hooks.handle_stream_cancelled(self.turn.thread, items, self.turn.context)

    async def _handle_cancelled(self, items: list[ThreadItem], seconds: float) -> None:
        task = asyncio.create_task(self._call_handler(items))
        await asyncio.wait({task}, timeout=max(seconds, 0.1))
        if not task.done():
            _log.warning("Turn %s: handle_stream_cancelled has not ended within the grace time.", self.turn.id)
            task.cancel()
            return
        error = None if task.cancelled() else task.exception()
        if isinstance(error, NotFoundError):
            _log.info("Turn %s: handle_stream_cancelled found something gone: %s", self.turn.id, error)
        elif error is not None:
            _log.error("Turn %s: handle_stream_cancelled has failed.", self.turn.id, exc_info=error)

    async def _end(self, ending: Ending, failure: _Failure | None, items: list[ThreadItem] | None = None) -> None:
        """Keep what there is, say how the turn ended, and let it go; whatever fails here, the turn ends."""
        try:
            if self.turn.cancel_reason != "thread.deleted":
                await self._try_to(self._keep(ending, failure, items))
        finally:
            self._pipeline.closed = True
            self.turn.become(ending, error=failure.error if failure else None)
            self.turn.feed.end()
            self.turn.ended.set_result(None)

    async def _try_to(self, save: Coroutine[Any, Any, None]) -> None:
        """Save something at the end of the turn, which ends all the same if that fails, or takes too long."""
        try:
            async with asyncio.timeout(self._hooks.end_grace):
                await save
        except NotFoundError:
            _log.info("Turn %s: thread %s is gone.", self.turn.id, self.turn.thread.id)
        except Exception:
            _log.exception("Turn %s: what it leaves could not be saved.", self.turn.id)

    async def _keep(self, ending: Ending, failure: _Failure | None, items: list[ThreadItem] | None) -> None:
        pipeline = self._pipeline
        try:
            if ending != "cancelled":
                await self._undo_if_idle()
            if ending != "completed":
                await pipeline.close_partial_items(pipeline.pending_items() if items is None else items)
        finally:
            if failure is not None and failure.event is not None:
                pipeline.say(failure.event)
        await pipeline.save_thread()
        await self._set_title()

    async def _undo_if_idle(self) -> None:
        if self._pipeline.items_done == 0 and not self._pipeline.has_unsaved_work():
            await self._opening.undo(self._pipeline)

    async def _set_title(self) -> None:
        turn = self.turn
        if turn.thread.title is not None:
            return
        try:
            title = await self._opening.title(turn.thread)
        except NotFoundError:
            raise
        except Exception:
            _log.exception("Turn %s: generate_title has failed.", turn.id)
            return
        if title is None:
            return
        title = clean(title)
        changes = {"title": title}
        thread = await self._store.update_thread(turn.thread.id, changes, context=turn.context, only_missing=True)
        if thread.title == title:
            self._pipeline.say(ThreadUpdatedEvent(thread=thread_response(thread)))

    def _failed(self, error: BaseException) -> _Failure:
        told = isinstance(error, BaseStreamError)
        why = f": {clean(str(error))}" if told else "."
        _log.error("Turn %s of thread %s failed%s", self.turn.id, self.turn.thread.id, why, exc_info=not told and error)
        match error:
            case CustomStreamError():
                event = ErrorEvent(code="custom", message=clean(str(error.message)), allow_retry=error.allow_retry)
            case ThreadNotActiveError():
                event = ErrorEvent(code="custom", message=error.message, allow_retry=False)
            case StreamError():
                event = ErrorEvent(code=error.code, allow_retry=error.allow_retry)
            case _:
                event = ErrorEvent(code=ErrorCode.STREAM_ERROR, allow_retry=True)
        code = error.code if isinstance(error, ChatKitError) else str(event.code) if told else "server.error"
        return _Failure(TurnError(code=code, message=event.message or DEFAULT_ERROR_MESSAGE), event)


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


def _shut_down() -> _Failure:
    error = TurnError(code="server.shutdown", message="The server was shut down.")
    return _Failure(error, ErrorEvent(code=ErrorCode.STREAM_ERROR, allow_retry=True))
