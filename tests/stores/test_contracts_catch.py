"""The contracts fail for stores that break them; and they run in a project that has no configuration for them."""

import subprocess
import sys
from pathlib import Path

import pytest

SOMEBODYS_TESTS = """
import pytest
from chatkit_core.errors import NotFoundError
from chatkit_core.testing import FullStoreContract, StoreContract, TurnLogContract
from chatkit_stores.memory import MemoryStore, MemoryTurnLog


class Broken(MemoryStore):
    pass


class ForgetsOwners(Broken):
    def owner_id(self, context):
        return ""


class MovesWhatIsSavedAgain(Broken):
    async def save_item(self, thread_id, item, context):
        await self.delete_thread_item(thread_id, item.id, context)
        await self.add_thread_item(thread_id, item, context)


class RestartsAtAStaleCursor(Broken):
    async def load_thread_items(self, thread_id, after, limit, order, context):
        try:
            return await super().load_thread_items(thread_id, after, limit, order, context)
        except NotFoundError:
            return await super().load_thread_items(thread_id, None, limit, order, context)


class PagesByTime(Broken):
    async def load_thread_items(self, thread_id, after, limit, order, context):
        page = await super().load_thread_items(thread_id, after, limit, order, context)
        page.data.sort(key=lambda item: (item.created_at, item.id))
        return page


class AlwaysHasMore(Broken):
    async def load_threads(self, limit, after, order, context):
        page = await super().load_threads(limit, after, order, context)
        page.has_more = len(page.data) == limit
        page.after = page.data[-1].id if page.has_more else None
        return page


class KeepsItemsOfTheDead(Broken):
    async def delete_thread(self, thread_id, context):
        pass


class ReplacesWhatIsThere(Broken):
    async def update_thread(self, thread_id, changes, context, *, only_missing=False):
        return await super().update_thread(thread_id, changes, context)


class KeepsWhatItIsGiven(Broken):
    async def add_thread_item(self, thread_id, item, context):
        self._thread(thread_id, context).items[item.id] = item


class LetsKeysBeShared(Broken):
    def _check_key(self, thread, owner):
        pass


class KeepsHalfOfTheFeedback(Broken):
    async def save_feedback(self, thread_id, item_ids, kind, context):
        for item_id in item_ids:
            await super().save_feedback(thread_id, [item_id], kind, context)


def made_for(contract, broken):
    class Tests(contract):
        @pytest.fixture
        async def store(self):
            return broken()

    return Tests


for broken in (MemoryStore, *Broken.__subclasses__()):
    globals()[f"Test{broken.__name__}"] = made_for(StoreContract, broken)
    globals()[f"TestFull{broken.__name__}"] = made_for(FullStoreContract, broken)


class TestLog(TurnLogContract):
    @pytest.fixture
    async def turn_log(self):
        return MemoryTurnLog()
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The outcomes of the tests of each store, by its name."""
    folder = tmp_path_factory.mktemp("somebodys_project")
    (folder / "test_stores.py").write_text(SOMEBODYS_TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-W", "error", "-p", "no:cacheprovider"]
    command += ["-k", "not sequence"]  # a state machine that fails takes its time to find the shortest sequence
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    verdicts: dict[str, set[str]] = {}
    for line in run.stdout.splitlines():
        outcome, _, test = line.partition(" ")
        if "::" in test:
            verdicts.setdefault(test.split("::")[1].removeprefix("Test").removeprefix("Full"), set()).add(outcome)
    return verdicts


@pytest.mark.parametrize(
    "broken",
    [
        "ForgetsOwners",
        "MovesWhatIsSavedAgain",
        "RestartsAtAStaleCursor",
        "PagesByTime",
        "AlwaysHasMore",
        "KeepsItemsOfTheDead",
        "ReplacesWhatIsThere",
        "KeepsWhatItIsGiven",
        "LetsKeysBeShared",
        "KeepsHalfOfTheFeedback",
    ],
)
def test_a_store_that_breaks_its_contract_fails(verdicts: dict[str, set[str]], broken: str) -> None:
    assert verdicts[broken] == {"PASSED", "FAILED"}


@pytest.mark.parametrize("kept", ["MemoryStore", "Log"])
def test_a_backend_that_keeps_its_contract_passes(verdicts: dict[str, set[str]], kept: str) -> None:
    assert verdicts[kept] == {"PASSED"}


@pytest.mark.parametrize("missing", ["pytest", "hypothesis"])
def test_without_the_extra_the_contracts_say_what_to_install(tmp_path: Path, missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; import chatkit_core.testing"
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert run.stderr.splitlines()[-1] == (
        "chatkit_core.errors.MissingExtraError: "
        "chatkit_core.testing needs an extra: pip install 'chatkit-core[testing]'"
    )
