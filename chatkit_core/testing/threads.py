"""The contract of a store: threads."""

from typing import Any

import pytest

from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store
from chatkit_core.testing.base import StoreTests, all_items, all_threads, outcomes
from chatkit_core.testing.samples import new_id, new_thread, reserved, said
from chatkit_core.types import LockedStatus, Page, Thread, ThreadItem, ThreadMetadata


class ThreadTests(StoreTests):
    async def test_a_thread_comes_back_as_it_was_saved(self, store: Store[Any], context: Any) -> None:
        thread = new_thread(
            title="“Grüße” \U0001f44b",
            status=LockedStatus(reason="Paid only."),
            allowed_image_domains=["a.example"],
            metadata={"n": 1, "deep": {"list": [1.5, None, {"x": True}]}},
        )
        await store.save_thread(thread, context=context)
        assert await store.load_thread(thread.id, context=context) == thread

    async def test_of_a_thread_with_items_the_metadata_is_kept(self, store: Store[Any], context: Any) -> None:
        metadata = new_thread(title="Whole")
        item: ThreadItem = said(metadata, "unsaved")
        thread = Thread(**metadata.model_dump(), items=Page(data=[item]))
        await store.save_thread(thread, context=context)
        loaded = await store.load_thread(thread.id, context=context)
        assert (type(loaded), loaded) == (ThreadMetadata, metadata)
        assert await all_items(store, thread.id, context) == []

    async def test_what_is_done_to_a_thread_afterwards_does_not_reach_the_store(
        self, store: Store[Any], context: Any
    ) -> None:
        thread = new_thread(metadata={"deep": {"list": [1]}})
        kept = thread.model_copy(deep=True)
        await store.save_thread(thread, context=context)
        thread.metadata["deep"]["list"].append(2)
        loaded = await store.load_thread(thread.id, context=context)
        loaded.metadata["deep"]["list"].append(3)
        listed = await store.load_threads(limit=1, after=None, order="asc", context=context)
        listed.data[0].metadata["deep"]["list"].append(4)
        assert await store.load_thread(thread.id, context=context) == kept

    async def test_a_thread_that_is_saved_again_is_replaced_in_its_place(self, store: Store[Any], context: Any) -> None:
        first, second = new_thread(title="first", metadata={"a": 1}), new_thread()
        await store.save_thread(first, context=context)
        await store.add_thread_item(first.id, said(first, "kept"), context=context)
        await store.save_thread(second, context=context)
        changed = first.model_copy(update={"title": "renamed", "metadata": {"b": 2}})
        await store.save_thread(changed, context=context)
        assert await all_threads(store, context) == [changed, second]
        assert len(await all_items(store, first.id, context)) == 1

    async def test_a_thread_that_nobody_saved_is_not_found(self, store: Store[Any], context: Any) -> None:
        with pytest.raises(NotFoundError):
            await store.load_thread(new_id("thr"), context=context)

    @pytest.mark.parametrize("limit", [1, 3, 4, 100])
    async def test_threads_are_paged_in_the_order_of_their_creation(
        self, store: Store[Any], context: Any, limit: int
    ) -> None:
        threads = [new_thread(title=str(n)) for n in range(7)]
        for thread in threads:
            await store.save_thread(thread, context=context)
        assert await all_threads(store, context, limit=limit) == threads
        assert await all_threads(store, context, limit=limit, order="desc") == threads[::-1]

    async def test_an_owner_without_threads_gets_an_empty_page(self, store: Store[Any], context: Any) -> None:
        assert await store.load_threads(limit=20, after=None, order="desc", context=context) == Page(data=[])

    async def test_a_page_after_a_thread_that_is_gone_is_not_found(self, store: Store[Any], context: Any) -> None:
        threads = [new_thread() for _ in range(3)]
        for thread in threads:
            await store.save_thread(thread, context=context)
        await store.delete_thread(threads[1].id, context=context)
        with pytest.raises(NotFoundError):
            await store.load_threads(limit=1, after=threads[1].id, order="asc", context=context)

    async def test_a_deleted_thread_is_gone_with_its_items(self, store: Store[Any], context: Any) -> None:
        thread, other = new_thread(), new_thread()
        for one in (thread, other):
            await store.save_thread(one, context=context)
        item, kept = said(thread, "gone"), said(other, "kept")
        await store.add_thread_item(thread.id, item, context=context)
        await store.add_thread_item(other.id, kept, context=context)
        await store.delete_thread(thread.id, context=context)
        await store.delete_thread(thread.id, context=context)
        assert (
            await outcomes(
                store.load_thread(thread.id, context=context),
                store.load_item(thread.id, item.id, context=context),
                store.load_thread_items(thread.id, after=None, limit=1, order="asc", context=context),
            )
            == [NotFoundError] * 3
        )
        assert await all_threads(store, context) == [other]
        assert await all_items(store, other.id, context) == [kept]

    async def test_nothing_but_saving_it_brings_a_deleted_thread_back(self, store: Store[Any], context: Any) -> None:
        thread = new_thread()
        item = said(thread, "late")
        await store.save_thread(thread, context=context)
        await store.add_thread_item(thread.id, item, context=context)
        await store.delete_thread(thread.id, context=context)
        assert (
            await outcomes(
                store.update_thread(thread.id, {"title": "late"}, context=context),
                store.add_thread_item(thread.id, item, context=context),
                store.save_item(thread.id, item, context=context),
                store.remove_items_after(thread.id, item.id, context=context),
            )
            == [NotFoundError] * 4
        )
        await store.delete_thread_item(thread.id, item.id, context=context)
        assert await all_threads(store, context) == []
        await store.save_thread(thread, context=context)
        assert await all_items(store, thread.id, context) == []

    async def test_an_update_changes_what_it_names_and_merges_metadata_by_key(
        self, store: Store[Any], context: Any
    ) -> None:
        thread = new_thread(title="old", metadata={"a": 1, "b": 2, "c": 3})
        await store.save_thread(thread, context=context)
        changes = {"status": LockedStatus(), "metadata": {"b": {"x": 1}, "c": None, "d": 4}}
        updated = await store.update_thread(thread.id, changes, context=context)
        merged = {"status": LockedStatus(), "metadata": {"a": 1, "b": {"x": 1}, "d": 4}}
        assert updated == thread.model_copy(update=merged)
        assert await store.load_thread(thread.id, context=context) == updated
        assert await store.update_thread(thread.id, {"title": None}, context=context) == updated.model_copy(
            update={"title": None}
        )

    async def test_an_update_of_what_is_missing_leaves_the_rest_alone(self, store: Store[Any], context: Any) -> None:
        thread = new_thread(title="by hand", metadata={"a": 1})
        await store.save_thread(thread, context=context)
        changes = {"title": "automatic", "allowed_image_domains": ["a.example"], "metadata": {"a": 2, "b": 2}}
        updated = await store.update_thread(thread.id, changes, context=context, only_missing=True)
        merged = {"allowed_image_domains": ["a.example"], "metadata": {"a": 1, "b": 2}}
        assert updated == thread.model_copy(update=merged)
        assert await store.load_thread(thread.id, context=context) == updated

    @pytest.mark.parametrize("order", ["asc", "desc"])
    async def test_archived_threads_are_listed_by_themselves(self, store: Store[Any], context: Any, order: str) -> None:
        threads = [new_thread(metadata=reserved(archived=n % 3 == 0)) for n in range(7)]
        for thread in threads:
            await store.save_thread(thread, context=context)
        await store.update_thread(threads[1].id, {"metadata": reserved(archived=True)}, context=context)
        for archived, numbers in ((True, [0, 1, 3, 6]), (False, [2, 4, 5])):
            expected = [threads[n].id for n in (numbers if order == "asc" else numbers[::-1])]
            page = await store.search(query=None, archived=archived, limit=2, after=None, order=order, context=context)
            rest = await store.search(
                query=None, archived=archived, limit=9, after=page.after, order=order, context=context
            )
            assert [thread.id for thread in page.data + rest.data] == expected
            assert (page.has_more, rest.has_more) == (True, False)
