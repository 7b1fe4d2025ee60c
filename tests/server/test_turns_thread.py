"""What a turn does to its thread besides the reply: titles, pending questions, widgets that were stored before."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from serving import serve
from talking import JSON, Assistant, Gate, Talk, done, events_of, message, op, saying, talking, text_of, types

from chatkit_core import current_turn, reply
from chatkit_core.errors import AlreadyAnsweredError, ConflictError, ThreadNotActiveError
from chatkit_core.types import (
    LockedStatus,
    StructuredInputFreeform,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    UserMessageItem,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    utc_now,
)
from chatkit_core.widgets import Card, Markdown, Text

DELTA = "assistant_message.content_part.text_delta"


async def title(talk: Talk) -> str | None:
    return (await talk.ask("threads.get_by_id", thread_id=talk.thread_id)).get("title")


async def test_a_thread_gets_the_first_line_of_its_first_message_as_title_at_the_end_of_the_turn() -> None:
    async with talking(Assistant(saying("Hello."))) as talk:
        events = await (await talk.create("\n  Hello there  \nHow are you?")).rest()
        assert types(events)[-1] == "thread.updated"
        assert events[-1]["thread"]["title"] == "Hello there"
        assert await title(talk) == "Hello there"


async def test_a_long_title_is_cut() -> None:
    async with talking(Assistant(saying("Hello."))) as talk:
        await (await talk.create("word " * 40)).rest()
        cut = await title(talk)
        assert cut is not None
        assert (len(cut), cut[-1], cut[:9]) == (60, "…", "word word")


async def test_a_title_that_the_app_sets_stays() -> None:
    async def titling(thread: ThreadMetadata, message: Any) -> AsyncIterator[str]:
        thread.title = "The app's"
        yield "Hello."

    async with talking(Assistant(titling)) as talk:
        await (await talk.create("Hi")).rest()
        assert await title(talk) == "The app's"


async def test_a_title_that_the_user_sets_during_the_first_turn_stays() -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply)) as talk:
        stream = await talk.create("Hi")
        await stream.until(DELTA)
        await talk.ask("threads.update", thread_id=talk.thread_id, title="The user's")
        gate.open.set()
        await stream.rest()
        assert await title(talk) == "The user's"


async def test_only_the_first_message_makes_a_title() -> None:
    class Untitled(Assistant):
        async def generate_title(self, thread: Any, message: UserMessageItem, context: Any) -> str | None:
            return None if message.text == "one" else message.text

    async with talking(Untitled(saying("Hello."))) as talk:
        await (await talk.create("one")).rest()
        await (await talk.say("two")).rest()
        assert await title(talk) is None


async def test_a_generate_title_that_fails_costs_only_the_title(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Assistant):
        async def generate_title(self, *args: Any) -> str | None:
            raise RuntimeError("no titles today")

    async with talking(Failing(saying("Hello."))) as talk:
        events = await (await talk.create(turns=True)).rest()
        assert types(events)[-1] == "turn.completed"
        assert await title(talk) is None
    assert "generate_title has failed" in caplog.text


async def test_a_new_message_closes_the_calls_and_questions_that_nobody_answered() -> None:
    async def asking(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        yield reply.client_tool_call("pick", {})
        yield reply.structured_input([StructuredInputFreeform(id="name", question="Your name?")])

    async with talking(Assistant(asking)) as talk:
        await (await talk.create()).rest()
        _, call, form = await talk.items()
        assert (call["status"], form["status"]) == ("pending", "pending")
        talk.server.reply = saying("Never mind.")
        await (await talk.say("Forget it")).rest()
        _, call, form, *_ = await talk.items()
        assert (call["status"], form["status"]) == ("completed", "skipped")
        with pytest.raises(ConflictError):
            await talk.start("threads.add_client_tool_output", thread_id=talk.thread_id, result=1)
        assert await talk.texts() == ["Hi", "<client_tool_call>", "<structured_input>", "Forget it", "Never mind."]


async def test_the_app_goes_on_once_no_call_is_pending() -> None:
    async def asking(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        yield reply.client_tool_call("first", {})
        yield reply.client_tool_call("second", {})

    async with talking(Assistant(asking)) as talk:
        await (await talk.create()).rest()
        talk.server.reply = saying("Both are here.")
        _, first, second = await talk.items()
        answer = {"thread_id": talk.thread_id, "item_id": second["id"], "result": {"n": 2}}
        events = await (await talk.start("threads.add_client_tool_output", **answer)).rest()
        assert types(events) == ["stream_options", "thread.item.replaced"]
        assert events[1]["item"] == second | {"status": "completed", "output": {"n": 2}}
        with pytest.raises(AlreadyAnsweredError):
            await talk.start("threads.add_client_tool_output", **answer)
        await (await talk.start("threads.add_client_tool_output", thread_id=talk.thread_id, result=1)).rest()
        assert await talk.texts() == ["Hi", "<client_tool_call>", "<client_tool_call>", "Both are here."]
        assert [item.get("output") for item in (await talk.items())[1:3]] == [1, {"n": 2}]
        assert first["id"] == (await talk.items())[1]["id"]


async def test_a_locked_thread_takes_no_message_and_keeps_its_reason() -> None:
    async def locking(thread: ThreadMetadata, message: Any) -> AsyncIterator[str]:
        thread.status = LockedStatus(reason="Enough for today.")
        yield "Bye."

    async with talking(Assistant(locking)) as talk:
        await (await talk.create()).rest()
        with pytest.raises(ThreadNotActiveError) as refused:
            await talk.say("More")
        assert (refused.value.status, refused.value.code) == (409, "thread.locked")
        assert "Enough for today." in refused.value.message
        assert await talk.texts() == ["Hi", "Bye."]


class Shop(Assistant):
    """Shows a card; an action changes it where it is."""

    def action(self, thread: ThreadMetadata, action: Any, sender: WidgetItem | None, context: Any) -> Any:
        assert sender is not None
        return self.react(sender)

    async def react(self, sender: WidgetItem) -> AsyncIterator[Any]:
        picked = Card(children=[Text(value="Picked: "), Markdown(id="what", value="")])
        yield ThreadItemUpdatedEvent(item_id=sender.id, update=WidgetRootUpdated(widget=picked))
        for delta, finished in (("the ", False), ("red one", True)):
            text = WidgetStreamingTextValueDelta(component_id="what", delta=delta, done=finished)
            yield ThreadItemUpdatedEvent(item_id=sender.id, update=text)
        yield "Thank you."


async def showing(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
    turn = current_turn()
    yield done(
        WidgetItem(
            id=turn.new_id("message"),
            thread_id=thread.id,
            created_at=utc_now(),
            widget=Card(children=[Text(value="Pick one.")]),
        )
    )


async def test_what_an_action_updates_of_a_stored_widget_is_said_at_once_and_saved_at_the_end() -> None:
    async with talking(Shop(showing)) as talk:
        await (await talk.create()).rest()
        widget = (await talk.items())[1]
        act = {"thread_id": talk.thread_id, "item_id": widget["id"], "action": {"type": "pick"}}
        events = await (await talk.start("threads.custom_action", **act)).rest()
        assert types(events)[:4] == [
            "stream_options",
            "widget.root.updated",
            *["widget.streaming_text.value_delta"] * 2,
        ]
        (replaced,) = [event["item"] for event in events if event["type"] == "thread.item.replaced"]
        assert [part["value"] for part in replaced["widget"]["children"]] == ["Picked: ", "the red one"]
        assert await talk.texts() == ["Hi", "<widget>", "Thank you."]
        assert (await talk.items())[1] == replaced


async def test_a_silent_stream_says_a_comment_so_that_proxies_keep_it_open() -> None:
    gate = Gate()
    server = Assistant(gate.reply)
    server.heartbeat = 0.02
    body = b""
    async with serve(server) as url, httpx2.AsyncClient() as client:
        request = op("threads.create", input=message("Hi"))
        async with client.stream("POST", url, json=request, headers=JSON) as response:
            async for chunk in response.aiter_raw():
                body += chunk
                if body.count(b": ping\n\n") == 2:
                    gate.open.set()
    deltas = [event["update"]["delta"] for event in events_of(body) if types([event]) == [DELTA]]
    assert deltas == ["Once ", "upon"]
    assert text_of([e for e in events_of(body) if e["type"] == "thread.item.done"][-1]["item"]) == "Once upon"
