from pathlib import Path
from typing import Any

import pytest

from chatkit_core.backends import open_attachment_store, open_store, open_turn_log
from chatkit_core.store import Store
from chatkit_core.types import ThreadMetadata, utc_now
from chatkit_stores.files import FileAttachmentStore
from chatkit_stores.memory import MemoryStore, MemoryTurnLog
from chatkit_stores.sqlite import SQLiteStore

CONTEXT = {"user_id": "ada"}


async def keep_a_thread(store: Store[Any]) -> None:
    await store.open()
    await store.save_thread(ThreadMetadata(id="thr_1", created_at=utc_now()), context=CONTEXT)
    assert (await store.load_thread("thr_1", context=CONTEXT)).id == "thr_1"
    await store.close()


async def test_memory() -> None:
    store, log = open_store("memory://"), open_turn_log("memory://")

    assert isinstance(store, MemoryStore)
    assert isinstance(log, MemoryTurnLog)
    await keep_a_thread(store)
    assert open_store("memory://") is not store


async def test_sqlite_beside_the_program_or_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep er").mkdir()
    for url, file in (
        ("sqlite:///chat.db", "chat.db"),
        ("sqlite:///deep%20er/chat.db", "deep er/chat.db"),
        (f"sqlite:///{tmp_path}/absolute.db", "absolute.db"),
    ):
        store = open_store(url)
        assert isinstance(store, SQLiteStore)
        assert not (tmp_path / file).exists(), "opened before it was asked to"
        await keep_a_thread(store)
        assert (tmp_path / file).is_file()


async def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert isinstance(open_attachment_store("file:///uploads"), FileAttachmentStore)
    assert isinstance(open_attachment_store(f"file:///{tmp_path}/uploads"), FileAttachmentStore)


@pytest.mark.parametrize("url", ["carrier-pigeon://loft", "chat.db", "", "://", "memory", "/tmp/chat.db"])
def test_what_no_backend_knows_is_an_error_that_says_what_is_installed(url: str) -> None:
    with pytest.raises(ValueError, match="memory://, sqlite://"):
        open_store(url)


def test_a_backend_of_one_kind_is_none_of_another() -> None:
    with pytest.raises(ValueError, match="file://"):
        open_attachment_store("memory://")
    with pytest.raises(ValueError, match="memory://"):
        open_turn_log("file:///logs")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite://host/chat.db",
        "sqlite:///chat.db?mode=ro",
        "sqlite:///chat.db#x",
        "memory://x",
        "memory:///",
        "memory:",
        "http://[chat",
    ],
)
def test_a_url_that_its_backend_does_not_understand_is_an_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        open_store(url)


def test_the_error_does_not_repeat_a_password() -> None:
    with pytest.raises(ValueError, match="No backend") as caught:
        open_store("unheard://ada:secret@db.example/chat")

    assert "secret" not in str(caught.value)
    assert "unheard" in str(caught.value)
