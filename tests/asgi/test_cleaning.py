"""What the server forgets in time: uploads that no message has named, and turns that ended."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from serving import serve
from test_endpoint import HELLO, Echo, post

from chatkit_core.errors import GoneError
from chatkit_core.types import utc_now
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

ANN = {"user_id": "ann"}
UPLOAD = {"type": "attachments.create", "params": {"name": "a.txt", "size": 2, "mime_type": "text/plain"}}


async def upload(url: str) -> str:
    """Upload a file; return the attachment's id."""
    record = (await post(url, UPLOAD)).json()
    to = record["upload_descriptor"]
    async with httpx2.AsyncClient() as client:
        sent = await client.put(to["url"], content=b"hi", headers=to["headers"])
    assert sent.status_code == 204
    return str(record["id"])


async def statuses(url: str, ids: list[str]) -> list[int]:
    async with httpx2.AsyncClient() as client:
        return [(await client.get(f"{url}/attachments/{id}")).status_code for id in ids]


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_an_upload_that_no_message_has_named_is_gone_after_a_day(backend: str, tmp_path: Path) -> None:
    store: Any = MemoryStore() if backend == "memory" else SQLiteStore(tmp_path / "chat.db")
    server = Echo(store, FileAttachmentStore(tmp_path / "files"))
    async with serve(server) as url:
        named, unnamed = await upload(url), await upload(url)
        message = json.loads(json.dumps(HELLO))
        message["params"]["input"]["attachments"] = [named]
        assert (await post(url, message)).status_code == 200

        await server._lifecycle.clean(utc_now() + timedelta(hours=23))
        assert await statuses(url, [named, unnamed]) == [200, 200]
        await server._lifecycle.clean(utc_now() + timedelta(hours=25))
        assert await statuses(url, [named, unnamed]) == [200, 404]
    kept = [path.read_bytes() for path in (tmp_path / "files").rglob("atc_*") if path.suffix != ".json"]
    assert kept.count(b"hi") == 1


async def test_what_a_turn_said_is_forgotten_a_day_after_its_end_and_its_row_stays() -> None:
    server = Echo(MemoryStore())

    async def ask(op: str, turn_id: str) -> Any:
        result: Any = await server.process(json.dumps({"type": op, "params": {"turn_id": turn_id}}), ANN)
        return json.loads(result.json)

    async with server.lifespan():
        result: Any = await server.process(json.dumps(HELLO), ANN, turns=True)
        frames = b"".join([frame async for frame in result])
        turn_id = json.loads(frames.split(b"\n")[1][6:])["turn"]["id"]

        await server._lifecycle.clean(utc_now() + timedelta(hours=23))
        assert len((await ask("turns.events", turn_id))["events"]) > 5
        await server._lifecycle.clean(utc_now() + timedelta(hours=25))
        with pytest.raises(GoneError):
            await ask("turns.events", turn_id)
        assert (await ask("turns.get", turn_id))["status"] == "completed"
