"""One conversation with one package's server, written down so that two packages can be compared line by line."""

import json
import re
from collections.abc import Awaitable, Callable
from difflib import SequenceMatcher
from typing import Any

from oracle_kit import CONTEXT, Kit, Reply, server_of, store_of

Ask = Callable[[bytes], Awaitable[bytes]]

_ID = re.compile(r"\b(thr|msg|tc|wf|tsk|atc|shcx)_(?:[0-9a-f]{32}|[0-9a-f]{8})\b")
_TIME = re.compile(r'"created_at":"([^"]+)"')


class Chat:
    """Sends ops, and writes down what the client gets, frame by frame, and what is stored then."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.store = store_of(kit)
        self.server = server_of(kit, self.store)
        self.ask: Ask = self._process  # how an op gets to the server
        self.lines: list[str] = []
        self.times: list[str] = []
        self.thread_id = ""
        self._names: dict[str, str] = {}

    async def create(self, text: str, reply: Reply, **input: Any) -> None:
        """Begin the thread."""
        self.server.reply = reply
        await self.op("threads.create", input=message(text, **input))
        self.thread_id = next(reversed(self.store.threads), "")

    async def say(self, text: str, reply: Reply, **input: Any) -> None:
        """Add a user message."""
        self.server.reply = reply
        await self.op("threads.add_user_message", thread_id=self.thread_id, input=message(text, **input))

    async def op(self, type: str, **params: Any) -> None:
        """Send an op."""
        await self.send({"type": type, "params": params})

    async def send(self, request: Any) -> None:
        """Send anything, and write down the answer and what is stored."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        self._write(f"> {request['type'] if isinstance(request, dict) else request!r}")
        for frame in (await self.ask(body)).decode().split("\n\n"):
            self._write(frame)
        for item in self.items():
            self._write("stored " + item.model_dump_json(by_alias=True, exclude_none=True))

    def items(self) -> list[Any]:
        return list(self.store.items.get(self.thread_id or next(reversed(self.store.items), ""), {}).values())

    def last(self, type: str) -> str:
        """Return the id of the newest stored item of a type."""
        return [item.id for item in self.items() if item.type == type][-1]

    async def _process(self, body: bytes) -> bytes:
        try:
            result = await self.server.process(body, CONTEXT)
        except Exception as error:
            return f"refused: {kind(error)}".encode()
        if isinstance(result, self.kit.NonStreamingResult):
            return result.json
        stream = b""
        try:
            async for frames in result:
                stream += frames
        except Exception as error:
            stream += f"raised in the stream: {kind(error)}".encode()
        return stream

    def _write(self, line: str) -> None:
        self.times += _TIME.findall(line)
        line = _TIME.sub('"created_at":"<time>"', line)
        self.lines.append(_ID.sub(self._name, line))

    def _name(self, match: re.Match[str]) -> str:
        """Name ids by their kind and the order of their first appearance."""
        kind = match[1]
        count = sum(name.startswith(f"<{kind} ") for name in self._names.values())
        return self._names.setdefault(match[0], f"<{kind} {count + 1}>")


def message(text: str, **input: Any) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": [], "inference_options": {}} | input


def kind(error: Exception) -> str:
    return type(error).__name__


def compare(theirs: list[str], ours: list[str]) -> list[str]:
    """Return what differs, in the order of the streams: `-` is the incumbent's alone, `+` is ours alone."""
    found: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [f"- {short(line)}" for line in theirs[a:b]]
            found += [f"+ {short(line)}" for line in ours[c:d]]
    return found


def short(line: str) -> str:
    """Return the line without what does not tell it from others."""
    kind, _, rest = line.partition(" ")
    if line.startswith("{"):
        items = json.loads(line).get("items", {}).get("data", [])
        return f"answer with {[item['id'] for item in items[:1] + items[-1:]]}"
    if kind not in ("data:", "stored"):
        return line or "the end of the stream"
    event = json.loads(rest)
    item = event if kind == "stored" else event.get("item", {})
    words = ["stored" if kind == "stored" else event["type"], item.get("id"), item.get("type"), item.get("status")]
    words += [event.get("item_id"), event.get("update", {}).get("type"), event.get("code")]
    words += [part["text"] for part in item.get("content", []) if isinstance(part, dict)]
    return " ".join(str(word) for word in words if word)


Scenario = Callable[[Chat], Awaitable[None]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """Mark a conversation that is had with both packages; its name says what it is about."""
    SCENARIOS.append(function)
    return function
