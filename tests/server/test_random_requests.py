"""Ten thousand requests that nobody in their senses would send: the server answers each, and stays whole."""

import asyncio
import json
import logging
import random
from collections import Counter
from typing import Any

import pytest
from serving import run_server
from starlette.requests import Request

from chatkit_core import ChatServer, reply
from chatkit_core.types import StructuredInputFreeform, SyncCustomActionResponse, TranscriptionResult
from chatkit_core.widgets import Card, Text
from chatkit_stores.memory import MemoryStore

REQUESTS = 10_000
CONNECTIONS = 8

pytestmark = pytest.mark.timeout(180)


class Assistant(ChatServer[Any]):
    async def get_context(self, request: Request) -> Any:
        return {"user_id": request.headers["x-user"]}

    async def respond(self, thread, message, context):
        yield "Well, "
        yield reply.client_tool_call("look", {"at": "this"})
        yield reply.structured_input([StructuredInputFreeform(id="why", question="Why?")])
        async for event in reply.widget(Card(children=[Text(value="A widget")])):
            yield event

    async def action(self, thread, action, sender, context):
        yield "done"

    async def sync_action(self, thread, action, sender, context):
        return SyncCustomActionResponse(updated_item=sender)

    async def transcribe(self, audio_input, context):
        return TranscriptionResult(text="words")


class Connection:
    """A keep-alive connection, with no more of HTTP than the test needs."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", "Host: here", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if "transfer-encoding: chunked" in head:
            answer = await self._chunks(reader)
        else:
            length = next((line for line in head.splitlines() if line.startswith("content-length:")), ":0")
            answer = await reader.readexactly(int(length.partition(":")[2]))
        if "connection: close" in head:
            await self.close()
        return int(head.split()[1]), answer

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    @staticmethod
    async def _chunks(reader: asyncio.StreamReader) -> bytes:
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body


class Nonsense:
    """Requests, from plain ones to plain bytes. It learns the ids that the server names, and uses them wrongly."""

    OPS = (
        "threads.create",
        "threads.add_user_message",
        "threads.add_client_tool_output",
        "threads.add_structured_input",
        "threads.retry_after_item",
        "threads.custom_action",
        "threads.sync_custom_action",
        "threads.get_by_id",
        "threads.list",
        "threads.update",
        "threads.delete",
        "threads.start",
        "threads.archive",
        "threads.unarchive",
        "threads.set_mode",
        "items.list",
        "items.feedback",
        "attachments.create",
        "attachments.delete",
        "input.transcribe",
        "turns.get",
        "turns.cancel",
        "nothing.known",
    )

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.ids = ["thr_1", "msg_1", "", "é", "x" * 300]

    def learn(self, answer: bytes) -> None:
        for part in answer.split(b'"id":"')[1:7]:
            self.ids.append(part.partition(b'"')[0].decode())
        del self.ids[5:-60]

    def body(self) -> bytes:
        kind = self.random.random()
        if kind < 0.1:
            return self.random.randbytes(self.random.randrange(60))
        text = json.dumps(self._op(), ensure_ascii=self.random.random() < 0.5).encode("utf-8", "surrogatepass")
        if kind < 0.3:
            position = self.random.randrange(len(text))
            text = text[:position] + self.random.randbytes(self.random.randrange(3)) + text[position + 1 :]
        return text

    def _op(self) -> Any:
        op: dict[str, Any] = {"type": self.random.choice(self.OPS), "params": self._params()}
        if self.random.random() < 0.1:
            op[self.random.choice(["type", "params", "metadata"])] = self._value()
        return op

    def _params(self) -> dict[str, Any]:
        message = {
            "content": [
                {
                    "type": "input_text",
                    "text": self.random.choices(["Hello", "", "a\nb", "🙂", "\ud800"], [9, 9, 9, 9, 1])[0],
                }
            ],
            "attachments": [],
            "inference_options": {},
        }
        params = {
            "input": self.random.choice(
                [message, message, {"status": "answered", "answers": {"why": {"values": ["x"]}}}]
            ),
            "thread_id": self._id("thr_"),
            "item_id": self._id(self.random.choice(["msg_", "tc_"])),
            "item_ids": [self.random.choice(self.ids)],
            "kind": self.random.choice(["positive", "negative"]),
            "action": {"type": "go", "payload": self._value()},
            "result": self._value(),
            "title": "A title",
            "mode": self.random.choice(["quick", None]),
            "key": self.random.choice(["one", "two"]),
            "order": self.random.choice(["asc", "desc"]),
            "limit": self.random.choice([1, 20, 10_000, None]),
            "after": self.random.choice([None, *self.ids]),
            "query": self.random.choice([None, "hello", ""]),
            "attachment_id": self.random.choice(self.ids),
            "name": "a.txt",
            "size": 3,
            "mime_type": "text/plain",
            "audio_base64": self.random.choice(["AAAA", "not base64!"]),
        }
        for _ in range(self.random.randrange(3)):
            params[self.random.choice(list(params))] = self._value()
        for name in self.random.sample(list(params), self.random.randrange(4)):
            del params[name]
        return params

    def _id(self, prefix: str) -> str:
        fitting = [id for id in self.ids if id.startswith(prefix)]
        return self.random.choice(fitting if fitting and self.random.random() < 0.8 else self.ids)

    def _value(self, depth: int = 0) -> Any:
        simple = [None, True, -1, 2**70, 1e308, "text", "\0", [], {}]
        if depth > 3 or self.random.random() < 0.7:
            return self.random.choice(simple)
        if self.random.random() < 0.5:
            return [self._value(depth + 1) for _ in range(3)]
        return {self.random.choice(["type", "id", "", "x"]): self._value(depth + 1) for _ in range(2)}


async def give_up(connection: Connection) -> None:
    """Cancel the turns that wait for an answer, since messages that were sent before they waited wait for them too."""

    async def ask(user: str, op: str, **params: Any) -> Any:
        headers = {"X-User": user, "Content-Type": "application/json"}
        body = json.dumps({"type": op, "params": params}).encode()
        _, answer = await connection.request("POST", "/", headers, body)
        return json.loads(answer)

    try:
        while True:
            for user in ("ann", "bob"):
                for turn in (await ask(user, "turns.list", status="waiting", limit=100))["data"]:
                    await ask(user, "turns.cancel", turn_id=turn["id"])
    finally:
        await connection.close()


async def test_ten_thousand_random_requests_cause_no_500_no_traceback_and_no_leaked_task(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    tasks_before = asyncio.all_tasks()
    nonsense = Nonsense(seed=20_261_121)
    statuses: Counter[int] = Counter()

    async def send(connection: Connection, count: int) -> None:
        for _ in range(count):
            method = nonsense.random.choices(["POST", "GET", "PUT"], [40, 1, 1])[0]
            path = nonsense.random.choices(["/", "/nothing", "/attachments/x"], [40, 1, 1])[0]
            headers = {
                "X-User": nonsense.random.choices(["ann", "bob"], [9, 1])[0],
                "Content-Type": nonsense.random.choices(["application/json", "text/plain"], [40, 1])[0],
                "ChatKit-Turns": nonsense.random.choice(["0", "1"]),
            }
            status, answer = await connection.request(method, path, headers, nonsense.body())
            statuses[status] += 1
            nonsense.learn(answer)

    async with run_server(Assistant(MemoryStore())) as server:
        host, port = server.servers[0].sockets[0].getsockname()
        connections = [Connection(host, port) for _ in range(CONNECTIONS)]
        giving_up = asyncio.create_task(give_up(Connection(host, port)))
        await asyncio.gather(*[send(connection, REQUESTS // CONNECTIONS) for connection in connections])
        giving_up.cancel()
        for connection in connections:
            await connection.close()

    assert statuses.total() == REQUESTS
    assert set(statuses) == {200, 400, 404, 405, 409, 415, 422, 501}
    assert statuses[200] > REQUESTS // 10
    unexpected = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR or r.exc_info]
    assert unexpected == []
    assert asyncio.all_tasks() == tasks_before
