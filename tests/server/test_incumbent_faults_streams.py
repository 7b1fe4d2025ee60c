"""What goes wrong with streams in `openai-chatkit` 1.6.5, and does not here (points 1 to 8 of the design's list)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from talking import (
    Assistant,
    Gate,
    added,
    events_of,
    message,
    op,
    over_http,
    saying,
    talking,
    text_of,
    types,
)

from chatkit_core import reply
from chatkit_core.errors import NotFoundError
from chatkit_core.types import CustomTask, StreamOptions, ThreadMetadata, WidgetItem, utc_now
from chatkit_core.widgets import Card, Text
from chatkit_stores.sqlite import SQLiteStore

DELTA = "assistant_message.content_part.text_delta"


async def leave_after_a_word(client: httpx2.AsyncClient, request: dict[str, Any]) -> str:
    """Send a message, and close the connection once the reply has begun; return the thread's id."""
    body = b""
    async with client.stream("POST", "/", json=request) as response:
        async for chunk in response.aiter_raw():
            body += chunk
            if DELTA in types(events_of(body)):
                break
    return str(events_of(body)[0]["thread"]["id"])


async def post(client: httpx2.AsyncClient, type: str, **params: Any) -> Any:
    response = await client.post("/", json=op(type, **params))
    assert response.status_code == 200
    streamed = response.headers["content-type"].startswith("text/event-stream")
    return events_of(response.content) if streamed else response.json()


async def test_1_under_uvicorn_with_an_async_store_a_cancelled_reply_is_kept(tmp_path: Path) -> None:
    server = Assistant(Gate().reply, SQLiteStore(tmp_path / "chat.db"))
    async with over_http(server) as client:
        thread_id = await leave_after_a_word(client, op("threads.create", input=message("Hi")))
        server.reply = saying("Yes.")
        await post(client, "threads.add_user_message", thread_id=thread_id, input=message("next"))
        thread = await post(client, "threads.get_by_id", thread_id=thread_id)
    assert [text_of(item) for item in thread["items"]["data"]] == ["Hi", "Once ", "next", "Yes."]


@pytest.mark.parametrize(
    ("on_disconnect", "history"),
    [
        ("cancel", ["Hi", "Once ", "The reply was cut off here.", "next"]),
        ("continue", ["Hi", "Once upon", "next"]),
    ],
)
async def test_2_a_connection_that_breaks_is_not_taken_for_a_users_stop(
    tmp_path: Path, on_disconnect: Any, history: list[str]
) -> None:
    prompts: list[list[str]] = []
    gate = Gate()
    server = Assistant(gate.reply, SQLiteStore(tmp_path / "chat.db"))
    server.on_disconnect = on_disconnect

    async def with_history(thread: ThreadMetadata, message: Any) -> AsyncIterator[str]:
        page = await server.store.load_thread_items(
            thread.id, after=None, limit=100, order="asc", context={"user_id": "ada"}
        )
        prompts.append([item.text if hasattr(item, "text") else item.content for item in page.data])
        yield "Yes."

    async with over_http(server) as client:
        thread_id = await leave_after_a_word(client, op("threads.create", input=message("Hi")))
        if on_disconnect == "continue":
            gate.open.set()
        await gate.left.wait()
        server.reply = with_history
        await post(client, "threads.add_user_message", thread_id=thread_id, input=message("next"))
    assert prompts == [history]


def half_done(ends: Callable[[], Any]) -> Any:
    """Return a reply that leaves something of everything unfinished, and then awaits `ends`."""

    async def half(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        workflow = reply.Workflow()
        yield workflow.start()
        yield workflow.add(CustomTask(title="Half a task"))
        card = Card(children=[Text(value="Half a card")])
        yield added(WidgetItem(id="w", thread_id=thread.id, created_at=utc_now(), widget=card))
        yield "Once "
        thread.metadata["step"] = 2
        await ends()

    return half


async def fail() -> None:
    raise RuntimeError


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("ends", [fail, wait_for_ever], ids=["failure", "cancel"])
async def test_3_a_cancel_and_a_failure_keep_text_widgets_workflows_and_the_threads_metadata(ends: Any) -> None:
    async with talking(Assistant(half_done(ends))) as talk:
        stream = await talk.create()
        await stream.until(DELTA)
        await stream.close()
        talk.server.reply = saying("Yes.")
        await (await talk.say("next")).rest()
        assert await talk.texts() == ["Hi", "<workflow>", "<widget>", "Once ", "next", "Yes."]
        assert (await talk.items())[1]["workflow"]["tasks"][0]["title"] == "Half a task"
        thread = await talk.server.store.load_thread(talk.thread_id, context=talk.context)
        assert thread.metadata == {"step": 2}


async def test_4_an_error_is_in_the_log_before_the_client_hears_of_it_and_also_if_it_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Stubborn(Assistant):
        def get_stream_options(self, *args: Any) -> StreamOptions:
            return StreamOptions(allow_cancel=False)

    def logged() -> int:
        return sum(record.levelno == logging.ERROR for record in caplog.records)

    gone = asyncio.Event()

    async def failing_later(thread: Any, message: Any) -> AsyncIterator[str]:
        yield "Once "
        await gone.wait()
        raise RuntimeError("disk full")

    async with talking(Stubborn(failing_later)) as talk:
        stream = await talk.create()
        await stream.until(DELTA)
        await stream.close()
        gone.set()
        error = await (await talk.say()).until("error")
        assert (error["code"], logged()) == ("stream.error", 2)
        assert "disk full" in caplog.text


async def test_5_what_cannot_be_done_is_refused_before_the_stream_starts(tmp_path: Path) -> None:
    server = Assistant(saying("Hello."), SQLiteStore(tmp_path / "chat.db"))
    requests = [
        op("threads.add_user_message", thread_id="thr_0", input=message("Hi")),
        op("threads.retry_after_item", thread_id="thr_0", item_id="msg_0"),
        op("threads.dance"),
        op("threads.create"),
    ]
    async with over_http(server) as client:
        answers = [await client.post("/", json=request) for request in requests]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (404, "thread.not_found"),
        (404, "thread.not_found"),
        (422, "request.invalid"),
        (422, "request.invalid"),
    ]


async def test_6_two_messages_never_run_two_responds_at_once_in_a_thread() -> None:
    running = most = 0

    async def counting(thread: Any, message: Any) -> AsyncIterator[str]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(5):
            yield "word "
            await asyncio.sleep(0)
        running -= 1

    async with talking(Assistant(counting)) as talk:
        await (await talk.create("0")).rest()
        streams = await asyncio.gather(*(talk.say(str(number)) for number in range(1, 6)))
        await asyncio.gather(*(stream.rest() for stream in streams))
        assert most == 1
        assert (await talk.texts())[1::2] == ["word " * 5] * 6


async def test_7_a_rename_during_a_turn_survives_the_turn() -> None:
    gate = Gate()

    async def reply(thread: ThreadMetadata, message: Any) -> AsyncIterator[str]:
        async for word in gate.reply(thread, message):
            yield word
        thread.metadata["words"] = 2

    async with talking(Assistant(reply)) as talk:
        stream = await talk.create()
        await stream.until(DELTA)
        await talk.ask("threads.update", thread_id=talk.thread_id, title="Renamed")
        gate.open.set()
        await stream.rest()
        thread = await talk.server.store.load_thread(talk.thread_id, context=talk.context)
        assert (thread.title, thread.metadata) == ("Renamed", {"words": 2})


async def test_7_a_delete_during_a_turn_leaves_nothing_behind(tmp_path: Path) -> None:
    store: SQLiteStore[Any] = SQLiteStore(tmp_path / "chat.db")
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        await (await talk.create()).until(DELTA)
        await talk.ask("threads.delete", thread_id=talk.thread_id)
        gate.open.set()
        with pytest.raises(NotFoundError):
            await store.load_thread(talk.thread_id, context=talk.context)
        with pytest.raises(NotFoundError):
            await talk.items()
        assert (await talk.ask("threads.list"))["data"] == []


async def test_8_a_retry_checks_first_and_a_failed_one_has_not_lost_the_old_answer() -> None:
    async def failing(thread: Any, message: Any) -> AsyncIterator[str]:
        raise RuntimeError
        yield

    async with talking(Assistant(saying("First."))) as talk:
        await (await talk.create()).rest()
        before = await talk.items()
        with pytest.raises(NotFoundError):
            await talk.start("threads.retry_after_item", thread_id=talk.thread_id, item_id="msg_0")
        talk.server.reply = failing
        retry = await talk.start("threads.retry_after_item", thread_id=talk.thread_id, item_id=before[0]["id"])
        await retry.rest()
        assert await talk.items() == before
