"""Downloads of attachments, as a client on the network sees them."""

import pytest
from attachment_server import (
    ADA,
    BOB,
    PATH,
    Chat,
    refusal,
    unknown,
)


async def test_the_owner_gets_the_bytes(chat: Chat) -> None:
    record = await chat.keep("notes.txt", "text/plain", b"hello")

    response = await chat.client.get(f"{PATH}/{record.id}", headers=ADA)

    assert (response.status_code, response.content) == (200, b"hello")
    served = {name: response.headers[name] for name in response.headers if name not in ("date", "server")}
    assert served == {
        "content-type": "text/plain; charset=utf-8",
        "content-length": "5",
        "content-disposition": 'attachment; filename="notes.txt"',
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "private, max-age=3600",
        "accept-ranges": "bytes",
        "etag": response.headers["etag"],
        "last-modified": response.headers["last-modified"],
    }


async def test_another_owners_attachment_does_not_exist(chat: Chat) -> None:
    record = await chat.keep("notes.txt", "text/plain", b"hello", user="bob")

    assert (await chat.client.get(f"{PATH}/{record.id}", headers=BOB)).status_code == 200
    assert refusal(await chat.client.get(f"{PATH}/{record.id}", headers=ADA)) == unknown(record.id)
    assert refusal(await chat.client.get(f"{PATH}/atc_none", headers=ADA)) == unknown("atc_none")
    assert refusal(await chat.client.get(f"{PATH}/{record.id}"))[:2] == (401, "auth.required")


async def test_what_is_not_uploaded_yet_does_not_exist(chat: Chat) -> None:
    record = await chat.announce("a.txt", "text/plain", 5)
    await chat.records.save_attachment(record, {"user_id": "ada"})

    assert refusal(await chat.client.get(f"{PATH}/{record.id}", headers=ADA)) == unknown(record.id)


@pytest.mark.parametrize("mime_type", ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"])
async def test_images_are_shown_in_place(chat: Chat, mime_type: str) -> None:
    record = await chat.keep("cat", mime_type, b"pixels")

    response = await chat.client.get(f"{PATH}/{record.id}", headers=ADA)

    assert response.headers["content-disposition"] == 'inline; filename="cat"'
    assert response.headers["content-type"] == mime_type


@pytest.mark.parametrize(
    "mime_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/pdf", "text/plain"]
)
async def test_what_could_hold_a_script_is_a_download(chat: Chat, mime_type: str) -> None:
    record = await chat.keep("page", mime_type, b"<script>alert(1)</script>")

    response = await chat.client.get(f"{PATH}/{record.id}", headers=ADA)

    assert response.headers["content-disposition"] == 'attachment; filename="page"'
    assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ('a"; filename="b.html', "a%22%3B%20filename%3D%22b.html"),
        ("Größe 测试.txt", "Gr%C3%B6%C3%9Fe%20%E6%B5%8B%E8%AF%95.txt"),
        ("100%.txt", "100%25.txt"),
    ],
)
async def test_a_name_stays_inside_its_header(chat: Chat, name: str, encoded: str) -> None:
    record = await chat.keep(name, "text/plain", b"hello")

    response = await chat.client.get(f"{PATH}/{record.id}", headers=ADA)

    assert response.headers["content-disposition"] == f"attachment; filename*=utf-8''{encoded}"


@pytest.mark.parametrize(
    "id", ["..%2fsecret", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5csecret", "a%00", "a/b", "%ff", ""]
)
async def test_an_id_that_is_a_path_is_unknown(chat: Chat, id: str) -> None:
    answers = [
        await chat.client.get(f"{PATH}/{id}", headers=ADA),
        await chat.client.get(f"{PATH}/{id}?token=1.2"),
        await chat.client.put(f"{PATH}/{id}?token=1.2", content=b"hello"),
    ]

    assert [refusal(answer)[:2] for answer in answers] == [(404, "attachment.not_found")] * 3


async def test_head_gives_the_size_and_no_bytes(chat: Chat) -> None:
    record = await chat.keep("notes.txt", "text/plain", b"hello")

    response = await chat.client.head(f"{PATH}/{record.id}", headers=ADA)

    assert (response.status_code, response.headers["content-length"], response.content) == (200, "5", b"")


@pytest.mark.parametrize(
    ("wanted", "status", "content_range", "data"),
    [
        ("bytes=1-3", 206, "bytes 1-3/5", b"ell"),
        ("bytes=-2", 206, "bytes 3-4/5", b"lo"),
        ("bytes=9-", 416, "bytes */5", b""),
    ],
)
async def test_a_part_of_the_bytes_can_be_had(
    chat: Chat, wanted: str, status: int, content_range: str, data: bytes
) -> None:
    record = await chat.keep("notes.txt", "text/plain", b"hello")

    response = await chat.client.get(f"{PATH}/{record.id}", headers=ADA | {"Range": wanted})

    assert (response.status_code, response.headers["content-range"], response.content) == (status, content_range, data)
