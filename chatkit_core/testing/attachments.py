"""The contract of a store: the records of attachments."""

from typing import Any

import pytest

from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store
from chatkit_core.testing.base import StoreTests
from chatkit_core.testing.samples import a_file, an_image, asked, new_id, new_thread


class AttachmentTests(StoreTests):
    async def test_an_attachment_comes_back_as_it_was_saved(self, store: Store[Any], context: Any) -> None:
        for attachment in (a_file(), an_image()):
            await store.save_attachment(attachment, context=context)
            loaded = await store.load_attachment(attachment.id, context=context)
            assert (type(loaded), loaded) == (type(attachment), attachment)

    async def test_an_attachment_that_is_saved_again_is_replaced(self, store: Store[Any], context: Any) -> None:
        attachment = an_image()
        await store.save_attachment(attachment, context=context)
        uploaded = attachment.model_copy(update={"upload_descriptor": None})
        await store.save_attachment(uploaded, context=context)
        assert await store.load_attachment(attachment.id, context=context) == uploaded

    async def test_what_is_done_to_an_attachment_afterwards_does_not_reach_the_store(
        self, store: Store[Any], context: Any
    ) -> None:
        attachment = a_file()
        kept = attachment.model_copy(deep=True)
        await store.save_attachment(attachment, context=context)
        assert attachment.metadata is not None
        attachment.metadata["path"] = "/changed"
        loaded = await store.load_attachment(attachment.id, context=context)
        loaded.name = "changed"
        assert await store.load_attachment(attachment.id, context=context) == kept

    async def test_a_deleted_attachment_is_gone(self, store: Store[Any], context: Any) -> None:
        attachment = a_file()
        await store.save_attachment(attachment, context=context)
        await store.delete_attachment(attachment.id, context=context)
        await store.delete_attachment(attachment.id, context=context)
        await store.delete_attachment(new_id("atc"), context=context)
        with pytest.raises(NotFoundError):
            await store.load_attachment(attachment.id, context=context)

    async def test_a_thread_names_its_attachments_and_takes_them_with_it(self, store: Store[Any], context: Any) -> None:
        thread, other = new_thread(), new_thread()
        files = [a_file(thread), a_file(thread)]
        elsewhere, unsent = a_file(other), a_file()
        for one in (thread, other):
            await store.save_thread(one, context=context)
        for attachment in (*files, elsewhere, unsent):
            await store.save_attachment(attachment, context=context)
        await store.add_thread_item(thread.id, asked(thread, "Read these.", *files), context=context)
        await store.add_thread_item(other.id, asked(other, "And this.", elsewhere), context=context)

        def by_id(attachment: Any) -> str:
            return str(attachment.id)

        named = await store.thread_attachments(thread.id, context=context)
        assert sorted(named, key=by_id) == sorted(files, key=by_id)
        await store.delete_thread(thread.id, context=context)
        for attachment in files:
            with pytest.raises(NotFoundError):
                await store.load_attachment(attachment.id, context=context)
        with pytest.raises(NotFoundError):
            await store.thread_attachments(thread.id, context=context)
        assert await store.thread_attachments(other.id, context=context) == [elsewhere]
        assert await store.load_attachment(unsent.id, context=context) == unsent
