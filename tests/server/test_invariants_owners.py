"""Owners are strangers: another owner's id is answered exactly as an id that never existed, for every op."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from talking import Assistant, events_of, message, op, over_http

from chatkit_core import current_turn, reply
from chatkit_core.engine.parse import ops_adapter
from chatkit_core.types import (
    StructuredInputFreeform,
    SyncCustomActionResponse,
    ThreadMetadata,
    TranscriptionResult,
    WidgetItem,
    utc_now,
)
from chatkit_core.widgets import Card, Text
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

ADA, BOB = {"X-User": "ada"}, {"X-User": "bob"}
UNKNOWN = {
    "thread": "thr_" + "0" * 32,
    "message": "msg_" + "0" * 32,
    "widget": "msg_" + "1" * 32,
    "call": "tc_" + "0" * 32,
    "form": "msg_" + "2" * 32,
    "attachment": "atc_" + "0" * 32,
    "key": "no-such-key",
    "turn": "trn_" + "0" * 32,
}


class Everything(Assistant):
    """An assistant that has every hook."""

    def action(self, *args: Any) -> Any:
        return self.reply(*args[:2])

    async def sync_action(self, *args: Any) -> SyncCustomActionResponse:
        return SyncCustomActionResponse()

    async def transcribe(self, *args: Any) -> TranscriptionResult:
        return TranscriptionResult(text="Hello.")


async def one_of_each(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
    turn = current_turn()
    card = Card(children=[Text(value="Pick one.")])
    widget = WidgetItem(id=turn.new_id("message"), thread_id=thread.id, created_at=utc_now(), widget=card)
    async for event in reply.widget(card):
        yield event
    yield reply.client_tool_call("pick", {"id": widget.id})
    yield reply.structured_input([StructuredInputFreeform(id="name", question="Your name?")])
    yield "Secret."


def requests(ids: dict[str, str], mine: dict[str, str]) -> list[dict[str, Any]]:
    """Return a request for every op and every place where it takes an id. `mine` is a thread of the asker's own."""
    thread, attachment = ids["thread"], ids["attachment"]
    pick = {"type": "pick"}
    return [
        op("threads.get_by_id", thread_id=thread),
        op("threads.create", input=message("Hi", attachments=[attachment])),
        op("threads.list", after=thread),
        op("threads.add_user_message", thread_id=thread, input=message("Hi")),
        op("threads.add_user_message", thread_id=mine["thread"], input=message("Hi", attachments=[attachment])),
        op("threads.add_client_tool_output", thread_id=thread, result=1),
        op("threads.add_client_tool_output", thread_id=thread, item_id=ids["call"], result=1),
        op("threads.add_client_tool_output", thread_id=mine["thread"], item_id=ids["call"], result=1),
        op("threads.add_structured_input", thread_id=thread, item_id=ids["form"], input={}),
        op("threads.add_structured_input", thread_id=mine["thread"], item_id=ids["form"], input={}),
        op("threads.retry_after_item", thread_id=thread, item_id=ids["message"]),
        op("threads.retry_after_item", thread_id=mine["thread"], item_id=ids["message"]),
        op("threads.custom_action", thread_id=thread, action=pick),
        op("threads.custom_action", thread_id=thread, item_id=ids["widget"], action=pick),
        op("threads.custom_action", thread_id=mine["thread"], item_id=ids["widget"], action=pick),
        op("threads.sync_custom_action", thread_id=thread, action=pick),
        op("threads.sync_custom_action", thread_id=mine["thread"], item_id=ids["widget"], action=pick),
        op("threads.update", thread_id=thread, title="Stolen"),
        op("items.list", thread_id=thread),
        op("items.list", thread_id=mine["thread"], after=ids["message"]),
        op("items.feedback", thread_id=thread, item_ids=[ids["message"]], kind="positive"),
        op("items.feedback", thread_id=mine["thread"], item_ids=[ids["message"]], kind="positive"),
        op("attachments.delete", attachment_id=attachment),
        op("attachments.create", name="a.txt", size=1, mime_type="text/plain"),
        op("input.transcribe", audio_base64="AA==", mime_type="audio/ogg"),
        op("threads.start", key=ids["key"]),
        op("threads.archive", thread_id=thread),
        op("threads.unarchive", thread_id=thread),
        op("threads.set_mode", thread_id=thread, mode="stolen"),
        op("turns.get", turn_id=ids["turn"]),
        op("turns.list", thread_id=thread),
        op("turns.list", after=ids["turn"]),
        op("turns.events", turn_id=ids["turn"]),
        op("turns.wait", turn_id=ids["turn"], timeout=0),
        op("turns.cancel", turn_id=ids["turn"]),
        op("turns.summary", thread_id=thread),
        op("turns.follow", turn_id=ids["turn"]),
        op("turns.follow", thread_id=thread),
        op("turns.follow", thread_id=mine["thread"], after=f"{ids['turn']}:1"),
        op("threads.delete", thread_id=thread),
    ]


def masked(answer: httpx2.Response, ids: dict[str, str]) -> tuple[int, str]:
    """Return the answer without the ids that were asked for, and without what is new in every answer."""
    text = answer.text
    for kind, id in ids.items():
        text = re.sub(rf"\b{id}\b", f"<{kind}>", text)
    text = re.sub(r"\b(req|thr|atc)_[0-9a-f]{32}", r"<new \1>", text)
    return answer.status_code, re.sub(r'"(created_at|upload_descriptor)":("[^"]*"|\{[^}]*\})', "<new>", text)


async def begin(client: httpx2.AsyncClient, user: dict[str, str], key: str) -> dict[str, str]:
    """Give a user one of everything, and return the ids."""
    attachment = (
        await client.post(
            "/", json=op("attachments.create", name="a.txt", size=1, mime_type="text/plain"), headers=user
        )
    ).json()["id"]
    thread = (await client.post("/", json=op("threads.start", key=key), headers=user)).json()["id"]
    answer = await client.post(
        "/", json=op("threads.add_user_message", thread_id=thread, input=message("Hi")), headers=user
    )
    items = [event["item"] for event in events_of(answer.content) if event["type"] == "thread.item.done"]
    named = {"user_message": "message", "widget": "widget", "client_tool_call": "call", "structured_input": "form"}
    found = {named[item["type"]]: item["id"] for item in items if item["type"] in named}
    turn = answer.headers["chatkit-turn-id"]
    return {"thread": thread, "attachment": attachment, "key": key, "turn": turn} | found


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_another_owners_id_is_answered_as_one_that_never_existed(backend: str, tmp_path: Path) -> None:
    store: Any = MemoryStore() if backend == "memory" else SQLiteStore(tmp_path / "chat.db")
    server = Everything(one_of_each, store, attachment_store=FileAttachmentStore(tmp_path / "files"))
    async with over_http(server) as client:
        hers, his = await begin(client, ADA, "a-key"), await begin(client, BOB, "b-key")
        assert hers.keys() == UNKNOWN.keys()

        async def everything_of_ada() -> list[Any]:
            asked = (op("threads.list"), op("items.list", thread_id=hers["thread"], limit=100), op("turns.list"))
            return [(await client.post("/", json=request, headers=ADA)).json() for request in asked]

        before = await everything_of_ada()
        for foreign, unknown in zip(requests(hers, his), requests(UNKNOWN, his), strict=True):
            answers = [
                masked(await client.post("/", json=request, headers=BOB), ids)
                for request, ids in ((foreign, hers), (unknown, UNKNOWN))
            ]
            assert answers[0] == answers[1], foreign
            assert answers[0][0] < 500, foreign
        assert await everything_of_ada() == before
        assert (await store.load_attachment(hers["attachment"], context={"user_id": "ada"})).name == "a.txt"


def test_every_op_is_asked() -> None:
    known = set(ops_adapter().json_schema()["discriminator"]["mapping"])
    asked = {request["type"] for request in requests(UNKNOWN, UNKNOWN)}
    assert asked == known
