"""The ops that start a turn, or go on with one."""

import asyncio
import hashlib
from contextvars import copy_context
from typing import Any

import orjson

from chatkit_core.engine.answering import Answering
from chatkit_core.engine.answers import AnswerOpening
from chatkit_core.engine.checks import Checks
from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.new_turns import NewTurns
from chatkit_core.engine.runner import Runner
from chatkit_core.engine.streaming import Frames, NothingToFollow, Streaming, nothing_happens
from chatkit_core.engine.to_its_end import telling
from chatkit_core.engine.turn_ops import TurnOps
from chatkit_core.errors import KeyReusedError
from chatkit_core.turn_log import TurnRecord
from chatkit_core.types import StreamingReq, ThreadsRetryAfterItemReq, TurnOptions


class Starts:
    """Starts turns, each once for its idempotency key."""

    def __init__(self, runner: Runner, checks: Checks, turns: TurnOps) -> None:
        self._runner = runner
        self._checks = checks
        self._turns = turns
        self._new_turns = NewTurns(runner, runner.parts)
        self._answering = Answering(runner, self._new_turns, runner.parts)

    async def start(self, op: StreamingReq, context: Any, *, turns: bool, key: str | None) -> Streaming:
        """Return the stream of the turn that the op starts or goes on with.

        Args:
            turns: whether the client knows turns.
            key: the request's idempotency key, if the op has none.

        Raises:
            KeyReusedError: the key was used for another op.
            ChatKitError: the op cannot be done; nothing has changed.
        """
        self._runner.check_open()
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        starting = self._runner.spawn(telling(self._start(op, context, turns, key), started), copy_context())
        try:
            await started
        except asyncio.CancelledError:  # the turn is there, or will be, and its connection is gone
            starting.add_done_callback(_close)
            raise
        streaming: Streaming = starting.result()
        return streaming

    async def _start(self, op: StreamingReq, context: Any, turns: bool, key: str | None) -> Streaming:
        options = op.params.turn or TurnOptions()
        if options.idempotency_key is None and key is not None:
            options = options.model_copy(update={"idempotency_key": key})
        digest = _digest(op) if options.idempotency_key else None
        opening = await self._checks.opening(op, context)
        if isinstance(opening, AnswerOpening):  # which needs no key: the first answer wins
            options = options.model_copy(update={"idempotency_key": None})
            turn, before = await self._answering.answer(opening, to_json(op), options)
            return self._stream(turn, before, turns)
        retry = isinstance(op, ThreadsRetryAfterItemReq)
        started = await self._new_turns.start(opening, to_json(op), options, digest, retry=retry)
        if isinstance(started, TurnRecord):
            return await self._follow(started, digest, turns, context)
        return self._stream(started, 0, turns)

    def _stream(self, turn: LiveTurn, before: int, turns: bool) -> Streaming:
        connection = turn.connection = _Connection(turn, self._runner, self._turns, turns)
        reader = turn.feed.reader(after=before, turns=turns, joins=False, elsewhere=connection.elsewhere)
        return Streaming(reader, turn.id, connection.closed)

    async def _follow(self, record: TurnRecord, digest: str | None, turns: bool, context: Any) -> Streaming:
        if record.digest != digest:
            raise KeyReusedError(record.key or "")
        follow = await self._turns.follow_turn(record.turn.id, None, context, turns=turns)
        return Streaming(follow or NothingToFollow(), record.turn.id, nothing_happens)


class _Connection:
    """The connection of the request that started a turn, or last continued it.

    Args:
        knows_turns: whether the client knows turns; then nothing happens to the turn when it closes.
    """

    __slots__ = ("_knows_turns", "_runner", "_turn", "_turns")

    def __init__(self, turn: LiveTurn, runner: Runner, turns: TurnOps, knows_turns: bool) -> None:
        self._turn = turn
        self._runner = runner
        self._turns = turns
        self._knows_turns = knows_turns

    def closed(self) -> None:
        """It has closed before the end."""
        if not self._knows_turns:
            self._runner.disconnected(self._turn, self)

    def elsewhere(self, seq: int) -> Frames:
        """Return what comes after a seq, now that another process has the turn."""
        return self._turns.follow_from(self._turn.metadata, seq, turns=self._knows_turns)


def _close(starting: asyncio.Task[Streaming]) -> None:
    if not starting.cancelled() and starting.exception() is None:
        starting.result().frames.close()
        starting.result().on_disconnect()


def _digest(op: StreamingReq) -> str:
    said = op.model_dump(mode="json", include={"type", "params"}, exclude={"params": {"turn"}})
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
