from collections.abc import AsyncIterator
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
    async def turn_log(self, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TurnLog]:
        turn_log = TURN_LOGS[request.param](tmp_path)
        await turn_log.open()
        yield turn_log
        await turn_log.close()
