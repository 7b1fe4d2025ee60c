"""`FileAttachmentStore`: an upload leaves all of its bytes or none, whatever happens on the way."""

import asyncio
import errno
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from file_uploads import URL, body, files_in, params, stalled_body, upload_token

from chatkit_core.errors import ConflictError, InvalidRequestError, NotFoundError, TooLargeError
from chatkit_core.types import Attachment
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.files.folder import FileNote, Folder

BATCH = b"x" * 70_000


@pytest.fixture
def store(tmp_path: Path) -> FileAttachmentStore:
    return FileAttachmentStore(tmp_path, base_url=URL, max_bytes=10_000_000)


async def announce(store: FileAttachmentStore, size: int) -> Attachment:
    return await store.create_attachment(params(size=size), None)


async def finish(store: FileAttachmentStore, record: Attachment, data: bytes) -> None:
    await store.receive(record.id, upload_token(record), "text/plain", body(data))


async def test_more_bytes_than_announced_are_refused_before_all_are_read(
    store: FileAttachmentStore, tmp_path: Path
) -> None:
    record = await announce(store, size=100_000)
    taken = 0

    async def far_too_much() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(10):
            taken += 1
            yield BATCH

    with pytest.raises(TooLargeError, match="100000 bytes"):
        await store.receive(record.id, upload_token(record), "text/plain", far_too_much())

    assert taken == 2
    assert files_in(tmp_path) == [f"{record.id}.json"]


async def test_fewer_bytes_than_announced_are_refused_and_the_upload_can_be_tried_again(
    store: FileAttachmentStore, tmp_path: Path
) -> None:
    record = await announce(store, size=5)

    with pytest.raises(InvalidRequestError, match="4 bytes; 5 were announced"):
        await finish(store, record, b"hell")
    assert files_in(tmp_path) == [f"{record.id}.json"]

    await finish(store, record, b"hello")
    assert await store.read(record.id) == b"hello"


async def test_a_direct_upload_over_the_limit_leaves_nothing(tmp_path: Path) -> None:
    store = FileAttachmentStore(tmp_path, base_url=URL, max_bytes=100_000)

    with pytest.raises(TooLargeError, match="100000 bytes"):
        await store.receive_direct("big.bin", "", body(BATCH, BATCH), None)

    assert files_in(tmp_path) == []


@pytest.mark.parametrize("direct", [False, True])
async def test_an_upload_that_is_cancelled_leaves_nothing(
    store: FileAttachmentStore, tmp_path: Path, direct: bool
) -> None:
    record = await announce(store, size=200_000)
    stalled = asyncio.Event()
    chunks = stalled_body(BATCH, stalled)
    uploading = asyncio.create_task(
        store.receive_direct("a.bin", "", chunks, None)
        if direct
        else store.receive(record.id, upload_token(record), None, chunks)
    )
    await stalled.wait()
    [incoming] = (tmp_path / "incoming").iterdir()
    assert incoming.stat().st_size == len(BATCH)

    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading

    assert files_in(tmp_path) == [f"{record.id}.json"]


async def test_an_upload_whose_connection_breaks_leaves_nothing(store: FileAttachmentStore, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield BATCH
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.receive_direct("a.bin", "", broken(), None)

    assert files_in(tmp_path) == []


async def test_of_two_uploads_at_once_one_wins_and_their_bytes_are_never_mixed(store: FileAttachmentStore) -> None:
    record = await announce(store, size=200_000)
    go_on = asyncio.Event()

    async def in_step(letter: bytes, begun: asyncio.Event) -> AsyncIterator[bytes]:
        yield letter * 100_000
        begun.set()
        await go_on.wait()
        yield letter * 100_000

    begun = [asyncio.Event(), asyncio.Event()]
    uploads = [
        asyncio.create_task(store.receive(record.id, upload_token(record), None, in_step(letter, event)))
        for letter, event in zip((b"a", b"b"), begun, strict=True)
    ]
    for event in begun:
        await event.wait()
    go_on.set()
    outcomes = await asyncio.gather(*uploads, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes if outcome is not None] == [ConflictError]
    winner = (b"a", b"b")[outcomes.index(None)]
    assert await store.read(record.id) == winner * 200_000


async def test_many_uploads_at_once_each_keep_their_own_bytes(store: FileAttachmentStore, tmp_path: Path) -> None:
    contents = [bytes([number]) * 150_000 for number in range(40)]

    records = await asyncio.gather(
        *(store.receive_direct(f"{data[0]}", "", body(data[:80_000], data[80_000:]), None) for data in contents)
    )

    assert await asyncio.gather(*(store.read(record.id) for record in records)) == contents
    assert len(files_in(tmp_path)) == 80


async def test_an_upload_of_what_is_deleted_meanwhile_fails_and_leaves_nothing(
    store: FileAttachmentStore, tmp_path: Path
) -> None:
    record = await announce(store, size=2 * len(BATCH))
    stalled, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield BATCH
        stalled.set()
        await go_on.wait()
        yield b""

    late = await announce(store, size=0)
    begun, finished = asyncio.Event(), asyncio.Event()

    async def nothing() -> AsyncIterator[bytes]:
        begun.set()
        await finished.wait()
        yield b""

    uploads = [
        asyncio.create_task(store.receive(record.id, upload_token(record), None, slow())),
        asyncio.create_task(store.receive(late.id, upload_token(late), None, nothing())),
    ]
    await stalled.wait()
    await begun.wait()
    await store.discard([record.id, late.id])
    go_on.set()
    finished.set()
    outcomes = await asyncio.gather(*uploads, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [NotFoundError, NotFoundError]
    assert files_in(tmp_path) == []


async def test_bytes_that_arrive_at_the_moment_of_a_deletion_do_not_stay(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write_note("atc_1", FileNote("a.txt", "text/plain", 5))
    folder.remove("atc_1")
    incoming = folder.incoming_path("atc_1")
    incoming.write_bytes(b"hello")

    with pytest.raises(NotFoundError):
        folder.keep("atc_1", incoming)

    assert files_in(tmp_path) == [incoming.name]


async def test_a_direct_upload_whose_place_is_taken_leaves_no_note(tmp_path: Path) -> None:
    class Numbered(FileAttachmentStore):
        def generate_attachment_id(self, mime_type: str, context: object) -> str:
            return "photo-1"

    left_by_a_crash = Folder(tmp_path).path("photo-1")
    left_by_a_crash.parent.mkdir()
    left_by_a_crash.write_bytes(b"old")

    with pytest.raises(ConflictError):
        await Numbered(tmp_path, base_url=URL).receive_direct("a.txt", "", body(b"new"), None)

    assert files_in(tmp_path) == []


@contextmanager
def disk_with_room_for(size: int) -> Iterator[None]:
    """Let the system refuse to make any file larger than `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("direct", [False, True])
async def test_a_disk_without_room_fails_the_upload_and_leaves_nothing(
    store: FileAttachmentStore, tmp_path: Path, direct: bool
) -> None:
    record = await announce(store, size=len(BATCH) * 3)

    chunks = body(BATCH, BATCH, BATCH)
    uploading = (
        store.receive_direct("a.bin", "", chunks, None)
        if direct
        else store.receive(record.id, upload_token(record), None, chunks)
    )

    with disk_with_room_for(100_000), pytest.raises(OSError, match="File too large") as error:
        await uploading

    assert error.value.errno == errno.EFBIG
    assert files_in(tmp_path) == [f"{record.id}.json"]
