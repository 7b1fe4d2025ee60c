"""Uploads in two phases, as a client on the network sees them; and what the routes are as a whole."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from attachment_server import (
    ADA,
    FORM,
    PATH,
    Chat,
    Records,
    chatting,
    part,
    preview_url,
    refusal,
    unknown,
    upload_url,
    user_of,
)
from serving import serve
from starlette.applications import Starlette

from chatkit_core.asgi.errors import answering_errors
from chatkit_core.asgi.uploads import upload_routes
from chatkit_core.store import AttachmentStore
from chatkit_core.types import AttachmentCreateParams
from chatkit_stores.files import FileAttachmentStore


async def test_an_announced_file_is_put_where_its_record_says(chat: Chat) -> None:
    record = await chat.announce("cat.png", "image/png", 6)
    assert record.upload_descriptor is not None

    response = await chat.client.put(upload_url(record), content=b"pixels", headers=record.upload_descriptor.headers)

    assert (response.status_code, response.content) == (204, b"")
    assert await chat.files.read(record.id) == b"pixels"


@pytest.mark.parametrize(
    ("data", "mime_type", "refused"),
    [
        (b"pixels!", "image/png", (413, "attachment.too_large", "The attachment is larger than 6 bytes.")),
        (b"pixel", "image/png", (422, "request.invalid", "the body has 5 bytes; 6 were announced")),
        (b"", "image/png", (422, "request.invalid", "the body has 0 bytes; 6 were announced")),
        (
            b"pixels",
            "text/html",
            (
                415,
                "attachment.unsupported_media_type",
                "The attachment has content type 'text/html'; image/png is taken here.",
            ),
        ),
    ],
)
async def test_bytes_that_are_not_as_announced_are_refused(
    chat: Chat, data: bytes, mime_type: str, refused: tuple[int, str, str]
) -> None:
    record = await chat.announce("cat.png", "image/png", 6)

    response = await chat.client.put(upload_url(record), content=data, headers={"Content-Type": mime_type})

    assert refusal(response) == refused
    assert (await chat.client.get(preview_url(record))).status_code == 404


async def test_a_second_put_is_a_conflict(chat: Chat) -> None:
    record = await chat.announce("a.txt", "text/plain", 5)

    assert (await chat.client.put(upload_url(record), content=b"first")).status_code == 204
    assert refusal(await chat.client.put(upload_url(record), content=b"other")) == (
        409,
        "attachment.already_uploaded",
        f"Attachment {record.id!r} is already uploaded.",
    )
    assert await chat.files.read(record.id) == b"first"


async def test_of_two_puts_at_once_one_is_a_conflict(chat: Chat) -> None:
    record = await chat.announce("a.bin", "application/octet-stream", 800_000)
    url = upload_url(record)

    responses = await asyncio.gather(
        chat.client.put(url, content=b"a" * 800_000), chat.client.put(url, content=b"b" * 800_000)
    )

    statuses = [response.status_code for response in responses]
    assert sorted(statuses) == [204, 409]
    assert await chat.files.read(record.id) == (b"a", b"b")[statuses.index(204)] * 800_000


async def test_a_token_opens_only_what_it_was_signed_for(chat: Chat) -> None:
    record = await chat.announce("cat.png", "image/png", 6)
    other = await chat.announce("dog.png", "image/png", 6)
    upload_token, read_token = (url.partition("token=")[2] for url in (upload_url(record), preview_url(record)))

    for id, token in [
        (other.id, upload_token),
        (record.id, read_token),
        (record.id, upload_token[:-1]),
        (record.id, ""),
    ]:
        response = await chat.client.put(f"{PATH}/{id}?token={token}", content=b"pixels")
        assert refusal(response) == unknown(id)
    assert refusal(await chat.client.put(f"{PATH}/{record.id}", content=b"pixels")) == unknown(record.id)

    assert (await chat.client.put(upload_url(record), content=b"pixels")).status_code == 204
    for token in (upload_token, read_token[:-1], ""):
        assert refusal(await chat.client.get(f"{PATH}/{record.id}?token={token}")) == unknown(record.id)
    assert (await chat.client.get(preview_url(record))).content == b"pixels"


async def test_tokens_expire(chat: Chat) -> None:
    yesterday = FileAttachmentStore(
        chat.directory, base_url="https://chat.test/chatkit", clock=lambda: 1_700_000_000, upload_lifetime=60
    )
    params = AttachmentCreateParams(name="cat.png", mime_type="image/png", size=6)
    record = await yesterday.create_attachment(params, None)
    expired = (410, "attachment.expired", "This attachment has expired.")

    assert refusal(await chat.client.put(upload_url(record), content=b"pixels")) == expired
    assert refusal(await chat.client.get(preview_url(record))) == expired


async def test_an_upload_that_breaks_off_leaves_nothing_and_can_be_tried_again(chat: Chat) -> None:
    record = await chat.announce("a.bin", "application/octet-stream", 500_000)
    before = chat.on_disk()

    _, writer = await asyncio.open_connection(chat.client.base_url.host, chat.client.base_url.port)
    writer.write(f"PUT {upload_url(record)} HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n".encode())
    writer.write(b"x" * 300_000)
    await writer.drain()
    writer.close()

    assert await chat.answered.get() == 400
    assert chat.on_disk() == before
    assert (await chat.client.put(upload_url(record), content=b"y" * 500_000)).status_code == 204


async def test_a_large_upload_and_download_take_little_memory(tmp_path: Path) -> None:
    size = 30 * 1024 * 1024
    block = b"x" * 65536

    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(size // len(block)):
            yield block

    async def form() -> AsyncIterator[bytes]:
        yield part('name="file"; filename="a.bin"', "").encode()[:-2]
        async for piece in blocks():
            yield piece
        yield b"\r\n--boundary--"

    async with chatting(tmp_path, max_bytes=size) as chat:
        record = await chat.announce("a.bin", "application/octet-stream", size)
        tracemalloc.start()
        put = await chat.client.put(upload_url(record), content=blocks())
        post = await chat.client.post(PATH, content=form(), headers=ADA | FORM)
        received = 0
        async with chat.client.stream("GET", f"{PATH}/{post.json()['id']}", headers=ADA) as got:
            async for piece in got.aiter_bytes():
                received += len(piece)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        stored = await chat.files.stored_file(record.id)

    assert (put.status_code, post.status_code, received, stored.path.stat().st_size) == (204, 200, size, size)
    assert peak < 4 * 1024 * 1024


class DeletesOnly(AttachmentStore[Any]):
    async def delete_attachment(self, attachment_id: str, context: Any) -> None: ...


@pytest.mark.parametrize("attachments", [None, DeletesOnly()])
async def test_without_an_upload_store_there_are_no_attachments(attachments: AttachmentStore[Any] | None) -> None:
    records = Records()
    app = Starlette(routes=upload_routes("/", records, attachments, user_of, answering_errors))

    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as client:
        answers = [
            await client.put("/attachments/atc_1?token=1.2", content=b"hello"),
            await client.post("/attachments", files={"file": ("a.txt", b"hello")}),
            await client.get("/attachments/atc_1", headers=ADA),
        ]

    refused = (501, "attachments.not_supported", "attachments is not supported here.")
    assert [refusal(answer) for answer in answers] == [refused] * 3
