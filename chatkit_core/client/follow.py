"""Reads what turns say, over connections that break: each event once, in order."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from chatkit_core.client.backoff import LONGEST, delay
from chatkit_core.client.errors import ChatClientError, ConnectionLostError, RefusedError
from chatkit_core.client.frames import ENDS, Frame, Op, read_frames
from chatkit_core.client.transport import Transport

STEADY = 2 * LONGEST
"""Seconds that a connection has to live to count as a good one, though nothing was said."""
MAX_RECONNECTS = 10
RESENDS = 3
"""How often an op is sent again that was not answered."""


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """When to give up, and whom to tell.

    Args:
        max_reconnects: how often in a row to come back without a new event.
        on_connect: called when the first connection stands.
        on_reconnect: called when a later one does.
        on_disconnect: called with the reason when one breaks, or cannot be made.
    """

    max_reconnects: int = MAX_RECONNECTS
    on_connect: Callable[[], object] | None = None
    on_reconnect: Callable[[], object] | None = None
    on_disconnect: Callable[[ChatClientError], object] | None = None


class Reader:
    """Reads one turn, or a thread's turns.

    Args:
        target: `turn_id` or `thread_id`, and `wait`, as `turns.follow` takes them; empty if the first op makes the
            turn.
        after: the cursor to go on from.
    """

    def __init__(
        self,
        transport: Transport,
        target: Op,
        *,
        after: str | None = None,
        reconnecting: Reconnecting | None = None,
    ) -> None:
        self._transport = transport
        self._target = target
        self._plan = reconnecting or Reconnecting()
        self._broken = 0
        """How many connections in a row have broken without a new event."""
        self._open: set[str] = set()
        """The turns that have begun to speak and have not ended: a stream that ends before they do has broken."""
        self._ended = False
        """Whether the last event was the end of a turn."""
        self._seqs: dict[str, int] = {}
        self.answered = asyncio.Event()
        """Set when the server has answered for the first time."""
        self.cursor = after
        """Of the last event."""
        if after is not None:
            turn_id, _, seq = after.rpartition(":")
            self._seqs[turn_id] = int(seq) if seq.isdecimal() else 0

    @property
    def turn_id(self) -> str | None:
        """The turn that is read, once that is known; None for a thread."""
        return self._target.get("turn_id")

    async def frames(self, first: Op | None = None) -> AsyncGenerator[Frame, None]:
        """Yield what is new until the turn has ended, or no turn of the thread is active.

        Args:
            first: an op that starts the turn, or goes on with it. Until it is answered it is sent again and again.

        Raises:
            ConnectionLostError: connections broke too often in a row.
            RefusedError: the server refuses, and would do so again.
        """
        op = first
        while True:
            began = time.monotonic()
            try:
                async with self._transport.stream(op or self._follow()) as stream:
                    self._came(stream.turn_id)
                    op = None if self._target else op  # a stream that breaks before it names its turn is asked for anew
                    async with aclosing(read_frames(stream.events)) as frames:
                        async for frame in frames:
                            op = None
                            if self._is_new(frame):
                                yield frame
                if op is None and self._is_over():
                    return
                broken: ChatClientError = ConnectionLostError("The server closed the connection.")
            except ConnectionLostError as error:
                broken = error
            except RefusedError as error:
                if op is not None and error.code == "item.already_answered" and self.turn_id:
                    op = None  # by us, on a connection that broke, or by somebody else
                    continue
                if error.code == "turn.expired" and "thread_id" in self._target and self.cursor is not None:
                    self.cursor = None  # the thread has been quiet for long: go on with what comes
                    continue
                if op is not None or not _may_pass(error):
                    raise
                broken = error
            if self._ended and self._is_over():
                return
            lived = time.monotonic() - began
            await self._pause(broken, lived, self._plan.max_reconnects if op is None else RESENDS)

    def _follow(self) -> Op:
        params = dict(self._target)
        if self.cursor is not None:
            params["after"] = self.cursor
        return {"type": "turns.follow", "params": params}

    def _came(self, turn_id: str | None) -> None:
        self._learn(turn_id)
        told = self._plan.on_reconnect if self.answered.is_set() else self._plan.on_connect
        self.answered.set()
        if told is not None:
            told()

    def _learn(self, turn_id: str | None) -> None:
        if turn_id and not self._target:
            self._target = {"turn_id": turn_id}
            self._open.add(turn_id)

    def _is_over(self) -> bool:
        if not self._target:
            raise ChatClientError("The server does not tell of its turns, so nothing can be followed.")
        return not self._open and not self._target.get("wait")

    def _is_new(self, frame: Frame) -> bool:
        self._learn(frame.about)
        if self.turn_id is not None and frame.about != self.turn_id:
            return False
        if frame.turn_id:
            if frame.seq <= self._seqs.get(frame.turn_id, 0):
                return False
            self._seqs[frame.turn_id] = frame.seq
            self.cursor = frame.cursor
            self._ended = frame.type in ENDS
            (self._open.discard if self._ended else self._open.add)(frame.turn_id)
            self._broken = 0
        return True

    async def _pause(self, broken: ChatClientError, lived: float, limit: int) -> None:
        if self._plan.on_disconnect is not None:
            self._plan.on_disconnect(broken)
        if lived >= STEADY:
            self._broken = 0
        self._broken += 1
        if self._broken > limit:
            raise broken
        await asyncio.sleep(delay(self._broken))


def _may_pass(error: RefusedError) -> bool:
    """Return whether the same request may be answered later."""
    return error.status >= 500 or error.status in (408, 425, 429)
