"""How a turn that goes wrong ends: an error for the user, a log entry for the developer, a thread that is usable."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from talking import (
    Assistant,
    Stream,
    added,
    assistant_message,
    delta,
    done,
    saying,
    talking,
    text_of,
    types,
)

from chatkit_core.errors import CustomStreamError
from chatkit_core.types import ErrorEvent, WidgetStreamingTextValueDelta

RETRY = {"type": "error", "code": "stream.error", "allow_retry": True}


async def raises(thread: Any, message: Any) -> AsyncIterator[Any]:
    raise RuntimeError("secret")
    yield


async def raises_late(thread: Any, message: Any) -> AsyncIterator[Any]:
    yield "Once "
    raise RuntimeError("secret")


async def yields_a_number(thread: Any, message: Any) -> AsyncIterator[Any]:
    yield 42


async def yields_none(thread: Any, message: Any) -> AsyncIterator[Any]:
    yield None


async def yields_a_dict(thread: Any, message: Any) -> AsyncIterator[Any]:
    yield {"type": "progress_update", "text": "not an event yet"}


async def yields_an_item(thread: Any, message: Any) -> AsyncIterator[Any]:
    yield assistant_message("not an event")


async def updates_what_is_not_there(thread: Any, message: Any) -> AsyncIterator[Any]:
    yield delta("msg_0", "lost")


async def updates_what_is_done(thread: Any, message: Any) -> AsyncIterator[Any]:
    item = assistant_message("Done.")
    yield done(item)
    update = WidgetStreamingTextValueDelta(component_id="text", delta="?", done=True)
    yield delta(item.id, "?").model_copy(update={"update": update})


async def is_no_generator(thread: Any, message: Any) -> Any:
    return "text"


def is_no_iterator(thread: Any, message: Any) -> Any:
    return "text"


def raises_at_once(thread: Any, message: Any) -> Any:
    raise RuntimeError("secret")


async def opens_a_part_that_cannot_be(thread: Any, message: Any) -> AsyncIterator[Any]:
    item = assistant_message()
    yield added(item)
    event = delta(item.id, "?")
    yield event.model_copy(update={"update": event.update.model_copy(update={"content_index": 10**9})})


MISTAKES = [
    raises,
    raises_late,
    yields_a_number,
    yields_none,
    yields_a_dict,
    yields_an_item,
    updates_what_is_not_there,
    updates_what_is_done,
    is_no_generator,
    is_no_iterator,
    raises_at_once,
    opens_a_part_that_cannot_be,
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
async def test_a_mistake_is_told_logged_with_the_turns_id_and_leaves_the_thread_usable(
    mistake: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with talking(Assistant(mistake)) as talk:
        stream = await talk.create(turns=True)
        events = await stream.rest()
        turn = events[-1]["turn"]
        assert types(events)[-1] == "turn.failed"
        assert [event for event in events if event["type"] == "error"] == [RETRY]
        assert "secret" not in str(events)
        talk.server.reply = saying("Fine.")
        await (await talk.say("Again")).rest()
        assert (await talk.texts())[-2:] == ["Again", "Fine."]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert (record.name, turn["id"] in record.message) == ("chatkit_core", True)


async def test_a_failure_keeps_what_was_said_and_says_it_done_before_the_error() -> None:
    async with talking(Assistant(raises_late)) as talk:
        stream: Stream = await talk.create()
        events = await stream.rest()
        assert types(events)[-3:] == ["thread.item.done", "error", "thread.updated"]
        assert text_of(events[-3]["item"]) == "Once "
        assert await talk.texts() == ["Hi", "Once "]


async def test_the_message_of_a_custom_error_reaches_the_user() -> None:
    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        raise CustomStreamError("Zu viele Anfragen.", allow_retry=True)
        yield

    async with talking(Assistant(reply)) as talk:
        events = await (await talk.create()).rest()
        error = {"type": "error", "code": "custom", "message": "Zu viele Anfragen.", "allow_retry": True}
        assert [event for event in events if event["type"] == "error"] == [error]


async def test_a_respond_that_yields_an_error_ends_failed_with_that_error_alone() -> None:
    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        yield ErrorEvent(code="custom", message="Not today.", allow_retry=False)

    async with talking(Assistant(reply)) as talk:
        events = await (await talk.create(turns=True)).rest()
        assert [event["type"] for event in events].count("error") == 1
        assert events[-1]["type"] == "turn.failed"
        assert events[-1]["turn"]["error"] == {"code": "custom", "message": "Not today."}


async def test_a_respond_that_yields_nothing_is_an_empty_reply() -> None:
    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        return
        yield

    async with talking(Assistant(reply)) as talk:
        events = await (await talk.create(turns=True)).rest()
        assert types(events) == [
            "turn.started",
            "thread.created",
            "thread.item.done",
            "stream_options",
            "thread.updated",
            "turn.completed",
        ]
        assert await talk.texts() == ["Hi"]


async def test_an_item_that_is_left_open_is_said_done_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    async def reply(thread: Any, message: Any) -> AsyncIterator[Any]:
        item = assistant_message()
        yield added(item)
        yield delta(item.id, "Once upon")

    async with talking(Assistant(reply)) as talk:
        await (await talk.create()).rest()
        assert await talk.texts() == ["Hi", "Once upon"]
    assert [record.levelname for record in caplog.records if "left item" in record.message] == ["WARNING"]
