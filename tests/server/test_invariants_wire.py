"""A ChatKit client sees ChatKit, and a client that asks for turns sees those too; down to the byte."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any, get_args

import pytest
from talking import Answer, Assistant, Gate, added, assistant_message, events_of, message, op, over_http, saying

from chatkit_core import reply
from chatkit_core.types import (
    ClientEffectEvent,
    NoticeEvent,
    ProgressUpdateEvent,
    ThreadMetadata,
    ThreadStreamEvent,
)

CHATKIT = {member.model_fields["type"].default for member in get_args(get_args(ThreadStreamEvent)[0])}
TURNS = {"ChatKit-Turns": "1"}
PLAIN_FRAME = re.compile(rb"data: \{[^\n]*\}\n\n")
NUMBERED_FRAME = re.compile(rb"id: (trn_[0-9a-f]{32}):(\d+)\ndata: \{[^\n]*\}\n\n")


async def all_sorts(thread: ThreadMetadata, message: Any) -> Answer:
    """Everything that has another form, or none, on the plain wire."""
    thread.metadata["secret"] = "the app's own"
    yield ProgressUpdateEvent(text="Looking …")
    yield NoticeEvent(level="info", message="two\nlines")
    yield ClientEffectEvent(name="confetti", data={"line": "a\r\nb"})
    yield reply.hidden("secret")
    yield "Hel"
    yield "lo.\n\ndata: {}"
    yield added(assistant_message())
    yield reply.client_tool_call("pick", {})


async def fails(thread: Any, message: Any) -> AsyncIterator[str]:
    yield "Once "
    raise RuntimeError("secret")


async def test_the_protocol_has_twelve_events() -> None:
    assert len(CHATKIT) == 12


@pytest.mark.parametrize("answer", [all_sorts, fails, saying()], ids=["all sorts", "a failure", "an empty reply"])
async def test_a_plain_client_gets_the_protocols_events_in_plain_frames_and_nothing_else(answer: Any) -> None:
    async with over_http(Assistant(answer)) as client:
        response = await client.post("/", json=op("threads.create", input=message("Hi")))
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-accel-buffering"] == "no"
    assert re.fullmatch(r"trn_[0-9a-f]{32}", response.headers["chatkit-turn-id"])
    assert PLAIN_FRAME.sub(b"", response.content) == b""
    assert {event["type"] for event in events_of(response.content)} <= CHATKIT
    assert b"secret" not in response.content
    assert b"null" not in response.content
    assert b"turn" not in response.content


async def test_a_plain_client_that_has_to_wait_is_told_nothing_until_its_turn_comes() -> None:
    gate = Gate()
    server = Assistant(gate.reply)
    async with over_http(server) as client:
        body = b""
        create = op("threads.create", input=message("Hi"))
        async with client.stream("POST", "/", json=create) as running:
            chunks = running.aiter_raw()
            while b"Once " not in body:
                body += await anext(chunks)
            request = op(
                "threads.add_user_message", thread_id=events_of(body)[0]["thread"]["id"], input=message("next")
            )
            async with client.stream("POST", "/", json=request) as waiting:
                assert waiting.status_code == 200
                server.reply = saying("Yes.")
                gate.open.set()
                body = await waiting.aread()
    assert PLAIN_FRAME.sub(b"", body) == b""
    assert {event["type"] for event in events_of(body)} <= CHATKIT


async def test_a_client_that_asks_for_turns_gets_them_and_a_cursor_with_every_event() -> None:
    async with over_http(Assistant(all_sorts)) as client:
        response = await client.post("/", json=op("threads.create", input=message("Hi")), headers=TURNS)
    assert NUMBERED_FRAME.sub(b"", response.content) == b""
    frames = NUMBERED_FRAME.findall(response.content)
    assert {turn.decode() for turn, _ in frames} == {response.headers["chatkit-turn-id"]}
    seqs = [int(seq) for _, seq in frames]
    assert seqs == sorted(set(seqs))
    events = events_of(response.content)
    assert (events[0]["type"], events[-1]["type"]) == ("turn.started", "turn.waiting")
    assert events[-1]["turn"]["id"] == response.headers["chatkit-turn-id"]


async def test_the_turns_are_all_that_the_two_kinds_of_clients_do_not_share() -> None:
    class Unnamed(Assistant):
        async def generate_title(self, *args: Any) -> None: ...

    async def bodies(headers: dict[str, str]) -> list[str]:
        async with over_http(Unnamed(all_sorts)) as client:
            response = await client.post("/", json=op("threads.create", input=message("Hi")), headers=headers)
        said = [json.dumps(event) for event in events_of(response.content) if not event["type"].startswith("turn.")]
        changing = r"\b(msg|thr|tc|call)_[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.]+Z"
        return [re.sub(changing, "", event) for event in said]

    assert await bodies({}) == await bodies(TURNS)


async def test_hidden_items_and_the_apps_metadata_never_leave_the_server() -> None:
    async def hiding(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
        thread.metadata["key"] = "secret"
        yield reply.hidden({"note": "secret"})
        yield "Hello."

    async with over_http(Assistant(hiding)) as client:
        started = (await client.post("/", json=op("threads.start", key="secret"))).json()
        answers = [
            await client.post("/", json=request)
            for request in (
                op("threads.add_user_message", thread_id=started["id"], input=message("Hi")),
                op("threads.set_mode", thread_id=started["id"], mode="secret"),
                op("threads.get_by_id", thread_id=started["id"]),
                op("threads.list"),
                op("items.list", thread_id=started["id"]),
            )
        ]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert [answer.text for answer in answers if "secret" in answer.text] == []
