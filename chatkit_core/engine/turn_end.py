"""How a turn comes to its end, or to rest: what is kept of it, what is said last, and what the turn log is told."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Literal

from chatkit_core import _ids
from chatkit_core.engine.app_tasks import bounded
from chatkit_core.engine.encoding import thread_response
from chatkit_core.engine.failures import Failure
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.openings import Opening
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.text import clean
from chatkit_core.errors import LeaseLostError, NotFoundError
from chatkit_core.types import ThreadItem, ThreadUpdatedEvent

_log = logging.getLogger("chatkit_core")

Ending = Literal["completed", "failed", "cancelled"]


class TurnEnd:
    """Ends one turn, once."""

    def __init__(self, turn: LiveTurn, opening: Opening, pipeline: Pipeline, parts: Parts) -> None:
        self._turn = turn
        self._opening = opening
        self._pipeline = pipeline
        self._parts = parts
        self._titled = False

    async def end(
        self,
        ending: Ending,
        failure: Failure | None = None,
        items: list[ThreadItem] | None = None,
        *,
        keep: bool = True,
    ) -> None:
        """Keep what there is, say how the turn ended, and let it go; whatever fails here, the turn ends.

        Args:
            items: the open items that are kept if they are not empty; by default all.
            keep: whether anything is kept.
        """
        try:
            if keep and self._turn.cancel_reason != "thread.deleted":
                await self.try_to(self._keep(ending, failure, items))
        finally:
            self._pipeline.closed = True
            await self._finish(*self._turn.ending(ending, failure.error if failure else None))
            self._turn.feed.end()
            self._turn.settle()

    async def rest(self) -> None:
        """Say that the turn waits for answers, and let it go until they come.

        Raises:
            LeaseLostError: it is not this process's any more.
        """
        turn = self._turn
        await self.try_to(self._set_title())
        await self._pipeline.questions.unanswered()
        turn.state.rest = _ids.new_id("rest")
        event = turn.waiting(self._pipeline.questions.asked())
        await self._parts.writer.finish(turn.feed, turn.fence, turn.record, event)
        self._parts.writer.remove(turn.feed)
        turn.feed.rest()
        self._turn.settle()

    def lose(self) -> None:
        """Leave the turn to whoever has it now."""
        self._pipeline.closed = True
        self._parts.writer.remove(self._turn.feed)
        self._turn.feed.lost = True
        self._turn.feed.end()
        self._turn.settle()

    async def try_to(self, save: Coroutine[Any, Any, None]) -> None:
        """Save something at the end of the turn, which ends all the same if that fails, or takes too long."""
        try:
            await bounded(save, self._parts.hooks.end_grace)
        except NotFoundError:
            _log.info("Turn %s: thread %s is gone.", self._turn.id, self._turn.thread.id)
        except LeaseLostError:
            _log.info("Turn %s is not this process's any more.", self._turn.id)
        except Exception:
            _log.exception("Turn %s: what it leaves could not be saved.", self._turn.id)

    async def undo_if_idle(self) -> None:
        """Put back what the turn took away, if it has given nothing for it."""
        if self._pipeline.items_done == 0 and not self._pipeline.has_unsaved_work():
            await self._opening.undo(self._pipeline)

    async def thread_is_gone(self) -> bool:
        """Return whether the thread was deleted."""
        try:
            await self._parts.store.load_thread(self._turn.thread.id, context=self._turn.context)
        except NotFoundError:
            return True
        except Exception:
            _log.exception("Turn %s: its thread could not be looked up.", self._turn.id)
        return False

    async def _call_handler(self, items: list[ThreadItem]) -> None:
        await self._parts.hooks.handle_stream_cancelled(self._turn.thread, items, self._turn.context)

    async def handle_cancelled(self, items: list[ThreadItem], seconds: float) -> None:
        """Let the app clean up after a cancelled turn.

        Args:
            items: the open items.
            seconds: how long it may take.
        """
        try:
            await bounded(self._call_handler(items), max(seconds, 0.1))
        except TimeoutError:
            _log.warning("Turn %s: handle_stream_cancelled has not ended within the grace time.", self._turn.id)
        except NotFoundError as error:
            _log.info("Turn %s: handle_stream_cancelled found something gone: %s", self._turn.id, error)
        except Exception:
            _log.exception("Turn %s: handle_stream_cancelled has failed.", self._turn.id)

    async def _keep(self, ending: Ending, failure: Failure | None, items: list[ThreadItem] | None) -> None:
        pipeline = self._pipeline
        try:
            if ending != "cancelled":
                await self.undo_if_idle()
            if ending != "completed":
                await pipeline.close_partial_items(pipeline.pending_items() if items is None else items)
            if ending == "cancelled":
                await pipeline.close_questions()
        finally:
            if failure is not None and failure.event is not None:
                pipeline.say(failure.event)
        await pipeline.save_thread()
        if failure is None or failure.error.code != "server.shutdown":
            await self._set_title()

    async def _set_title(self) -> None:
        turn, store = self._turn, self._parts.store
        if turn.thread.title is not None or self._titled:
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
        thread = await store.update_thread(turn.thread.id, changes, context=turn.context, only_missing=True)
        self._titled = True
        if thread.title == title:
            self._pipeline.say(ThreadUpdatedEvent(thread=thread_response(thread)))

    async def _finish(self, type: str, data: bytes) -> None:
        turn, writer = self._turn, self._parts.writer
        record = turn.record
        try:
            async with asyncio.timeout(self._parts.hooks.end_grace):
                await writer.finish(turn.feed, turn.fence, record, (type, data))
        except LeaseLostError:
            if await self._is_deleted():
                turn.feed.say(type, data)
            else:
                turn.feed.lost = True
        except Exception:
            _log.exception("The end of turn %s could not be written to the turn log; it is tried again.", turn.id)
            turn.feed.say(type, data)
            writer.finish_later(turn.feed, turn.fence, record)
        finally:
            writer.remove(turn.feed)

    async def _is_deleted(self) -> bool:
        try:
            await self._parts.log.load(self._turn.id)
        except NotFoundError:
            return True
        except Exception:
            _log.exception("Turn %s could not be looked up.", self._turn.id)
        return False
