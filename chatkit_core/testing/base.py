"""What the contracts share."""

from collections.abc import Awaitable
from typing import Any

import pytest

from chatkit_core.store import Store
from chatkit_core.testing.samples import new_id
from chatkit_core.types import Page, ThreadItem, ThreadMetadata


@pytest.mark.anyio
class StoreTests:
    """Tests of a store, which comes as the fixture `store`."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    def make_context(self, owner: str) -> Any:
        """Return a request's context that `store.owner_id` takes for this owner."""
        return {"user_id": owner}

    @pytest.fixture
    def context(self) -> Any:
        """The context of an owner who has nothing yet."""
        return self.make_context(new_id("owner"))


async def all_items(
    store: Store[Any], thread_id: str, context: Any, *, limit: int = 100, order: str = "asc"
) -> list[ThreadItem]:
    """Page through the thread's items from the first to the last."""
    items: list[ThreadItem] = []
    page: Page[ThreadItem] = Page(has_more=True)
    while page.has_more:
        page = await store.load_thread_items(thread_id, after=page.after, limit=limit, order=order, context=context)
        assert len(page.data) == limit if page.has_more else len(page.data) <= limit
        assert page.data or not items
        items += page.data
        assert len({item.id for item in items}) == len(items)
    return items


async def all_threads(store: Store[Any], context: Any, *, limit: int = 100, order: str = "asc") -> list[ThreadMetadata]:
    """Page through the owner's threads from the first to the last."""
    threads: list[ThreadMetadata] = []
    page: Page[ThreadMetadata] = Page(has_more=True)
    while page.has_more:
        page = await store.load_threads(limit=limit, after=page.after, order=order, context=context)
        assert len(page.data) == limit if page.has_more else len(page.data) <= limit
        assert page.data or not threads
        threads += page.data
        assert len({thread.id for thread in threads}) == len(threads)
    return threads


async def outcomes(*calls: Awaitable[object]) -> list[object]:
    """Await one call after the other; return for each what it returns, or the type of the error that it raises."""
    found: list[object] = []
    for call in calls:
        try:
            found.append(await call)
        except Exception as error:
            found.append(type(error))
    return found
