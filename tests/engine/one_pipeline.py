"""One turn's pipeline, with a store and a log in memory, and nothing of a server around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from one_turn import CONTEXT, TinyServer

from chatkit_core.engine.lease import Lease
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.log_writer import LogWriter
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.turn_log import Taken, TurnRecord, Writer
from chatkit_core.types import ThreadMetadata, TurnMetadata, utc_now


@dataclass
class OnePipeline:
    """A turn that runs, and its pipeline."""

    turn: LiveTurn
    pipeline: Pipeline
    parts: Parts

    async def elsewhere(self) -> "OnePipeline":
        """Return the turn as it goes on in another process, with what the log has of it."""
        log, turn = self.parts.log, self.turn
        await self.parts.log.append(turn.fence.lease, {turn.id: turn.feed.take_unlogged()})
        known = await log.read(turn.id, 0)
        other = LiveTurn(
            turn.record,
            turn.thread,
            turn.context,
            self.parts.store,
            turn.writer,
            known=known,
            last_seq=turn.feed.last_seq,
        )
        return OnePipeline(other, Pipeline(other, self.parts, set()), self.parts)


@asynccontextmanager
async def one_pipeline() -> AsyncIterator[OnePipeline]:
    server = TinyServer()
    store, log = server.store, server.turn_log
    thread = ThreadMetadata(id="thr_1", created_at=utc_now())
    await store.save_thread(thread, context=CONTEXT)
    lease = Lease(log, 60, is_needed=lambda: True, on_lost=lambda _: None)
    parts = Parts(server, store, None, log, LogWriter(log, lease), lease)
    metadata = TurnMetadata(
        id="trn_1", thread_id=thread.id, op="threads.create", status="queued", created_at=thread.created_at
    )
    taken = await log.create(TurnRecord(metadata, "ada", b"{}"), await lease.acquire())
    assert isinstance(taken, Taken)
    turn = LiveTurn(taken.record, thread, CONTEXT, store, Writer(log, taken.fence))
    try:
        yield OnePipeline(turn, Pipeline(turn, parts, set()), parts)
    finally:
        await lease.release()
