"""`FileAttachmentStore`: from the announcement of a file to its end."""

import os
from pathlib import Path

import pytest
from file_uploads import NOON, URL, Clock, body, files_in, params, token_in, upload, upload_token

from chatkit_core.errors import (
    ConflictError,
    GoneError,
    InvalidRequestError,
    NotFoundError,
    TooLargeError,
    UnsupportedMediaTypeError,
)
from chatkit_core.store import StoredFile, endpoint_url
from chatkit_core.types import FileAttachment, ImageAttachment
from chatkit_stores.files import FileAttachmentStore


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> FileAttachmentStore:
    return FileAttachmentStore(tmp_path, base_url=URL, max_bytes=1000, clock=clock)


async def test_an_announced_file_is_told_where_its_bytes_go(store: FileAttachmentStore) -> None:
    record = await store.create_attachment(params("report.pdf", 3, "application/pdf"), None)

    assert record.model_dump(mode="json", exclude_none=True) == {
        "id": record.id,
        "type": "file",
        "name": "report.pdf",
        "mime_type": "application/pdf",
        "upload_descriptor": {
            "url": f"{URL}/attachments/{record.id}?token={upload_token(record)}",
            "method": "PUT",
            "headers": {"Content-Type": "application/pdf"},
        },
    }


async def test_uploaded_bytes_are_kept_and_read_back(store: FileAttachmentStore) -> None:
    record = await store.create_attachment(params("notes.txt", 10), None)

    await store.receive(record.id, upload_token(record), "text/plain; charset=utf-8", body(b"hello", b"", b"world"))

    stored = await store.stored_file(record.id)
    assert (stored.name, stored.mime_type, stored.path.read_bytes()) == ("notes.txt", "text/plain", b"helloworld")
    assert await store.read(record.id) == b"helloworld"


async def test_a_request_that_names_no_type_is_taken(store: FileAttachmentStore) -> None:
    record = await store.create_attachment(params(), None)

    await store.receive(record.id, upload_token(record), None, body(b"hello"))

    assert await store.read(record.id) == b"hello"


async def test_an_empty_file_is_a_file(store: FileAttachmentStore) -> None:
    record = await upload(store, b"")

    assert await store.read(record.id) == b""


async def test_a_direct_upload_gives_the_finished_record(store: FileAttachmentStore) -> None:
    record = await store.receive_direct("a b.txt", "Text/Plain;charset=utf-8", body(b"one ", b"two"), None)

    assert record == FileAttachment(id=record.id, name="a b.txt", mime_type="text/plain")
    stored = await store.stored_file(record.id)
    assert stored == StoredFile(path=stored.path, name="a b.txt", mime_type="text/plain")
    assert await store.read(record.id) == b"one two"


@pytest.mark.parametrize("mime_type", ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"])
async def test_an_image_has_a_preview(store: FileAttachmentStore, mime_type: str) -> None:
    record = await store.create_attachment(params("cat", 5, mime_type), None)

    assert isinstance(record, ImageAttachment)
    assert str(record.preview_url).startswith(f"{URL}/attachments/{record.id}?token=")
    store.verify(record.id, token_in(record.preview_url))


@pytest.mark.parametrize("mime_type", ["image/svg+xml", "image/heic", "text/html", "application/octet-stream"])
async def test_what_is_more_than_pixels_or_not_shown_by_browsers_is_a_file(
    store: FileAttachmentStore, mime_type: str
) -> None:
    assert isinstance(await store.create_attachment(params(mime_type=mime_type), None), FileAttachment)


async def test_a_type_that_the_client_cannot_name_is_octets(store: FileAttachmentStore) -> None:
    record = await store.create_attachment(params("data.xyz", 5, ""), None)

    assert record.mime_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("Größe 测试 👩‍🚀.txt", "Größe 测试 👩‍🚀.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ('a";filename="b.txt', 'a";filename="b.txt'),
    ],
)
async def test_a_name_loses_its_folders(store: FileAttachmentStore, sent: str, kept: str) -> None:
    assert (await store.create_attachment(params(sent), None)).name == kept


@pytest.mark.parametrize(
    "name", ["", "  ", "folder/", "..", "a\r\nX-Evil: 1.txt", "a\x00.txt", "\ud800", "x" * 256], ids=ascii
)
async def test_a_bad_name_is_refused(store: FileAttachmentStore, tmp_path: Path, name: str) -> None:
    wanted = params()
    wanted.name = name

    with pytest.raises(InvalidRequestError) as error:
        await store.create_attachment(wanted, None)

    assert error.value.field == "params.name"
    assert files_in(tmp_path) == []


async def test_a_file_that_is_announced_too_large_is_refused(store: FileAttachmentStore) -> None:
    assert await store.create_attachment(params(size=1000), None)
    with pytest.raises(TooLargeError, match="1000 bytes"):
        await store.create_attachment(params(size=1001), None)


async def test_a_negative_size_is_refused(store: FileAttachmentStore) -> None:
    with pytest.raises(InvalidRequestError, match=r"params\.size"):
        await store.create_attachment(params(size=-1), None)


@pytest.mark.parametrize("mime_type", ["image/png", "IMAGE/GIF", "application/pdf", "application/pdf; v=1"])
async def test_listed_types_are_taken(tmp_path: Path, mime_type: str) -> None:
    store = FileAttachmentStore(tmp_path, base_url=URL, mime_types={"image/*", "application/pdf"})

    assert await store.create_attachment(params(mime_type=mime_type), None)


@pytest.mark.parametrize("mime_type", ["text/plain", "application/pdfx", "imagex/png", ""])
async def test_other_types_are_refused(tmp_path: Path, mime_type: str) -> None:
    store = FileAttachmentStore(tmp_path, base_url=URL, mime_types={"image/*", "application/pdf"})

    with pytest.raises(UnsupportedMediaTypeError, match=r"application/pdf, image/\* is taken here"):
        await store.create_attachment(params(mime_type=mime_type), None)
    with pytest.raises(UnsupportedMediaTypeError):
        await store.receive_direct("a", mime_type, body(b"x"), None)


@pytest.mark.parametrize("mime_type", ["png", "image/", "/png", "image/png/x", "image/p ng", "image/*", "a/b\r\nX: 1"])
async def test_a_malformed_type_is_refused(store: FileAttachmentStore, mime_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        await store.create_attachment(params(mime_type=mime_type), None)


def test_a_pattern_that_is_no_type_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'\*\.png' is not a media type"):
        FileAttachmentStore(tmp_path, mime_types={"*.png"})


async def test_urls_are_under_the_endpoint_of_the_request(tmp_path: Path) -> None:
    store = FileAttachmentStore(tmp_path)

    with pytest.raises(RuntimeError, match="pass base_url"):
        await store.create_attachment(params(), None)
    assert files_in(tmp_path) == []

    token = endpoint_url.set("https://other.test/chat")
    record = await store.create_attachment(params(), None)
    endpoint_url.reset(token)
    assert record.upload_descriptor is not None
    assert str(record.upload_descriptor.url).startswith(f"https://other.test/chat/attachments/{record.id}?")


async def test_ids_can_be_the_apps_own(tmp_path: Path) -> None:
    class Numbered(FileAttachmentStore):
        id = "photo-1"

        def generate_attachment_id(self, mime_type: str, context: object) -> str:
            return self.id

    store = Numbered(tmp_path, base_url=URL)
    assert (await upload(store)).id == "photo-1"
    with pytest.raises(ConflictError):
        await store.receive_direct("again.txt", "text/plain", body(b"other"), None)
    assert await store.read("photo-1") == b"hello"

    store.id = "../photo"
    with pytest.raises(ValueError, match=r"generate_attachment_id gave '\.\./photo'"):
        await store.create_attachment(params(), None)


async def test_attaching_needs_the_bytes(store: FileAttachmentStore) -> None:
    record = await store.create_attachment(params(), None)

    with pytest.raises(ConflictError) as error:
        await store.attach(record, "thr_1", None)
    assert error.value.code == "attachment.not_uploaded"

    await store.receive(record.id, upload_token(record), "text/plain", body(b"hello"))
    attached = await store.attach(record, "thr_1", None)
    assert attached == record.model_copy(update={"thread_id": "thr_1", "upload_descriptor": None})
    assert await store.attach(attached, "thr_1", None) == attached

    with pytest.raises(ConflictError) as error:
        await store.attach(attached, "thr_2", None)
    assert error.value.code == "attachment.in_use"


async def test_a_presented_image_has_a_fresh_url_that_stays_the_same_for_a_while(
    store: FileAttachmentStore, clock: Clock
) -> None:
    record = await store.create_attachment(params(mime_type="image/png"), None)
    assert isinstance(record, ImageAttachment)

    clock.now += 48 * 3600
    with pytest.raises(GoneError):
        store.verify(record.id, token_in(record.preview_url))

    presented = store.presented(record)
    assert isinstance(presented, ImageAttachment)
    store.verify(record.id, token_in(presented.preview_url))
    assert presented == record.model_copy(update={"preview_url": presented.preview_url})
    clock.now += 60
    assert store.presented(record) == presented


@pytest.mark.parametrize("lifetime", [1, 90, 7200])
async def test_a_url_works_for_its_lifetime_and_at_most_twice_that(tmp_path: Path, lifetime: float) -> None:
    clock = Clock(NOON + 17)
    store = FileAttachmentStore(tmp_path, base_url=URL, url_lifetime=lifetime, clock=clock)
    record = await store.create_attachment(params(mime_type="image/png"), None)
    assert isinstance(record, ImageAttachment)
    token = token_in(record.preview_url)

    clock.now += lifetime - 0.1
    store.verify(record.id, token)
    clock.now += lifetime + 0.1
    with pytest.raises(GoneError):
        store.verify(record.id, token)


async def test_other_records_are_presented_as_they_are(tmp_path: Path, store: FileAttachmentStore) -> None:
    file = FileAttachment(id="atc_1", name="a.txt", mime_type="text/plain")
    elsewhere = ImageAttachment(id="atc_2", name="a.png", mime_type="image/png", preview_url="https://cdn.test/a.png")
    ours = await store.create_attachment(params(mime_type="image/png"), None)

    assert store.presented(file) is file
    assert store.presented(elsewhere) is elsewhere
    assert FileAttachmentStore(tmp_path).presented(ours) is ours


async def test_deleting_leaves_nothing_and_may_be_repeated(store: FileAttachmentStore, tmp_path: Path) -> None:
    record = await upload(store)

    await store.delete_attachment(record.id, None)
    await store.delete_attachment(record.id, None)

    assert files_in(tmp_path) == []
    with pytest.raises(NotFoundError) as error:
        await store.read(record.id)
    assert error.value.code == "attachment.not_found"


async def test_discarding_deletes_what_is_named_and_the_remains_of_broken_uploads(tmp_path: Path) -> None:
    store = FileAttachmentStore(tmp_path, base_url=URL, upload_lifetime=600)
    kept, dropped = await upload(store, b"kept"), await upload(store, b"dropped")
    old, young = tmp_path / "incoming" / "atc_old.1", tmp_path / "incoming" / "atc_young.1"
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    os.utime(old, (NOON - 10_000_000, NOON - 10_000_000 - 601))

    await store.discard([dropped.id, "atc_never_there"])

    assert files_in(tmp_path) == sorted([kept.id, f"{kept.id}.json", "atc_young.1"])


@pytest.mark.parametrize(
    "id", ["../secret", "..", "", "a/b", "a\\b", "a.json", "a\n", "%2e%2e", "x" * 101, "é", "a\x00"]
)
async def test_an_id_that_is_no_file_name_is_unknown(store: FileAttachmentStore, tmp_path: Path, id: str) -> None:
    for asking in (store.stored_file(id), store.read(id), store.receive(id, "1.x", None, body(b"x"))):
        with pytest.raises(NotFoundError) as error:
            await asking
        assert error.value.code == "attachment.not_found"

    await store.delete_attachment(id, None)
    await store.discard([id])
    assert (tmp_path / "secret").exists()
