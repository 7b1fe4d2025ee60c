"""Bad input gets a clear error with a status and a code, and nothing is written."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from talking import Assistant, events_of, message, op, over_http, saying

from chatkit_core import reply
from chatkit_core.types import ClosedStatus, LockedStatus, StructuredInputFreeform, ThreadMetadata


async def asking(thread: ThreadMetadata, message: Any) -> AsyncIterator[Any]:
    yield reply.client_tool_call("pick", {})
    yield reply.structured_input([StructuredInputFreeform(id="name", question="Your name?")])


async def locking(thread: ThreadMetadata, message: Any) -> AsyncIterator[str]:
    thread.status = LockedStatus(reason="Enough.") if message.text == "lock" else ClosedStatus()
    yield "Bye."


def text(value: Any) -> dict[str, Any]:
    return op("threads.create", input=message("") | {"content": [{"type": "input_text", "text": value}]})


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.is_error, (answer.request.content, answer.text)
    error = answer.json()["error"]
    assert error.keys() == {"code", "message", "request_id"}
    assert error["message"]
    return answer.status_code, error["code"]


async def test_a_body_that_is_no_op_is_refused_and_names_the_field() -> None:
    async with over_http(Assistant(saying("Hello."))) as client:

        async def post(body: Any, **headers: str) -> tuple[int, str, str]:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            answer = await client.post("/", content=content, headers=headers)
            return *refusal(answer), answer.json()["error"]["message"]

        assert (await post(b"{"))[:2] == (400, "request.invalid_json")
        assert (await post(b""))[:2] == (400, "request.invalid_json")
        assert (await post(b"\xff\xfe"))[:2] == (400, "request.invalid_json")
        assert (await post(b'{"type": NaN}'))[:2] == (400, "request.invalid_json")
        lone_surrogate = rb'{"type": "threads.list", "params": {"after": "\ud800"}}'
        assert (await post(lone_surrogate))[:2] == (400, "request.invalid_json")
        assert (await post(b"[" * 100_000))[:2] == (400, "request.invalid_json")
        assert (await post(op("threads.list") | {"pad": "x" * 2 * 1024 * 1024}))[:2] == (413, "request.too_large")
        text_plain = {"content-type": "text/plain"}
        assert (await post(op("threads.list"), **text_plain))[:2] == (415, "request.unsupported_media_type")
        for body, field in [
            ([], ""),
            (7, ""),
            (None, ""),
            ({}, "type"),
            ({"type": 7}, "type"),
            ({"type": "threads.dance"}, "type"),
            ({"type": "threads.get_by_id"}, "params"),
            (op("threads.get_by_id"), "params.thread_id"),
            (op("threads.get_by_id", thread_id=7), "params.thread_id"),
            (op("threads.list", limit=0), "params.limit"),
            (op("threads.list", limit="many"), "params.limit"),
            (op("threads.list", order="sideways"), "params.order"),
            (text(7), "params.input.content.0"),
            (op("input.transcribe", audio_base64="?", mime_type="audio/ogg"), "params.audio_base64"),
        ]:
            status, code, problem = await post(body)
            assert (status, code, problem.startswith(field)) == (422, "request.invalid", True), (body, problem)
        assert (await client.post("/", json=op("threads.list"))).json()["data"] == []


HI = message("Hi")
ADA = {"status": "answered", "answers": {"name": {"values": ["Ada"]}}}
ANSWER = {"thread_id": "<thread>", "item_id": "<form>", "input": ADA}
OUTPUT = {"thread_id": "<thread>", "item_id": "<call>", "result": 1}

THREADS = [
    (op("threads.add_user_message", thread_id="thr_0", input=HI), (404, "thread.not_found")),
    (op("threads.get_by_id", thread_id="thr_0"), (404, "thread.not_found")),
    (op("threads.update", thread_id="thr_0", title="x"), (404, "thread.not_found")),
    (op("items.list", thread_id="thr_0"), (404, "thread.not_found")),
    (op("items.list", thread_id="<thread>", after="msg_0"), (404, "item.not_found")),
    (op("items.feedback", thread_id="<thread>", item_ids=["msg_0"], kind="positive"), (404, "item.not_found")),
    (op("threads.create", input=message("Hi", attachments=["atc_0"])), (404, "attachment.not_found")),
    (op("threads.add_user_message", thread_id="<locked>", input=HI), (409, "thread.locked")),
    (op("threads.add_user_message", thread_id="<closed>", input=HI), (409, "thread.closed")),
    (op("threads.retry_after_item", thread_id="<thread>", item_id="<call>"), (422, "request.invalid")),
    (op("threads.retry_after_item", thread_id="<thread>", item_id="msg_0"), (404, "item.not_found")),
]
ANSWERS = [
    (op("threads.add_client_tool_output", thread_id="<thread>", result=1), (409, "item.not_pending")),
    (op("threads.add_client_tool_output", **OUTPUT), (409, "item.already_answered")),
    (op("threads.add_client_tool_output", **OUTPUT | {"item_id": "<message>"}), (422, "request.invalid")),
    (op("threads.add_structured_input", **ANSWER), (409, "item.already_answered")),
    (op("threads.add_structured_input", **ANSWER | {"item_id": "<message>"}), (422, "request.invalid")),
]
HOOKS = [
    (op("threads.custom_action", thread_id="<thread>", action={"type": "pick"}), (501, "action.not_supported")),
    (
        op("threads.sync_custom_action", thread_id="<thread>", action={"type": "pick"}),
        (501, "sync_action.not_supported"),
    ),
    (op("input.transcribe", audio_base64="", mime_type="audio/ogg"), (501, "transcribe.not_supported")),
    (op("attachments.create", name="a", size=1, mime_type="a/b"), (501, "attachments.not_supported")),
    (op("attachments.delete", attachment_id="atc_0"), (501, "attachments.not_supported")),
]
TURNS = [
    (op("turns.get", turn_id="trn_0"), (404, "turn.not_found")),
    (op("turns.list", after="trn_0"), (404, "turn.not_found")),
    (op("turns.list", limit=0), (422, "request.invalid")),
    (op("turns.events", turn_id="trn_0"), (404, "turn.not_found")),
    (op("turns.events", turn_id="trn_0", after_seq=-1), (422, "request.invalid")),
    (op("turns.wait", turn_id="trn_0"), (404, "turn.not_found")),
    (op("turns.wait", turn_id="trn_0", timeout=301), (422, "request.invalid")),
    (op("turns.cancel", turn_id="trn_0"), (404, "turn.not_found")),
    (op("turns.follow"), (422, "request.invalid")),
    (op("turns.follow", turn_id="trn_0", thread_id="<thread>"), (422, "request.invalid")),
    (op("turns.follow", turn_id="trn_0"), (404, "turn.not_found")),
    (op("turns.follow", thread_id="thr_0"), (404, "thread.not_found")),
    (op("turns.follow", thread_id="<thread>", after="trn_0"), (422, "request.invalid")),
    (op("turns.follow", thread_id="<thread>", after="trn_0:1"), (404, "turn.not_found")),
    (op("threads.create", input=HI, turn={"on_busy": "panic"}), (422, "request.invalid")),
    (op("threads.create", input=HI, turn={"limits": {"max_tokens": 0}}), (422, "request.invalid")),
]


@pytest.mark.parametrize("refused", [THREADS, ANSWERS, HOOKS, TURNS], ids=["threads", "answers", "hooks", "turns"])
async def test_an_op_that_the_thread_does_not_allow_is_refused_and_nothing_is_written(
    refused: list[tuple[Any, Any]],
) -> None:
    server = Assistant(asking)
    async with over_http(server) as client:
        place = Place(client)
        await place.furnish(server)
        before = await place.all()
        assert [(request, refusal(await place.post(request))) for request, _ in refused] == refused
        assert await place.all() == before


class Place:
    """A server's threads. What is sent may have names in place of ids."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._ids: dict[str, str] = {}

    async def post(self, request: dict[str, Any]) -> httpx2.Response:
        body = re.sub(r"<\w+>", lambda name: self._ids[name[0]], json.dumps(request))
        return await self._client.post("/", content=body)

    async def furnish(self, server: Assistant) -> None:
        """Make a thread in which all is answered, a locked and a closed one."""
        await self._begin("<thread>", "ask")
        for name, item in zip(("<message>", "<call>", "<form>"), await self._items("<thread>"), strict=True):
            self._ids[name] = item["id"]
        server.reply = saying("Thank you.")
        for request in (op("threads.add_structured_input", **ANSWER), op("threads.add_client_tool_output", **OUTPUT)):
            assert (await self.post(request)).status_code == 200
        server.reply = locking
        await self._begin("<locked>", "lock")
        await self._begin("<closed>", "close")

    async def all(self) -> list[Any]:
        """Return all threads, their items, and all turns."""
        threads, turns = [(await self.post(op(type))).json() for type in ("threads.list", "turns.list")]
        assert len(threads["data"]) == 3
        return [threads, turns, *[await self._items(thread["id"]) for thread in threads["data"]]]

    async def _begin(self, name: str, words: str) -> None:
        answer = await self.post(op("threads.create", input=message(words)))
        self._ids[name] = events_of(answer.content)[0]["thread"]["id"]

    async def _items(self, thread_id: str) -> list[dict[str, Any]]:
        answer = await self.post(op("items.list", thread_id=thread_id, order="asc"))
        return list(answer.json()["data"])


async def test_what_an_app_does_not_expect_is_a_500_without_detail_and_a_log_entry_with_the_requests_id(
    caplog: Any,
) -> None:
    class Broken(Assistant):
        async def get_context(self, request: Any) -> Any:
            raise RuntimeError("secret")

    async with over_http(Broken(saying("Hello."))) as client:
        answer = await client.post("/", json=op("threads.list"))
    assert refusal(answer) == (500, "server.error")
    assert "secret" not in answer.text
    assert answer.json()["error"]["request_id"] in caplog.text
