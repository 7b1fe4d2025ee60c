"""Backends by URL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatkit_core.backends import open_attachment_store, open_store, open_turn_log
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.memory import MemoryStore, MemoryTurnLog
from chatkit_stores.sqlite import SQLiteStore


def test_the_scheme_names_the_backend(tmp_path: Path) -> None:
    assert type(open_store("memory://")) is MemoryStore
    assert type(open_store(f"sqlite:///{tmp_path}/chat.db")) is SQLiteStore
    assert type(open_turn_log("memory://")) is MemoryTurnLog
    assert type(open_attachment_store(f"file:///{tmp_path}/files")) is FileAttachmentStore


@pytest.mark.parametrize(
    ("url", "folder"), [("file:///my%20files", "my files"), ("file:///deep/files", "deep/files"), ("file:///{}", "abs")]
)
async def test_a_folder_for_attachments_is_relative_or_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, folder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_attachment_store(url.format(tmp_path / folder))
    assert isinstance(store, FileAttachmentStore)

    record = await store.receive_direct("notes.txt", "text/plain", _chunks(b"hello"), {})

    assert await store.read(record.id) == b"hello"
    assert (tmp_path / folder).is_dir()


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


@pytest.mark.parametrize("url", ["nothing://x", "chat.db", ""])
def test_a_scheme_that_no_package_knows_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="No backend for"):
        open_store(url)


@pytest.mark.parametrize("url", ["file://", "file:///", "file://host/files", "file:///files?x=1", "file:///a#b"])
def test_a_url_without_a_folder_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="file:///relative/folder or file:////absolute/folder"):
        open_attachment_store(url)
