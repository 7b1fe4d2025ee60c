"""What a client does with threads and turns besides sending messages."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chatting import Assistant, Gate, chatting, echo, said, until
from pydantic import AnyUrl
from serving import serve
from starlette.requests import Request
from starlette.responses import Response

from chatkit_core import current_turn
from chatkit_core.client import AsyncChatClient, RefusedError, RunEvent, TurnNotFoundError, WrongRequestError
from chatkit_core.types import AssistantMessageItem, ImageAttachment, UserMessageItem, utc_now
from chatkit_stores.files import FileAttachmentStore


async def test_a_thread_is_found_by_its_key() -> None:
    async with chatting() as chat:
        first = await chat.threads.get_or_create("case-7", title="Case 7")
        again = await chat.threads.start(key="case-7")
        other = await chat.threads.start()
        assert (again.id, again.metadata.title) == (first.id, "Case 7")
        assert other.id != first.id


async def test_a_thread_is_renamed_archived_and_found() -> None:
    async with chatting() as chat:
        thread = await chat.threads.start()
        await thread.rename("Trip to Rome")
        await thread.set_mode("careful")
        assert (await chat.threads.resume(thread.id)).metadata == thread.metadata
        assert [found.id for found in (await chat.threads.list(query="rome")).data] == [thread.id]
        await thread.archive()
        assert (await chat.threads.list()).data == []
        assert [found.id for found in (await chat.threads.list(archived=True)).data] == [thread.id]
        await thread.unarchive()
        await thread.set_mode(None)
        assert [found.title for found in (await chat.threads.list(limit=1, order="asc")).data] == ["Trip to Rome"]


async def test_items_come_page_by_page_in_either_order() -> None:
    async def many(text: str) -> AsyncIterator[str]:
        yield text

    async with chatting(many) as chat:
        thread = await chat.threads.start()
        for number in range(60):
            await thread.enqueue(str(number))
            await asyncio.sleep(0)
            turn = await thread.active_turn()
            if turn is not None:
                await chat.turns.wait(turn.id)
        texts = [item.text async for item in thread.items() if isinstance(item, UserMessageItem)]
        assert texts == [str(number) for number in range(60)]
        backwards = [item.text async for item in thread.items(order="desc") if isinstance(item, UserMessageItem)]
        assert backwards == texts[::-1]


async def test_a_message_is_answered_anew() -> None:
    count = 0

    async def counting(text: str) -> AsyncIterator[str]:
        nonlocal count
        count += 1
        yield f"{text} {count}"

    async with chatting(counting) as chat:
        thread = await chat.threads.start()
        await thread.run("Try")
        [message, _] = [item async for item in thread.items()]
        assert (await thread.retry(message.id)).text == "Try 2"
        events = [event async for event in thread.retry_streamed(message.id)]
        assert said(events) == "Try 3"
        assert [item.text async for item in thread.items() if isinstance(item, AssistantMessageItem)] == ["Try 3"]


async def test_feedback_reaches_the_store() -> None:
    server = Assistant(echo)
    async with asyncio.timeout(10), serve(server) as url, AsyncChatClient(url) as chat:
        thread = await chat.threads.start()
        [item] = (await thread.run("Hi")).items
        await thread.feedback(item.id, "positive")
        await thread.feedback([item.id], "negative")
        assert await server.store.load_feedback(thread.id, context={"user_id": "ada"}) == {item.id: "negative"}


async def test_a_file_is_uploaded_and_is_a_part_of_a_message(tmp_path: Path) -> None:
    files = FileAttachmentStore[Any](tmp_path / "files")

    async def look(text: str) -> AsyncIterator[str]:
        message = current_turn().message
        assert message is not None
        for attachment in message.attachments:
            yield f"{text} {attachment.name}: {(await files.read(attachment.id)).decode()}"

    (tmp_path / "notes.txt").write_text("remember")
    async with chatting(look, attachment_store=files) as chat:
        thread = await chat.threads.start()
        notes = await thread.upload(tmp_path / "notes.txt")
        image = await thread.upload(b"\x89PNG", name="a.png")
        assert (notes.mime_type, isinstance(image, ImageAttachment)) == ("text/plain", True)
        assert (await thread.run(["Here is", notes])).text == "Here is notes.txt: remember"


async def test_credentials_go_to_the_servers_origin_alone(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    async def bucket(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        seen.update(request.headers, body=await request.body())
        await Response(status_code=204)(scope, receive, send)

    class Elsewhere(FileAttachmentStore[Any]):
        async def create_attachment(self, input: Any, context: Any) -> Any:
            made = await super().create_attachment(input, context)
            assert made.upload_descriptor is not None
            descriptor = made.upload_descriptor.model_copy(
                update={"url": AnyUrl(bucket_url), "headers": {"X-Signed": "yes"}}
            )
            return made.model_copy(update={"upload_descriptor": descriptor})

    async with serve(bucket, lifespan="off") as bucket_url:
        server = Assistant(echo, attachment_store=Elsewhere(tmp_path))
        async with serve(server) as url, AsyncChatClient(url, headers={"Authorization": "secret"}) as chat:
            thread = await chat.threads.start()
            await thread.upload(b"bytes", name="a.bin")
    assert (seen["x-signed"], seen["body"], "authorization" in seen) == ("yes", b"bytes", False)


async def test_a_subscriber_is_told_what_others_do_until_it_is_told_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[RunEvent] = []
    missing = ["completed", "completed", "system_event"]
    complete = asyncio.Event()

    async def listen(event: RunEvent) -> None:
        seen.append(event)
        if event.type == "completed" or event.raw["type"] == "thread.updated":
            missing.remove(event.type)
        if not missing:
            complete.set()

    def fail(event: RunEvent) -> None:
        raise ValueError("oh")

    async with chatting() as chat:
        thread = await chat.threads.start()
        await thread.subscribe(fail)
        await thread.subscribe(listen)
        await thread.subscribe(listen)
        other = await chat.threads.resume(thread.id)
        await other.run("one")
        await other.run("two")
        await other.rename("Done")
        await complete.wait()
        await thread.unsubscribe(listen)
        await thread.unsubscribe(listen)
        await other.run("three")
    assert said(seen) == "You said: one You said: two "
    assert {record.message for record in caplog.records} == {
        "A subscriber has failed; it is told the next event all the same."
    }


async def test_turns_are_listed_polled_summed_up_and_waited_for() -> None:
    gate = Gate()
    async with chatting(gate.reply) as chat:
        thread = await chat.threads.start()
        run = thread.run_streamed("Hi")
        await until(run, "agent_message_delta")
        assert run.turn_id is not None
        still = await chat.turns.wait(run.turn_id, timeout=0)
        assert still.status == "running"
        gate.open.set()
        found = await chat.turns.wait_for(run.turn_id, lambda event: event.type == "item_completed", timeout=5)
        assert found.raw["item"]["type"] == "user_message"
        ended = await chat.turns.wait(run.turn_id)
        with pytest.raises(LookupError):
            await chat.turns.wait_for(run.turn_id, lambda event: event.type == "failed")
        page = await chat.turns.events(run.turn_id, after_seq=1, limit=2)
        assert ([event.seq for event in page.events], page.has_more) == ([2, 3], True)
        second = await thread.run("Hi")
        hour_ago, soon = utc_now() - timedelta(hours=1), utc_now() + timedelta(hours=1)
        turns = await chat.turns.list(thread_id=thread.id, since=hour_ago, until=soon, order="asc")
        assert turns.data == [ended, second.turn]
        assert (await chat.turns.list(since=soon)).data == []
        assert [turn.id async for turn in chat.turns.iterate(status=["completed", "failed"])] == [
            second.turn_id,
            ended.id,
        ]
        summary = await chat.turns.summary(thread_id=thread.id, since=hour_ago)
        assert (summary.total, summary.counts, summary.failure_rate) == (2, {"completed": 2}, 0)


async def test_a_thread_is_followed_through_its_turns() -> None:
    async with chatting() as chat:
        thread = await chat.threads.start()
        assert [event async for event in chat.turns.follow(thread_id=thread.id)] == []
        first = await thread.run("one")
        follow = chat.turns.follow(thread_id=thread.id, after=f"{first.turn_id}:0", wait=True)
        assert (await until(follow, "completed")).raw["turn"]["id"] == first.turn_id
        second = await thread.run("two")
        assert (await until(follow, "completed")).raw["turn"]["id"] == second.turn_id
        await follow.aclose()
        with pytest.raises(ValueError, match="either turn_id or thread_id"):
            chat.turns.follow()


async def test_a_turn_that_is_not_there_or_an_order_that_is_none_is_refused() -> None:
    async with chatting() as chat:
        with pytest.raises(TurnNotFoundError):
            await chat.turns.get("trn_1")
        with pytest.raises(TurnNotFoundError):
            await anext(chat.turns.follow("trn_1"))
        with pytest.raises(WrongRequestError, match=r"params\.order"):
            await chat.turns.list(order="sideways")
        with pytest.raises(RefusedError, match="attachments"):
            await (await chat.threads.start()).upload(b"x", name="a")


async def test_headers_say_who_asks() -> None:
    async with (
        asyncio.timeout(10),
        serve(Assistant(echo)) as url,
        AsyncChatClient(url, headers={"X-User": "ben"}) as ben,
        AsyncChatClient(url) as ada,
    ):
        thread = await ben.threads.start()
        assert (await ada.threads.list()).data == []
        assert [found.id for found in (await ben.threads.list()).data] == [thread.id]
