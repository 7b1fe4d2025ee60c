"""Whatever an app, or its store, does in a turn: the turn ends, once, and its thread takes the next message."""

import asyncio
from typing import Any

import pytest
from talking import Answer, Assistant, Gate, Talk, saying, talking, types

from chatkit_core.errors import CustomStreamError
from chatkit_core.types import ErrorEvent
from chatkit_stores.memory import MemoryStore


class Hasty(Assistant):
    """Waits for nobody."""

    cancel_grace = 0.2
    end_grace = 0.2


async def endings(talk: Talk) -> list[tuple[str, str | None]]:
    """Return how the thread's turns ended, and what the log gives as the cause."""
    await talk.server._lifecycle.close()
    return [(turn.status, turn.cancel_reason or (turn.error and turn.error.code)) for turn in await talk.turns()]


async def answers_again(talk: Talk) -> bool:
    assert isinstance(talk.server, Assistant)
    talk.server.reply = saying("Hello")
    return (await (await talk.say()).rest())[-1]["type"] in ("thread.item.done", "thread.updated")


class Leave(BaseException):
    """What some library throws to unwind the stack."""


@pytest.mark.parametrize("error", [Leave(), GeneratorExit(), SystemExit(1), asyncio.CancelledError()], ids=repr)
async def test_whatever_respond_raises_the_turn_fails_and_the_thread_goes_on(error: BaseException) -> None:
    async def reply(thread: Any, message: Any) -> Answer:
        yield "Once"
        raise error

    async with talking(Hasty(reply)) as talk:
        assert {"type": "error", "code": "stream.error", "allow_retry": True} in await (await talk.create()).rest()
        assert await answers_again(talk)
        assert await endings(talk) == [("failed", "server.error"), ("completed", None)]


@pytest.mark.parametrize(
    ("message", "told"),
    [(ValueError("no luck"), "no luck"), ("half \ud83d", "half \ufffd")],
    ids=["an exception", "half a pair"],
)
async def test_an_error_message_that_is_no_clean_text_is_told_as_one(message: Any, told: str) -> None:
    async def raising(thread: Any, item: Any) -> Answer:
        raise CustomStreamError(message)
        yield

    async def yielding(thread: Any, item: Any) -> Answer:
        yield ErrorEvent(code="custom", message=str(message), allow_retry=False)

    async with talking(Hasty(raising)) as talk:
        error = {"type": "error", "code": "custom", "message": told, "allow_retry": False}
        assert error in await (await talk.create()).rest()
        talk.server.reply = yielding  # type: ignore[attr-defined]
        assert error in await (await talk.say()).rest()
        assert await answers_again(talk)
        assert await endings(talk) == [("failed", "custom"), ("failed", "custom"), ("completed", None)]


async def test_a_title_that_never_comes_does_not_hold_up_the_thread() -> None:
    class Untitled(Hasty):
        async def generate_title(self, *args: Any) -> str | None:
            await asyncio.Event().wait()
            return None

    async with talking(Untitled(saying("Hi"))) as talk:
        assert (await (await talk.create()).rest())[-1]["type"] == "thread.item.done"
        assert await endings(talk) == [("completed", None)]


async def test_a_cancel_handler_that_is_no_coroutine_does_not_hold_up_the_thread() -> None:
    class Plain(Hasty):
        def handle_stream_cancelled(self, *args: Any) -> None:  # type: ignore[override]
            pass

    async with talking(Plain(Gate().reply)) as talk:
        stream = await talk.create()
        await stream.until("assistant_message.content_part.text_delta")
        await stream.close()
        assert await answers_again(talk)
        assert await talk.texts() == ["Hi", "Once ", "Hi", "Hello"]
        assert await endings(talk) == [("cancelled", "disconnected"), ("completed", None)]


async def test_a_store_that_hangs_while_a_turn_ends_does_not_hold_up_the_shutdown() -> None:
    class Hanging(MemoryStore[Any]):
        hangs = False

        async def add_thread_item(self, *args: Any, **kwargs: Any) -> None:
            if self.hangs:
                await asyncio.Event().wait()
            await super().add_thread_item(*args, **kwargs)

    store = Hanging()
    async with talking(Hasty(Gate().reply, store)) as talk:
        stream = await talk.create()
        await stream.until("assistant_message.content_part.text_delta")
        store.hangs = True
        await stream.close()
        assert await endings(talk) == [("cancelled", "disconnected")]


@pytest.mark.parametrize(
    ("field", "value"), [("status", "locked"), ("title", 5), ("allowed_image_domains", "example.com")]
)
async def test_a_thread_is_never_saved_so_that_it_cannot_be_loaded(field: str, value: Any) -> None:
    async def reply(thread: Any, message: Any) -> Answer:
        setattr(thread, field, value)
        yield "Once"

    async with talking(Hasty(reply)) as talk:
        assert {"type": "error", "code": "stream.error", "allow_retry": True} in await (await talk.create()).rest()
        assert await answers_again(talk)
        assert (await talk.ask("threads.get_by_id", thread_id=talk.thread_id))["status"] == {"type": "active"}
        assert await endings(talk) == [("failed", "server.error"), ("completed", None)]


async def test_stream_options_of_another_type_are_refused_before_anything_is_written() -> None:
    class Odd(Hasty):
        def get_stream_options(self, *args: Any) -> Any:
            return None

    async with talking(Odd(saying("Hi"))) as talk:
        with pytest.raises(TypeError, match="get_stream_options returned a NoneType, not StreamOptions"):
            await talk.create()
        assert (await talk.ask("threads.list"))["data"] == []


async def test_a_retry_that_is_answered_with_nothing_puts_the_old_answer_back() -> None:
    async with talking(Hasty(saying("Hi yourself"))) as talk:
        await (await talk.create()).rest()
        before = await talk.items()
        talk.server.reply = saying()  # type: ignore[attr-defined]
        retry = await talk.start("threads.retry_after_item", thread_id=talk.thread_id, item_id=before[0]["id"])
        assert types(await retry.rest()) == ["thread.item.removed", "stream_options", "thread.item.done"]
        assert await talk.items() == before
