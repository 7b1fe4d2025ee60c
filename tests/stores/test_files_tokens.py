"""`FileAttachmentStore`: who may upload and read, and until when."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from file_uploads import URL, Clock, body, params, token_in, upload, upload_token

from chatkit_core.errors import ConflictError, GoneError, NotFoundError
from chatkit_core.types import ImageAttachment
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.files.tokens import load_secret

SECRET = b"sixteen bytes or more"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> FileAttachmentStore:
    return FileAttachmentStore(tmp_path, base_url=URL, secret=SECRET, upload_lifetime=600, clock=clock)


async def test_an_upload_that_comes_too_late_is_refused(store: FileAttachmentStore, clock: Clock) -> None:
    record = await store.create_attachment(params(), None)

    clock.now += 600
    with pytest.raises(GoneError) as error:
        await store.receive(record.id, upload_token(record), "text/plain", body(b"hello"))
    assert error.value.code == "attachment.expired"

    clock.now -= 0.1
    await store.receive(record.id, upload_token(record), "text/plain", body(b"hello"))


async def test_a_token_is_for_one_attachment_one_purpose_and_one_time(store: FileAttachmentStore) -> None:
    record = await store.create_attachment(params(mime_type="image/png"), None)
    other = await store.create_attachment(params(mime_type="image/png"), None)
    assert isinstance(record, ImageAttachment)
    good, read = upload_token(record), token_in(record.preview_url)
    expiry, _, signature = good.partition(".")

    wrong = [
        "", ".", signature, f"{expiry}.", f"{int(expiry) + 1}.{signature}", f"0{expiry}.{signature}",
        good[:-1], good + "0", good.upper(), f"{expiry}.ä", f"never.{signature}", upload_token(other), read,
    ]  # fmt: skip
    for token in wrong:
        with pytest.raises(NotFoundError) as error:
            await store.receive(record.id, token, "image/png", body(b"hello"))
        assert str(error.value) == f"There is no attachment {record.id!r}."
    for token in ["", good, read[:-1]]:
        with pytest.raises(NotFoundError):
            store.verify(record.id, token)
    with pytest.raises(NotFoundError):
        store.verify(other.id, read)

    store.verify(record.id, read)
    await store.receive(record.id, good, "image/png", body(b"hello"))


async def test_a_second_upload_is_a_conflict(store: FileAttachmentStore) -> None:
    record = await upload(store, b"first")

    with pytest.raises(ConflictError) as error:
        await store.receive(record.id, upload_token(record), "text/plain", body(b"other"))

    assert error.value.code == "attachment.already_uploaded"
    assert await store.read(record.id) == b"first"


async def test_a_deleted_upload_cannot_be_begun(store: FileAttachmentStore) -> None:
    record = await store.create_attachment(params(), None)
    await store.delete_attachment(record.id, None)

    with pytest.raises(NotFoundError):
        await store.receive(record.id, upload_token(record), "text/plain", body(b"hello"))


async def test_another_secret_signs_nothing_here(store: FileAttachmentStore, tmp_path: Path, clock: Clock) -> None:
    record = await store.create_attachment(params(), None)
    stranger = FileAttachmentStore(tmp_path, base_url=URL, secret=b"another secret, as long", clock=clock)

    with pytest.raises(NotFoundError):
        await stranger.receive(record.id, upload_token(record), "text/plain", body(b"hello"))


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 16"):
        FileAttachmentStore(tmp_path, secret=b"hunter2")


async def test_a_restarted_server_knows_its_tokens(tmp_path: Path) -> None:
    record = await FileAttachmentStore(tmp_path, base_url=URL).create_attachment(params(), None)

    restarted = FileAttachmentStore(tmp_path, base_url=URL)
    await restarted.receive(record.id, upload_token(record), "text/plain", body(b"hello"))

    assert await restarted.read(record.id) == b"hello"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_servers_that_start_at_once_share_a_secret(tmp_path: Path) -> None:
    together = threading.Barrier(16)

    def start() -> bytes:
        together.wait()
        return load_secret(tmp_path / "secret")

    with ThreadPoolExecutor(16) as pool:
        secrets = {future.result() for future in [pool.submit(start) for _ in range(16)]}

    assert secrets == {(tmp_path / "secret").read_bytes()}
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
