"""The contract of a store: owners are strangers."""

from collections.abc import Awaitable
from typing import Any

import pytest

from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store
from chatkit_core.testing.base import StoreTests, all_items, all_threads, outcomes
from chatkit_core.testing.samples import a_file, new_id, new_thread, said
from chatkit_core.types import Page


class OwnerTests(StoreTests):
    @pytest.fixture
    def stranger(self) -> Any:
        return self.make_context(new_id("owner"))

    async def test_a_stranger_can_neither_read_nor_write_a_thread(
        self, store: Store[Any], context: Any, stranger: Any
    ) -> None:
        thread = new_thread(title="mine")
        item = said(thread, "mine")
        await store.save_thread(thread, context=context)
        await store.add_thread_item(thread.id, item, context=context)
        changed = thread.model_copy(update={"title": "stolen"})
        calls: list[Awaitable[object]] = [
            store.load_thread(thread.id, context=stranger),
            store.save_thread(changed, context=stranger),
            store.update_thread(thread.id, {"title": "stolen"}, context=stranger),
            store.load_threads(limit=1, after=thread.id, order="asc", context=stranger),
            store.search(query=None, archived=False, limit=1, after=thread.id, order="asc", context=stranger),
            store.load_thread_items(thread.id, after=None, limit=1, order="asc", context=stranger),
            store.load_item(thread.id, item.id, context=stranger),
            store.add_thread_item(thread.id, said(thread, "stolen"), context=stranger),
            store.save_item(thread.id, said(thread, "stolen", item.id), context=stranger),
            store.remove_items_after(thread.id, item.id, context=stranger),
            store.thread_attachments(thread.id, context=stranger),
        ]
        assert await outcomes(*calls) == [NotFoundError] * len(calls)
        await store.delete_thread_item(thread.id, item.id, context=stranger)
        await store.delete_thread(thread.id, context=stranger)
        assert await all_threads(store, context) == [thread]
        assert await all_items(store, thread.id, context) == [item]

    async def test_a_stranger_does_not_see_a_thread_in_a_list(
        self, store: Store[Any], context: Any, stranger: Any
    ) -> None:
        for n in range(6):
            await store.save_thread(new_thread(title=str(n)), context=(context, stranger)[n % 2])
        assert [thread.title for thread in await all_threads(store, context, limit=2)] == ["0", "2", "4"]
        page = await store.search(query=None, archived=False, limit=9, after=None, order="desc", context=stranger)
        assert [thread.title for thread in page.data] == ["5", "3", "1"]
        nobody = self.make_context(new_id("owner"))
        assert await store.load_threads(limit=9, after=None, order="asc", context=nobody) == Page(data=[])

    async def test_a_stranger_can_neither_read_nor_write_an_attachment(
        self, store: Store[Any], context: Any, stranger: Any
    ) -> None:
        attachment = a_file()
        await store.save_attachment(attachment, context=context)
        with pytest.raises(NotFoundError):
            await store.load_attachment(attachment.id, context=stranger)
        with pytest.raises(NotFoundError):
            await store.save_attachment(attachment.model_copy(update={"name": "stolen"}), context=stranger)
        await store.delete_attachment(attachment.id, context=stranger)
        assert await store.load_attachment(attachment.id, context=context) == attachment
