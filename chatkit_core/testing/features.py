"""The contracts of what a store may leave to the defaults of `Store`, or not have at all."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from chatkit_core.errors import ConflictError, NotFoundError
from chatkit_core.store import Store
from chatkit_core.testing.base import StoreTests, all_items, all_threads
from chatkit_core.testing.full_machine import FullStoreMachine
from chatkit_core.testing.machine import run_machine
from chatkit_core.testing.samples import a_file, asked, new_id, new_thread, reserved, said
from chatkit_core.types import utc_now


class StoreSearchContract(StoreTests):
    """A store that finds threads by text."""

    @pytest.mark.parametrize("query", ["STRASSE", "straße", "aße n", "100%_"])
    async def test_threads_are_found_by_title_and_messages_whatever_the_case(
        self, store: Store[Any], context: Any, query: str
    ) -> None:
        text = "Große Straße Nr. 100%_"
        by_title, by_question, by_answer, other = (new_thread(title=title) for title in (text, None, "b", "Große 1000"))
        for thread in (by_title, by_question, by_answer, other):
            await store.save_thread(thread, context=context)
        await store.add_thread_item(by_question.id, asked(by_question, text), context=context)
        await store.add_thread_item(by_answer.id, said(by_answer, text), context=context)
        await store.add_thread_item(other.id, said(other, "Gasse"), context=context)
        page = await store.search(query=query, archived=False, limit=9, after=None, order="asc", context=context)
        assert page.data == [by_title, by_question, by_answer]

    async def test_a_search_sees_the_text_as_it_is_now(self, store: Store[Any], context: Any) -> None:
        thread = new_thread(title="apple")
        await store.save_thread(thread, context=context)
        item = said(thread, "cherry")
        await store.add_thread_item(thread.id, item, context=context)
        await store.update_thread(thread.id, {"title": "banana"}, context=context)
        await store.save_item(thread.id, said(thread, "date", item.id), context=context)
        found = {
            query: (
                await store.search(query=query, archived=False, limit=1, after=None, order="asc", context=context)
            ).data
            for query in ("apple", "banana", "cherry", "date")
        }
        renamed = [thread.model_copy(update={"title": "banana"})]
        assert found == {"apple": [], "banana": renamed, "cherry": [], "date": renamed}

    async def test_what_is_found_is_paged_by_itself_and_archived_apart(self, store: Store[Any], context: Any) -> None:
        threads = [new_thread(title=f"{'even' if n % 2 == 0 else 'odd'} {n}") for n in range(8)]
        for thread in threads:
            await store.save_thread(thread, context=context)
        await store.update_thread(threads[4].id, {"metadata": reserved(archived=True)}, context=context)

        async def titles(archived: bool, after: str | None, order: str) -> tuple[list[str | None], str | None]:
            page = await store.search(
                query="even", archived=archived, limit=2, after=after, order=order, context=context
            )
            return [thread.title for thread in page.data], page.after

        assert await titles(False, None, "asc") == (["even 0", "even 2"], threads[2].id)
        assert await titles(False, threads[2].id, "asc") == (["even 6"], None)
        assert await titles(False, threads[5].id, "desc") == (["even 2", "even 0"], None)
        assert await titles(True, None, "asc") == (["even 4"], None)
        assert await titles(True, threads[2].id, "asc") == (["even 4"], None)


class StoreKeyContract(StoreTests):
    """A store that finds a thread by its key."""

    async def test_a_thread_is_found_by_its_key(self, store: Store[Any], context: Any) -> None:
        thread, other = new_thread(metadata=reserved(key="ticket-1")), new_thread()
        for one in (thread, other):
            await store.save_thread(one, context=context)
        assert await store.find_thread("ticket-1", context=context) == thread
        assert await store.find_thread("ticket-2", context=context) is None
        assert await store.find_thread("ticket-1", context=self.make_context(new_id("owner"))) is None

    async def test_two_threads_of_an_owner_never_share_a_key(self, store: Store[Any], context: Any) -> None:
        first, second = new_thread(metadata=reserved(key="one")), new_thread(metadata=reserved(key="two"))
        await store.save_thread(first, context=context)
        await store.save_thread(second, context=context)
        caught = await asyncio.gather(
            store.save_thread(new_thread(metadata=reserved(key="one")), context=context),
            store.save_thread(second.model_copy(update={"metadata": reserved(key="one")}), context=context),
            store.update_thread(second.id, {"title": "x", "metadata": reserved(key="one")}, context=context),
            return_exceptions=True,
        )
        assert [isinstance(error, ConflictError) and error.code for error in caught] == ["thread.key_taken"] * 3
        assert await all_threads(store, context) == [first, second]
        await store.save_thread(first, context=context)
        stranger = self.make_context(new_id("owner"))
        await store.save_thread(new_thread(metadata=reserved(key="one")), context=stranger)

    async def test_of_many_who_save_a_key_at_once_one_gets_it(self, store: Store[Any], context: Any) -> None:
        threads = [new_thread(metadata=reserved(key="one")) for _ in range(8)]
        saving = (store.save_thread(thread, context=context) for thread in threads)
        outcomes = await asyncio.gather(*saving, return_exceptions=True)
        assert sorted(str(type(outcome).__name__) for outcome in outcomes) == ["ConflictError"] * 7 + ["NoneType"]
        assert await all_threads(store, context) == [await store.find_thread("one", context=context)]

    async def test_a_deleted_thread_frees_its_key(self, store: Store[Any], context: Any) -> None:
        first, second = new_thread(metadata=reserved(key="one")), new_thread(metadata=reserved(key="one"))
        await store.save_thread(first, context=context)
        await store.delete_thread(first.id, context=context)
        assert await store.find_thread("one", context=context) is None
        await store.save_thread(second, context=context)
        assert await store.find_thread("one", context=context) == second


class StoreFeedbackContract(StoreTests):
    """A store that keeps feedback."""

    async def test_the_last_feedback_on_an_item_wins(self, store: Store[Any], context: Any) -> None:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        for id in ("a", "b", "c"):
            await store.add_thread_item(thread.id, said(thread, "", id), context=context)
        assert await store.load_feedback(thread.id, context=context) == {}
        await store.save_feedback(thread.id, ["a", "b"], "positive", context=context)
        await store.save_feedback(thread.id, ["b", "c"], "negative", context=context)
        await store.save_item(thread.id, said(thread, "replaced", "a"), context=context)
        feedback = {"a": "positive", "b": "negative", "c": "negative"}
        assert await store.load_feedback(thread.id, context=context) == feedback

    async def test_feedback_on_items_of_which_one_is_missing_is_not_kept(self, store: Store[Any], context: Any) -> None:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        await store.add_thread_item(thread.id, said(thread, "", "a"), context=context)
        for thread_id, ids, one in (
            (thread.id, ["a", "missing"], context),
            (new_id("thr"), ["a"], context),
            (thread.id, ["a"], self.make_context(new_id("owner"))),
        ):
            with pytest.raises(NotFoundError):
                await store.save_feedback(thread_id, ids, "positive", context=one)
        assert await store.load_feedback(thread.id, context=context) == {}
        with pytest.raises(NotFoundError):
            await store.load_feedback(thread.id, context=self.make_context(new_id("owner")))

    async def test_feedback_goes_with_its_item(self, store: Store[Any], context: Any) -> None:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        for id in ("a", "b", "c"):
            await store.add_thread_item(thread.id, said(thread, "", id), context=context)
        await store.save_feedback(thread.id, ["a", "b", "c"], "positive", context=context)
        await store.delete_thread_item(thread.id, "a", context=context)
        await store.add_thread_item(thread.id, said(thread, "", "a"), context=context)
        await store.remove_items_after(thread.id, "b", context=context)
        await store.add_thread_item(thread.id, said(thread, "", "c"), context=context)
        assert await store.load_feedback(thread.id, context=context) == {"b": "positive"}


class StoreCleaningContract(StoreTests):
    """A store that knows which attachments no message names, and how old they are."""

    async def test_old_attachments_that_no_message_has_named_are_dropped(self, store: Store[Any], context: Any) -> None:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        stale, kept, named = a_file(), a_file(thread), a_file()
        for attachment in (stale, kept, named):
            await store.save_attachment(attachment, context=context)
        await store.add_thread_item(thread.id, asked(thread, "Read it.", named), context=context)
        assert stale.id not in await store.drop_stale_attachments(utc_now() - timedelta(hours=1))
        dropped = await store.drop_stale_attachments(utc_now() + timedelta(hours=1))
        assert {stale.id, kept.id, named.id} & set(dropped) == {stale.id}
        with pytest.raises(NotFoundError):
            await store.load_attachment(stale.id, context=context)
        assert await store.load_attachment(kept.id, context=context) == kept
        assert await store.load_attachment(named.id, context=context) == named

    async def test_replacing_an_attachment_does_not_make_it_younger(self, store: Store[Any], context: Any) -> None:
        attachment = a_file()
        await store.save_attachment(attachment, context=context)
        between = utc_now() + timedelta(microseconds=1)
        await store.save_attachment(attachment, context=context)
        assert attachment.id in await store.drop_stale_attachments(between)

    async def test_a_thread_keeps_the_attachments_that_its_messages_name(self, store: Store[Any], context: Any) -> None:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        attachment = a_file()
        await store.save_attachment(attachment, context=context)
        await store.add_thread_item(thread.id, asked(thread, "Read it.", attachment), context=context)
        await store.save_attachment(attachment, context=context)
        assert await store.thread_attachments(thread.id, context=context) == [attachment]
        await store.delete_thread(thread.id, context=context)
        with pytest.raises(NotFoundError):
            await store.load_attachment(attachment.id, context=context)


class StoreOneStepContract(StoreTests):
    """A store that changes a thread, and removes items, in one step: nobody sees or spoils half of it."""

    async def test_updates_of_a_thread_at_the_same_time_all_survive(self, store: Store[Any], context: Any) -> None:
        thread = new_thread(title="old")
        await store.save_thread(thread, context=context)
        await asyncio.gather(
            store.update_thread(thread.id, {"title": "new"}, context=context),
            *(store.update_thread(thread.id, {"metadata": {str(n): n}}, context=context) for n in range(16)),
        )
        updated = thread.model_copy(update={"title": "new", "metadata": {str(n): n for n in range(16)}})
        assert await store.load_thread(thread.id, context=context) == updated

    async def test_a_reader_sees_all_of_the_removed_items_or_none(self, store: Store[Any], context: Any) -> None:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        for n in range(40):
            await store.add_thread_item(thread.id, said(thread, "", str(n)), context=context)

        removing = asyncio.ensure_future(store.remove_items_after(thread.id, "0", context=context))
        counts: set[int] = set()
        while not removing.done():
            page = await store.load_thread_items(thread.id, after=None, limit=100, order="asc", context=context)
            counts.add(len(page.data))
            await asyncio.sleep(0)
        await removing
        assert counts <= {1, 40}

    async def test_an_item_is_either_added_before_its_thread_is_deleted_or_not_at_all(
        self, store: Store[Any], context: Any
    ) -> None:
        thread = new_thread()
        await store.save_thread(thread, context=context)
        adding = [store.add_thread_item(thread.id, said(thread, ""), context=context) for _ in range(8)]
        outcomes = await asyncio.gather(
            *adding[:4], store.delete_thread(thread.id, context=context), *adding[4:], return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} <= {type(None), NotFoundError}
        await store.save_thread(thread, context=context)
        assert await all_items(store, thread.id, context) == []


class FullStoreContract(
    StoreSearchContract, StoreKeyContract, StoreFeedbackContract, StoreCleaningContract, StoreOneStepContract
):
    """All that a store can have besides what `StoreContract` says."""

    async def test_any_sequence_of_calls_of_all_features_agrees_with_the_model(self, store: Store[Any]) -> None:
        await run_machine(FullStoreMachine, store, self.make_context)
