"""`StoreContract`: what every store promises."""

from typing import Any

from chatkit_core.store import Store
from chatkit_core.testing.attachments import AttachmentTests
from chatkit_core.testing.items import ItemTests
from chatkit_core.testing.machine import StoreMachine, run_machine
from chatkit_core.testing.owners import OwnerTests
from chatkit_core.testing.threads import ThreadTests


class StoreContract(ThreadTests, ItemTests, AttachmentTests, OwnerTests):
    """What every store promises, in tests.

    A subclass has an async fixture `store` that yields an open store, and overrides `make_context` if the store's
    `owner_id` takes something else than a dict with a `user_id`.
    """

    async def test_any_sequence_of_calls_agrees_with_the_model(self, store: Store[Any]) -> None:
        await run_machine(StoreMachine, store, self.make_context)

    async def test_opening_what_is_open_does_nothing(self, store: Store[Any]) -> None:
        await store.open()
        await store.open()
