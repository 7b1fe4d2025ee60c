"""From the app's stream to the pipeline, event by event, and what a cancellation does meanwhile."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator

from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.to_its_end import to_its_end
from chatkit_core.errors import InvalidEventError
from chatkit_core.types import ThreadStreamEvent

TURN_OF_THE_LOOP = 32
"""After so many events without a pause the loop gets its turn, so that others are served too."""

Stream = AsyncIterator[ThreadStreamEvent | str]


async def drain(stream: Stream, pipeline: Pipeline) -> None:
    """Take all that the stream yields.

    A cancellation that does not strike in the stream itself is raised there, once what is being written is written;
    so `respond` always sees it.

    Raises:
        InvalidEventError: the stream is none, or yields what is not an event or fits no item.
    """
    if not hasattr(stream, "__aiter__"):
        if inspect.iscoroutine(stream):
            stream.close()
        raise InvalidEventError("respond and action must be async generators: with a yield in them.")
    iterator = aiter(stream)
    try:
        while not await _drain(iterator, pipeline):
            pass
    finally:
        if isinstance(iterator, AsyncGenerator):
            await iterator.aclose()


async def _drain(iterator: Stream, pipeline: Pipeline) -> bool:
    """Take what the stream yields; return False if it was interrupted and has more. A hot path: once an event."""
    in_stream = True
    stop_at = pipeline.events + TURN_OF_THE_LOOP
    try:
        async for event in iterator:
            in_stream = False
            if pipeline.answer_to_come is not None:
                await asyncio.shield(pipeline.answer_to_come)
            if not pipeline.take_now(event):
                await to_its_end(pipeline.take(event))
            elif pipeline.changes.at_a_glance():
                await to_its_end(pipeline.save_thread())
            if pipeline.turn.usage_due:
                pipeline.turn.say_usage()
            pipeline.events += 1
            if pipeline.events >= stop_at or pipeline.events >= pipeline.max_events:
                await _let_others_run(pipeline)
                stop_at = pipeline.events + TURN_OF_THE_LOOP
            if pipeline.closed:
                return True
            del event  # which may be large, and the next may be long in coming
            in_stream = True
    except asyncio.CancelledError as cancelled:
        if in_stream or not isinstance(iterator, AsyncGenerator):
            raise
        try:
            event = await iterator.athrow(cancelled)
        except StopAsyncIteration:
            return True
        await pipeline.take(event)
        return False
    return True


async def _let_others_run(pipeline: Pipeline) -> None:
    if pipeline.events >= pipeline.max_events:
        pipeline.turn.on_limit("max_events")
        await asyncio.get_running_loop().create_future()  # until the limit has stopped this task
    await asyncio.sleep(0)
