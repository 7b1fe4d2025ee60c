"""The ops about turns."""

import asyncio
from typing import Any

import orjson
from pydantic import BaseModel

from chatkit_core.engine.follow import Follow
from chatkit_core.engine.following import Cursor, ThreadSource, TurnSource
from chatkit_core.engine.listing import page_size
from chatkit_core.engine.runner import Runner
from chatkit_core.errors import InvalidRequestError, NotFoundError
from chatkit_core.store import Store
from chatkit_core.turn_log import ACTIVE, POLLING, Entries, TurnLog, TurnQuery, TurnRecord
from chatkit_core.types import (
    ActiveTurn,
    NumberedEvent,
    Page,
    TurnEvents,
    TurnMetadata,
    TurnsCancelReq,
    TurnsEventsReq,
    TurnsGetReq,
    TurnsListReq,
    TurnsSummaryReq,
    TurnsWaitReq,
)

PAGE_OF_EVENTS = 100
MAX_PAGE_OF_EVENTS = 1000

PlainTurnReq = TurnsGetReq | TurnsListReq | TurnsEventsReq | TurnsWaitReq | TurnsCancelReq | TurnsSummaryReq
"""An op about turns that is answered with one JSON document."""


class TurnOps:
    """Answers the ops about turns, each for the owner that asks."""

    def __init__(self, store: Store[Any], log: TurnLog, runner: Runner) -> None:
        self._store = store
        self._log = log
        self._runner = runner

    async def answer(self, op: PlainTurnReq, context: Any) -> BaseModel:
        """Return the answer to an op.

        Raises:
            NotFoundError: the owner has no such turn.
            GoneError: its events are purged.
        """
        match op:
            case TurnsGetReq():
                return (await self._load(op.params.turn_id, context)).turn
            case TurnsListReq():
                return await self._list(op, context)
            case TurnsEventsReq():
                return await self._events(op, context)
            case TurnsWaitReq():
                return await self._wait(op, context)
            case TurnsCancelReq():
                record = await self._load(op.params.turn_id, context)
                if record.turn.status in ACTIVE:
                    await self._runner.cancel(record.turn.id, op.params.reason)
                return (await self._load(record.turn.id, context)).turn
            case TurnsSummaryReq():
                params = op.params
                query = TurnQuery(
                    self._store.owner_id(context), params.thread_id, since=params.since, until=params.until
                )
                return await self._log.summarize(query)

    async def active_turn(self, thread_id: str) -> ActiveTurn | None:
        """Return the thread's turn that runs; else one that waits, else one that is queued; None if there is none."""
        turns = [record.turn for record in await self._log.turns_of_thread(thread_id)]
        for status in ("running", "waiting", "queued"):
            for turn in turns:
                if turn.status == status:
                    return ActiveTurn(**turn.model_dump(), cursor=f"{turn.id}:0")
        return None

    async def follow_turn(self, turn_id: str, after: str | None, context: Any, *, turns: bool = True) -> Follow | None:
        """Return a reader of what a turn says; None if nothing more comes.

        Args:
            turns: whether the client knows turns.

        Raises:
            NotFoundError: the owner has no such turn.
            GoneError: its events are purged.
            InvalidRequestError: `after` is not a cursor of this turn.
        """
        record = await self._load(turn_id, context)
        cursor = Cursor(turn_id, 0) if after is None else Cursor.parse(after, "after")
        if cursor.turn_id != turn_id:
            raise InvalidRequestError("after", "is not a cursor of this turn")
        entries = await self._log.read(turn_id, cursor.seq)
        if not entries and record.turn.status not in ACTIVE:
            return None
        return self.follow_from(record.turn, cursor.seq, turns=turns)

    def follow_from(self, turn: TurnMetadata, seq: int, *, turns: bool) -> Follow:
        """Return a reader of what a turn says after a seq, wherever it runs.

        Args:
            turns: whether the client knows turns.
        """
        source = TurnSource(self._runner.lanes, self._log, turn.thread_id, Cursor(turn.id, seq), turns=turns)
        return self._runner.follows.open(source.to_the_end())

    async def follow_thread(self, thread_id: str, after: str | None, wait: bool, context: Any) -> Follow | None:
        """Return a reader of what the turns of a thread say; None if nothing more comes.

        Raises:
            NotFoundError: the owner has no such thread, or no such turn in it.
            GoneError: the events of the cursor's turn are purged.
            InvalidRequestError: `after` is not a cursor.
        """
        await self._store.load_thread(thread_id, context=context)
        query = TurnQuery(self._store.owner_id(context), thread_id)
        begin: list[Cursor] = []
        if after is None:
            newest = await self._log.list_turns(query, limit=1)
            last = newest[0].turn.id if newest else None
        else:
            cursor = Cursor.parse(after, "after")
            last = cursor.turn_id
            if (await self._load(last, context)).turn.thread_id != thread_id:
                raise NotFoundError("turn", last)
            if await self._log.read(last, cursor.seq):
                begin.append(cursor)
        later = [record.turn.id for record in await self._log.turns_of_thread(thread_id, after=last)]
        begin += [Cursor(id, cursor.seq if after and id == last else 0) for id in later]
        if not begin and not wait:
            return None
        known: set[str] = set()
        if last in later and later[0] != last:  # turns may go ahead of the one that is known best
            last = later[0]
            known = {record.turn.id for record in await self._log.turns_of_thread(thread_id, after=last)} - {*later}
        source = ThreadSource(self._runner.lanes, self._log, query, last, begin, known, wait=wait)
        return self._runner.follows.open(source.frames(), thread_id)

    async def _load(self, turn_id: str, context: Any) -> TurnRecord:
        record = await self._log.load(turn_id)
        if record.owner != self._store.owner_id(context):
            raise NotFoundError("turn", turn_id)
        return record

    async def _list(self, op: TurnsListReq, context: Any) -> Page[TurnMetadata]:
        params = op.params
        statuses = [params.status] if isinstance(params.status, str) else params.status or []
        query = TurnQuery(
            self._store.owner_id(context), params.thread_id, frozenset(statuses), params.since, params.until
        )
        limit = page_size(params.limit)
        records = await self._log.list_turns(query, limit=limit + 1, after=params.after, order=params.order)
        data = [record.turn for record in records[:limit]]
        has_more = len(records) > limit
        return Page[TurnMetadata](data=data, has_more=has_more, after=data[-1].id if has_more else None)

    async def _events(self, op: TurnsEventsReq, context: Any) -> TurnEvents:
        params = op.params
        limit = PAGE_OF_EVENTS if params.limit is None else min(params.limit, MAX_PAGE_OF_EVENTS)
        if limit < 1:
            raise InvalidRequestError("params.limit", "must be at least 1")
        record = await self._load(params.turn_id, context)
        entries = Entries()
        run = self._runner.lanes.find(params.turn_id)
        if run is not None and record.turn.status == "running" and not run.turn.feed.resting:
            entries.extend(run.turn.feed.said())
        else:
            entries.extend(await self._log.read(params.turn_id, params.after_seq))
        said = list(entries.after(params.after_seq))
        page = [NumberedEvent(seq=seq, event=orjson.loads(data)) for seq, _, data in said[:limit]]
        last = page[-1].seq if page else params.after_seq
        has_more = len(said) > limit
        over = record.turn.status not in ACTIVE and not has_more
        return TurnEvents(
            events=page,
            latest_seq=max(said[-1][0] if said else 0, last),
            next_after_seq=None if over else last,
            has_more=has_more,
        )

    async def _wait(self, op: TurnsWaitReq, context: Any) -> TurnMetadata:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + op.params.timeout
        while True:
            turn = (await self._load(op.params.turn_id, context)).turn
            left = deadline - loop.time()
            run = self._runner.lanes.find(turn.id)
            gets_on = turn.status in ("queued", "running") or (run is not None and not run.is_at_rest)
            if not gets_on or left <= 0 or self._runner.stopping.is_set():
                return turn
            await self._runner.lanes.change(turn.thread_id, min(left, POLLING))
