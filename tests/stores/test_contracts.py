from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from backends import FULL_STORES, STORES, TURN_LOGS

from chatkit_core.store import Store
from chatkit_core.testing import FullStoreContract, StoreContract, TurnLogContract
from chatkit_core.turn_log import TurnLog


class TestEveryStore(StoreContract):
    @pytest.fixture(params=STORES)
    async def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store[Any]]:
        store = STORES[request.param](tmp_path)
        await store.open()
        yield store
        await store.close()


class TestFullStores(FullStoreContract):
    @pytest.fixture(params=FULL_STORES)
    async def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store[Any]]:
        store = FULL_STORES[request.param](tmp_path)
        await store.open()
        yield store
        await store.close()


class TestEveryTurnLog(TurnLogContract):
    @pytest.fixture(params=TURN_LOGS)
    def new_log(self, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], TurnLog]:
        return partial(TURN_LOGS[request.param], tmp_path)

    @pytest.fixture
    async def turn_log(self, new_log: Callable[[], TurnLog]) -> AsyncIterator[TurnLog]:
        turn_log = new_log()
        await turn_log.open()
        yield turn_log
        await turn_log.close()

    @pytest.fixture
    async def other_log(self, new_log: Callable[[], TurnLog], turn_log: TurnLog) -> AsyncIterator[TurnLog]:
        other_log = new_log()
        await other_log.open()
        yield other_log
        await other_log.close()
