from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from visiting import Visitor, message, refusal, renamed, visiting

RECORD = {"id": "<atc 1>", "name": "notes.txt", "mime_type": "text/plain", "type": "file"}


async def upload(visitor: Visitor, data: bytes) -> httpx2.Response:
    """Do what ChatKit's page does: announce the file, then send its bytes to where the answer says."""
    params = {"name": "notes.txt", "mime_type": "text/plain", "size": len(data)}
    record = await visitor.ask("attachments.create", **params)
    to = record.pop("upload_descriptor")
    assert (record, to["method"], to["headers"]) == (RECORD, "PUT", {"Content-Type": "text/plain"})
    url = visitor.real(to["url"])
    assert urlsplit(url).path == visitor.real("/attachments/<atc 1>")
    return await visitor.http.put(url, content=data, headers=to["headers"])


async def test_a_file_goes_up_in_two_phases_and_the_assistant_reads_it(folder: Path) -> None:
    async with visiting("attachments") as visitor:
        assert (await upload(visitor, b"Hello, file!")).status_code == 204
        events = await visitor.say("Look", attachments=("<atc 1>",))
        back = await visitor.http.get(visitor.real("/attachments/<atc 1>"))
        thread = await visitor.ask("threads.get_by_id", thread_id="<thr 1>")
        await visitor.ask("threads.delete", thread_id="<thr 1>")
    assert events == [*message("<msg 2>", "notes.txt has 12 bytes. "), renamed("Look")]
    assert (back.status_code, back.content) == (200, b"Hello, file!")
    assert thread["items"]["data"][0]["attachments"] == [RECORD | {"thread_id": "<thr 1>"}]
    left = {path.name for path in (folder / "uploads").rglob("*") if path.is_file()}
    assert left == {"secret"}


async def test_a_form_takes_a_file_in_one_step() -> None:
    async with visiting("attachments") as visitor:
        record = (
            await visitor.http.post("/attachments", files={"file": ("notes.txt", b"Hello!", "text/plain")})
        ).json()
        events = await visitor.say("Look", attachments=(record["id"],))
    assert record == RECORD | {"id": record["id"]}
    assert events == [*message("<msg 2>", "notes.txt has 6 bytes. "), renamed("Look")]


async def test_what_the_store_does_not_take_is_refused() -> None:
    async with visiting("attachments") as visitor:
        film = await visitor.post("attachments.create", name="a.mp4", mime_type="video/mp4", size=10)
        large = await visitor.post("attachments.create", name="a.txt", mime_type="text/plain", size=5_000_001)
    assert refusal(film)[:2] == (415, "attachment.unsupported_media_type")
    assert refusal(large)[:2] == (413, "attachment.too_large")


async def test_without_a_file_the_assistant_asks_for_one() -> None:
    async with visiting("attachments") as visitor:
        assert await visitor.say("Hi") == [*message("<msg 2>", "Attach a file, please."), renamed("Hi")]
