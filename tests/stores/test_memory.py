"""What is in memory: its URL, and what it makes of being asked for a lot."""

import pytest

from chatkit_core.backends import open_store, open_turn_log
from chatkit_stores.memory import MemoryStore, MemoryTurnLog


def test_a_url_names_what_is_in_memory() -> None:
    assert type(open_store("memory://")) is MemoryStore
    assert type(open_turn_log("memory://")) is MemoryTurnLog


@pytest.mark.parametrize("url", ["memory:", "memory:///x", "memory://x", "sqlite:///chat.db"])
def test_a_url_that_says_more_is_refused(url: str) -> None:
    for backend in (MemoryStore, MemoryTurnLog):
        with pytest.raises(ValueError, match="is not a URL of a backend in memory; memory:// is"):
            backend.from_url(url)
