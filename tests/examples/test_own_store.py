from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from visiting import load, message, renamed, said, titled, visiting

from chatkit_core.testing import StoreContract


class TestJSONFileStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Any]:
        store = load("own_store").JSONFileStore(tmp_path / "chat.json")
        await store.open()
        yield store
        await store.close()


async def test_conversations_in_the_json_file_are_there_after_a_restart() -> None:
    answer = message("<msg 2>", "You said: Hi")
    async with visiting("own_store") as visitor:
        assert await visitor.say("Hi") == [*answer, renamed("Hi")]
    async with visiting("own_store", same=visitor) as visitor:
        thread = await visitor.ask("threads.get_by_id", thread_id="<thr 1>")
    assert thread == titled("Hi", [said("<msg 1>", "Hi"), answer[-1]["item"]])
