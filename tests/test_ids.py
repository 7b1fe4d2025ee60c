import contextvars
import json
import os
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core import _ids
from chatkit_core._ids import minted_in_turn, new_id, note_minted
from chatkit_core.store import Store, default_generate_id
from chatkit_core.types import ThreadMetadata
from chatkit_stores.memory import MemoryStore


def parsed(id: str) -> uuid.UUID:
    return uuid.UUID(id.partition("_")[2])


def set_clock(patch: pytest.MonkeyPatch, *nanoseconds: int) -> None:
    """The process begins at a clock that shows these times, one after the other."""
    times = iter(nanoseconds)
    patch.setattr(_ids, "_last_tick", 0)
    patch.setattr(time, "time_ns", lambda: next(times))


def test_an_id_is_a_prefix_and_a_uuid_of_version_7(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, 1_700_000_000_123_500_000)

    id = new_id("msg")

    assert id.startswith("msg_")
    assert len(id) == len("msg_") + 32
    assert id == id.lower()
    assert parsed(id).version == 7
    assert parsed(id).variant == uuid.RFC_4122
    assert parsed(id).int >> 80 == 1_700_000_000_123
    assert parsed(id).int >> 64 & 0xFFF == 0x800  # half of the millisecond is over


def test_the_last_62_bits_are_random(monkeypatch: pytest.MonkeyPatch) -> None:
    tails = set()
    for _ in range(100):
        set_clock(monkeypatch, 5)
        tails.add(parsed(new_id("msg")).int & 2**62 - 1)

    assert len(tails) == 100
    assert {tail >> 61 for tail in tails} == {0, 1}
    assert {tail & 1 for tail in tails} == {0, 1}


@given(st.lists(st.sampled_from([0, 0, 1, 250, 1_000_000, -1, -3_000_000, -(10**9), 10**12]), min_size=1, max_size=40))
def test_ids_grow_whatever_the_clock_does(steps: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, *accumulate(steps, initial=1_700_000_000_000_000_000))
        ids = [new_id("msg") for _ in range(len(steps) + 1)]

    assert all(earlier < later for earlier, later in pairwise(ids))
    assert all(parsed(id).version == 7 and parsed(id).variant == uuid.RFC_4122 for id in ids)


def test_ten_thousand_ids_of_one_instant_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, *[1_700_000_000_000_000_000] * 10_000)

    ids = [new_id("msg") for _ in range(10_000)]

    assert all(earlier < later for earlier, later in pairwise(ids))
    assert {parsed(id).version for id in ids} == {7}


def test_ids_of_several_threads_never_repeat() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_id("msg") for _ in range(500)], range(8)))

    assert all(earlier < later for ids in batches for earlier, later in pairwise(ids))
    assert len({id[: -len("0000000000000000")] for ids in batches for id in ids}) == 4_000
    assert len({parsed(id).int & 2**62 - 1 for ids in batches for id in ids}) == 4_000


FORKED = """
import json, os, threading
from chatkit_core import _ids
from chatkit_core._ids import new_id

first = new_id("msg")
_ids._lock.acquire()  # as another thread may at that moment
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.write(writing, json.dumps([new_id("msg") for _ in range(300)]).encode())
    os._exit(0)
_ids._lock.release()
os.close(writing)
with open(reading) as answers:
    print(json.dumps([[first, *(new_id("msg") for _ in range(300))], json.load(answers)]))
os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_has_random_numbers_of_its_own() -> None:
    output = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, check=True, timeout=20).stdout
    parents, childs = ({parsed(id).int & 2**62 - 1 for id in ids} for ids in json.loads(output))
    assert (len(parents), len(childs), parents & childs) == (301, 300, set())


def test_a_turn_knows_the_ids_that_were_minted_in_it() -> None:
    def turn(own_id: str) -> tuple[set[str], set[str]]:
        minted: set[str] = set()
        minted_in_turn.set(minted)
        return minted, {new_id("msg"), default_generate_id("task"), note_minted(own_id)}

    first, second = (contextvars.copy_context().run(turn, own_id) for own_id in ("mine-1", "mine-2"))

    assert first[0] == first[1]
    assert second[0] == second[1]
    assert not first[0] & second[0]
    assert minted_in_turn.get() is None


def test_the_ids_of_a_store_with_a_generator_of_its_own_are_minted_too() -> None:
    class Numbered(MemoryStore[Any]):
        def generate_item_id(self, item_type: Any, thread: ThreadMetadata, context: Any) -> str:
            return f"{item_type}-1"

    def turn(store: Store[Any]) -> set[str]:
        minted: set[str] = set()
        minted_in_turn.set(minted)
        thread = ThreadMetadata.model_validate({"id": "thr_1", "created_at": "2026-01-02T03:04:05Z"})
        assert store.generate_item_id("message", thread, None) == "message-1"
        return minted

    assert contextvars.copy_context().run(turn, Numbered()) == {"message-1"}
