"""Turns that another process has begun: they go on here, or are brought to their end."""

import logging
from dataclasses import replace
from typing import Any

from chatkit_core.engine.answers import AnswerOpening
from chatkit_core.engine.failures import interrupted
from chatkit_core.engine.leftovers import leftovers
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.openings import Recovered
from chatkit_core.engine.parts import Parts
from chatkit_core.engine.turn_run import TurnRun, stream_options
from chatkit_core.engine.turn_state import TurnState
from chatkit_core.errors import NotFoundError
from chatkit_core.turn_log import Entries, Taken, TurnRecord, Writer
from chatkit_core.types import ThreadMetadata, utc_now

_log = logging.getLogger("chatkit_core")

GAP = 1_000_000
"""How many numbers are left out after a crash: more than any turn says between two batches, so that no number is used
that a client may have seen."""


async def resumed(taken: Taken, opening: AnswerOpening, parts: Parts) -> TurnRun:
    """Return a turn that has waited, and goes on here."""
    turn = await _turn(taken, opening.thread, opening.context, parts)
    turn.options = stream_options(parts.hooks, opening.thread, opening.context)
    return await _with_leftovers(TurnRun(turn, opening, parts))


async def abandoned(taken: Taken, parts: Parts) -> TurnRun:
    """Return a turn that nobody has, and that is only brought to its end here; if its thread is gone, as deleted."""
    record = taken.record
    context: Any = None
    thread = ThreadMetadata(id=record.turn.thread_id, created_at=record.turn.created_at)
    gone = False
    try:
        context = parts.hooks.context_for(record)
        thread = await parts.store.load_thread(record.turn.thread_id, context=context)
    except NotFoundError:
        gone = True
    except Exception:
        _log.exception("Turn %s has no process any more, and what it left cannot be kept.", record.turn.id)
    turn = await _turn(taken, thread, context, parts)
    if gone:
        turn.cancel_reason = "thread.deleted"
    opening = Recovered(parts.hooks, parts.store, thread, context, record.turn.op)
    opening.state = turn.state
    run = TurnRun(turn, opening, parts)
    return run if gone or context is None else await _with_leftovers(run)


async def _with_leftovers(run: TurnRun) -> TurnRun:
    await run.adopt(leftovers(run.turn.feed.said()))
    return run


def rest_of(record: TurnRecord) -> str | None:
    """Return the name of the last time that the turn went to rest."""
    return TurnState.from_bytes(record.state).rest


def rests_in(run: TurnRun, record: TurnRecord) -> bool:
    """Return whether the turn's `respond` waits in this run, and the turn has not gone on elsewhere meanwhile."""
    return run.rests_in_place and run.turn.state.rest == rest_of(record)


def failed(record: TurnRecord) -> TurnRecord:
    """Return the row of a turn of which nothing but its row can be used."""
    changes = {"status": "failed", "ended_at": utc_now(), "error": interrupted().error, "waiting_for": None}
    return replace(record, turn=record.turn.model_copy(update=changes), state=b"{}")


async def _turn(taken: Taken, thread: ThreadMetadata, context: Any, parts: Parts) -> LiveTurn:
    record, entries = taken.record, Entries()
    entries.extend(await parts.log.read(record.turn.id, 0))
    last_seq = max((entry.seq for entry in entries), default=0)
    if record.turn.status != "waiting":
        last_seq += GAP
    writer = Writer(parts.log, taken.fence)
    return LiveTurn(record, thread, context, parts.store, writer, known=entries, last_seq=last_seq)
