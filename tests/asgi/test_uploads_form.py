"""Uploads by a multipart form, as a client on the network sees them."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
from attachment_server import (
    ADA,
    DAVE,
    FORM,
    MAX_BYTES,
    PATH,
    Chat,
    on_the_server,
    part,
    refusal,
)

from chatkit_core.types import FileAttachment


async def test_a_form_uploads_a_file_in_one_step(chat: Chat) -> None:
    response = await chat.client.post(
        PATH, headers=ADA, data={"comment": "mine"}, files={"file": ("Größe 👩‍🚀.txt", b"hello", "text/plain")}
    )

    record = response.json()
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert record == {"id": record["id"], "name": "Größe 👩‍🚀.txt", "mime_type": "text/plain", "type": "file"}
    assert (await chat.client.get(f"{PATH}/{record['id']}", headers=ADA)).content == b"hello"
    saved = await chat.records.load_attachment(record["id"], {"user_id": "ada"})
    assert saved == FileAttachment(**record, metadata={"scanned": True})


async def test_an_image_in_a_form_has_a_preview(chat: Chat) -> None:
    response = await chat.client.post(PATH, headers=ADA, files={"file": ("cat.png", b"pixels", "image/png")})

    preview = await chat.client.get(on_the_server(response.json()["preview_url"]))
    assert (preview.content, preview.headers["content-type"]) == (b"pixels", "image/png")


async def test_a_form_without_a_context_is_refused(chat: Chat) -> None:
    response = await chat.client.post(PATH, files={"file": ("a.txt", b"hello")})

    assert refusal(response) == (401, "auth.required", "Authentication is required.")


FILE = part('name="file"; filename="a.txt"')


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        (part('name="other"; filename="a.txt"') + "--boundary--", "file: the form has no such field"),
        ("--boundary--", "file: the form has no such field"),
        (part('name="file"') + "--boundary--", "file: it is not a file with a name"),
        (part('name="file"; filename=""') + "--boundary--", "file: it is not a file with a name"),
        (part('name="file"; filename="../.."') + "--boundary--", "file: a file needs a name"),
        (part('name="file"; filename="a\x07.txt"') + "--boundary--", "file: the name has control characters"),
        (FILE + FILE + "--boundary--", "file: the form has more than one"),
        (FILE, "the form is cut off"),
        (FILE[:-10], "the form is cut off"),
        ("", "the form is cut off"),
        ("hello", "the body is not a well-formed multipart form"),
        ("--boundary\r\nno header\r\n\r\nhello", "the body is not a well-formed multipart form"),
        (
            part('name="file"; x="' + "x" * 3000 + '"\r\nX-A: ' + "x" * 3900 + "\r\nX-B: " + "x" * 3900)
            + "--boundary--",
            "headers",
        ),
    ],
)
async def test_a_bad_form_is_refused_and_leaves_nothing(chat: Chat, form: str, problem: str) -> None:
    before = chat.on_disk()

    response = await chat.client.post(PATH, content=form.encode(), headers=ADA | FORM)

    status, code, message = refusal(response)
    assert (status, code) == (422, "request.invalid")
    assert message.endswith(problem)
    assert chat.on_disk() == before


@pytest.mark.parametrize(
    ("content_type", "refused"),
    [
        ("application/json", (415, "request.unsupported_media_type")),
        ("", (415, "request.unsupported_media_type")),
        ("multipart/form-data", (422, "request.invalid")),
        ("multipart/form-data; boundary=" + "b" * 1000, (422, "request.invalid")),
    ],
)
async def test_what_is_not_a_form_is_refused(chat: Chat, content_type: str, refused: tuple[int, str]) -> None:
    response = await chat.client.post(PATH, content=b"{}", headers=ADA | {"Content-Type": content_type})

    assert refusal(response)[:2] == refused


async def test_a_form_in_the_smallest_pieces_is_the_same_form(chat: Chat) -> None:
    data = b"0\r\n--bound1\r2\r\n3\r\n--4--boundary5\n--boundary\r\n"

    async def one_by_one() -> AsyncIterator[bytes]:
        head = b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for byte in head + data + b"\r\n--boundary--\r\n":
            yield bytes([byte])

    response = await chat.client.post(PATH, content=one_by_one(), headers=ADA | FORM)

    assert await chat.files.read(response.json()["id"]) == data


async def test_a_file_over_the_limit_is_refused_before_its_end(chat: Chat) -> None:
    before = chat.on_disk()

    async def form() -> AsyncIterator[bytes]:
        yield part('name="file"; filename="a.bin"', "").encode()[:-2]
        for _ in range(5):
            yield b"x" * (MAX_BYTES // 4)
        async with asyncio.timeout(5):
            assert await chat.answered.get() == 413
        yield b"\r\n--boundary--"

    response = await chat.client.post(PATH, content=form(), headers=ADA | FORM)

    assert refusal(response) == (413, "attachment.too_large", "The attachment is larger than 1000000 bytes.")
    assert chat.on_disk() == before


async def test_other_fields_of_a_form_have_a_limit(chat: Chat) -> None:
    response = await chat.client.post(
        PATH, headers=ADA, data={"comment": "x" * 70_000}, files={"file": ("a.txt", b"hello")}
    )

    assert refusal(response) == (413, "request.too_large", "The request is larger than 65536 bytes.")


async def test_a_file_whose_record_cannot_be_saved_is_not_kept(chat: Chat) -> None:
    before = chat.on_disk()

    response = await chat.client.post(PATH, headers=DAVE, files={"file": ("a.txt", b"hello")})

    assert refusal(response) == (500, "server.error", "The server has failed.")
    assert chat.on_disk() == before


async def test_a_form_needs_an_extra(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_multipart", None)

    response = await chat.client.post(PATH, headers=ADA, files={"file": ("a.txt", b"hello")})

    assert response.status_code == 501
    assert "pip install 'chatkit-core[uploads]'" in refusal(response)[2]


async def test_many_uploads_at_once_each_keep_their_own_bytes(chat: Chat) -> None:
    contents = [bytes([number]) * 200_000 for number in range(20)]

    responses = await asyncio.gather(
        *(chat.client.post(PATH, headers=ADA, files={"file": (f"{data[0]}.bin", data)}) for data in contents)
    )

    assert [await chat.files.read(response.json()["id"]) for response in responses] == contents
