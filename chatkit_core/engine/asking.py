"""`reply.ask`: `respond` puts questions to the user, and waits in place for the answers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.to_its_end import to_its_end
from chatkit_core.types import StructuredInput, StructuredInputItem, ThreadItemDoneEvent, utc_now

NUMBERED = "#"
"""What the keys begin with that `respond` has not given."""


class Asking:
    """What one run of `respond` asks.

    An answer is kept under a key: the one that `respond` gives, else the question's number in the turn. So a `respond`
    that runs again, because the process that asked is gone, gets the answers that there are at once.

    Args:
        rest: lets the turn wait until it is answered.
    """

    def __init__(self, turn: LiveTurn, pipeline: Pipeline, rest: Callable[[], Awaitable[None]]) -> None:
        self._turn = turn
        self._pipeline = pipeline
        self._rest = rest
        self._count = 0
        self._one_at_a_time = asyncio.Lock()

    @property
    def is_waiting(self) -> bool:
        """Whether `respond` waits for an answer."""
        return self._pipeline.answer_to_come is not None

    async def ask(self, inputs: Sequence[StructuredInput], key: str | None) -> StructuredInputItem:
        """Return the questions with their answers; from the turn's row, or once the user has given them."""
        self._count += 1
        key = key or f"{NUMBERED}{self._count}"
        async with self._one_at_a_time:
            answers = self._turn.state.answers
            if key not in answers:
                answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                await to_its_end(self._put(inputs, key, answer))
                await asyncio.shield(answer)
        return answers[key]

    def go_on(self) -> None:
        """Let `respond` go on: it is answered."""
        answer, self._pipeline.answer_to_come = self._pipeline.answer_to_come, None
        if answer is not None:
            answer.set_result(None)

    async def _put(self, inputs: Sequence[StructuredInput], key: str, answer: asyncio.Future[None]) -> None:
        turn, pipeline = self._turn, self._pipeline
        item = StructuredInputItem(
            id=turn.new_id("message"), thread_id=turn.thread.id, created_at=utc_now(), inputs=list(inputs)
        )
        async with pipeline.taking:
            turn.state.asked[item.id] = key
            await pipeline.take_alone(ThreadItemDoneEvent(item=item))
            pipeline.answer_to_come = answer
            try:
                await self._rest()
            except BaseException:
                pipeline.answer_to_come = None
                raise
