"""The contract of a store: items."""

import asyncio
from typing import Any

import pytest

from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store
from chatkit_core.testing.base import StoreTests, all_items, outcomes
from chatkit_core.testing.samples import new_id, new_thread, one_of_each, said
from chatkit_core.types import AssistantMessageItem, Page, ThreadItem, ThreadMetadata


class ItemTests(StoreTests):
    @pytest.fixture
    async def thread(self, store: Store[Any], context: Any) -> ThreadMetadata:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        return thread

    async def test_every_kind_of_item_comes_back_as_it_was_added(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        items = one_of_each(thread)
        for item in items:
            await store.add_thread_item(thread.id, item, context=context)
        assert await all_items(store, thread.id, context) == items
        for item in items:
            loaded = await store.load_item(thread.id, item.id, context=context)
            assert (type(loaded), loaded) == (type(item), item)

    async def test_what_is_done_to_an_item_afterwards_does_not_reach_the_store(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        item = said(thread, "as said")
        await store.add_thread_item(thread.id, item, context=context)
        item.content[0].text = "changed by the one who saved it"
        loaded = await store.load_item(thread.id, item.id, context=context)
        assert isinstance(loaded, AssistantMessageItem)
        loaded.content[0].text = "changed by one who loaded it"
        listed = (await all_items(store, thread.id, context))[0]
        assert isinstance(listed, AssistantMessageItem)
        listed.content[0].text = "changed by one who listed it"
        assert await store.load_item(thread.id, item.id, context=context) == said(thread, "as said", item.id)

    @pytest.mark.parametrize("limit", [1, 3, 4, 100])
    async def test_items_are_paged_in_the_order_of_their_insertion(
        self, store: Store[Any], context: Any, thread: ThreadMetadata, limit: int
    ) -> None:
        items: list[ThreadItem] = [said(thread, str(n), f"item_{9 - n}") for n in range(7)]
        for item in items:
            await store.add_thread_item(thread.id, item, context=context)
        assert await all_items(store, thread.id, context, limit=limit) == items
        assert await all_items(store, thread.id, context, limit=limit, order="desc") == items[::-1]

    async def test_a_thread_without_items_gives_an_empty_page(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        page = await store.load_thread_items(thread.id, after=None, limit=20, order="desc", context=context)
        assert page == Page(data=[])

    async def test_an_item_that_is_added_or_saved_again_keeps_its_place(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        for id in ("a", "b", "c"):
            await store.add_thread_item(thread.id, said(thread, "first", id), context=context)
        await store.add_thread_item(thread.id, said(thread, "again", "b"), context=context)
        await store.save_item(thread.id, said(thread, "again", "a"), context=context)
        await store.save_item(thread.id, said(thread, "first", "d"), context=context)
        expected = [("a", "again"), ("b", "again"), ("c", "first"), ("d", "first")]
        assert await all_items(store, thread.id, context) == [said(thread, text, id) for id, text in expected]

    async def test_threads_may_have_items_of_the_same_id(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        other = new_thread()
        await store.save_thread(other, context=context)
        mine, theirs = said(thread, "mine", "same"), said(other, "theirs", "same")
        await store.add_thread_item(thread.id, mine, context=context)
        await store.add_thread_item(other.id, theirs, context=context)
        assert await store.load_item(thread.id, "same", context=context) == mine
        await store.delete_thread_item(thread.id, "same", context=context)
        assert await all_items(store, other.id, context) == [theirs]

    async def test_an_item_that_was_deleted_and_added_again_comes_last(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        for id in ("a", "b", "c"):
            await store.add_thread_item(thread.id, said(thread, "", id), context=context)
        await store.delete_thread_item(thread.id, "a", context=context)
        await store.delete_thread_item(thread.id, "a", context=context)
        await store.add_thread_item(thread.id, said(thread, "", "a"), context=context)
        assert [item.id for item in await all_items(store, thread.id, context)] == ["b", "c", "a"]

    async def test_an_item_that_is_not_in_the_thread_is_not_found(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        other = new_thread()
        await store.save_thread(other, context=context)
        await store.add_thread_item(other.id, said(other, "elsewhere", "a"), context=context)
        assert (
            await outcomes(
                store.load_item(thread.id, "a", context=context),
                store.load_item(new_id("thr"), "a", context=context),
                store.load_thread_items(thread.id, after="a", limit=1, order="asc", context=context),
                store.remove_items_after(thread.id, "a", context=context),
            )
            == [NotFoundError] * 4
        )

    async def test_nothing_is_added_to_a_thread_that_is_missing(self, store: Store[Any], context: Any) -> None:
        missing = new_thread()
        assert (
            await outcomes(
                store.add_thread_item(missing.id, said(missing, ""), context=context),
                store.save_item(missing.id, said(missing, ""), context=context),
                store.load_thread_items(missing.id, after=None, limit=1, order="asc", context=context),
            )
            == [NotFoundError] * 3
        )
        await store.delete_thread_item(missing.id, "a", context=context)

    @pytest.mark.parametrize("order", ["asc", "desc"])
    async def test_a_page_after_an_item_that_is_gone_is_not_found(
        self, store: Store[Any], context: Any, thread: ThreadMetadata, order: str
    ) -> None:
        for id in ("a", "b", "c"):
            await store.add_thread_item(thread.id, said(thread, "", id), context=context)
        await store.delete_thread_item(thread.id, "b", context=context)
        with pytest.raises(NotFoundError):
            await store.load_thread_items(thread.id, after="b", limit=1, order=order, context=context)

    async def test_items_after_one_are_removed_and_returned_in_their_order(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        items: list[ThreadItem] = [said(thread, str(n), f"item_{n}") for n in range(250)]
        for item in items:
            await store.add_thread_item(thread.id, item, context=context)
        assert await store.remove_items_after(thread.id, "item_9", context=context) == items[10:]
        assert await store.remove_items_after(thread.id, "item_9", context=context) == []
        with pytest.raises(NotFoundError):
            await store.remove_items_after(thread.id, "item_10", context=context)
        assert await all_items(store, thread.id, context) == items[:10]

    async def test_pages_neither_repeat_nor_skip_while_items_are_added(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        async def write(writer: int) -> None:
            for n in range(10):
                await store.add_thread_item(thread.id, said(thread, "", f"item_{writer}_{n}"), context=context)

        async def read() -> list[str]:
            seen: list[str] = []
            more = True
            while more or not writing.done():
                after = seen[-1] if seen else None
                page = await store.load_thread_items(thread.id, after=after, limit=7, order="asc", context=context)
                seen += [item.id for item in page.data]
                assert len(set(seen)) == len(seen)
                more = bool(page.data)
                await asyncio.sleep(0)
            return seen

        writing = asyncio.gather(*(write(n) for n in range(16)))
        seen = await read()
        await writing
        assert len(seen) == 160
        assert [item.id for item in await all_items(store, thread.id, context)] == seen
        for n in range(16):
            assert [id for id in seen if id.startswith(f"item_{n}_")] == [f"item_{n}_{i}" for i in range(10)]

    async def test_pages_of_the_newest_first_are_not_moved_by_what_is_added(
        self, store: Store[Any], context: Any, thread: ThreadMetadata
    ) -> None:
        for n in range(6):
            await store.add_thread_item(thread.id, said(thread, "", f"old_{n}"), context=context)
        first = await store.load_thread_items(thread.id, after=None, limit=3, order="desc", context=context)
        await store.add_thread_item(thread.id, said(thread, "", "new"), context=context)
        rest = await store.load_thread_items(thread.id, after=first.after, limit=9, order="desc", context=context)
        assert [item.id for item in first.data + rest.data] == [f"old_{n}" for n in (5, 4, 3, 2, 1, 0)]
