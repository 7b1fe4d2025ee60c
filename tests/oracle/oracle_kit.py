"""A package as the tests use it: its public names in one namespace, and a store and a server that are written once for
both packages."""

import importlib
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

MODULES = ("actions", "errors", "icons", "widgets", "types", "store", "server")
CONTEXT = {"user_id": "ada"}


class Kit(SimpleNamespace):
    """All public names of one package."""

    def __init__(self, package: str) -> None:
        super().__init__(package=package)
        for module in MODULES:
            self.__dict__.update(vars(importlib.import_module(f"{package}.{module}")))


class Dicts:
    """What a store does that keeps everything in dicts, and knows one owner."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.threads: dict[str, Any] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.attachments: dict[str, Any] = {}
        self.feedback: list[tuple[list[str], str]] = []

    async def load_thread(self, thread_id: str, context: Any) -> Any:
        return self.kit.ThreadMetadata(**self._found(self.threads, thread_id).model_dump())

    async def save_thread(self, thread: Any, context: Any) -> None:
        self.threads[thread.id] = self.kit.ThreadMetadata(**thread.model_dump(exclude={"items"}))
        self.items.setdefault(thread.id, {})

    async def load_threads(self, limit: int, after: str | None, order: str, context: Any) -> Any:
        return self._page(list(self.threads.values()), limit, after, order)

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        self.threads.pop(thread_id, None)
        self.items.pop(thread_id, None)

    async def load_thread_items(self, thread_id: str, after: str | None, limit: int, order: str, context: Any) -> Any:
        return self._page(list(self._found(self.items, thread_id).values()), limit, after, order)

    async def add_thread_item(self, thread_id: str, item: Any, context: Any) -> None:
        self._found(self.items, thread_id)[item.id] = item.model_copy(deep=True)

    async def save_item(self, thread_id: str, item: Any, context: Any) -> None:
        self._found(self.items, thread_id)[item.id] = item.model_copy(deep=True)

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> Any:
        return self._found(self._found(self.items, thread_id), item_id).model_copy(deep=True)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        self._found(self.items, thread_id).pop(item_id, None)

    async def save_attachment(self, attachment: Any, context: Any) -> None:
        self.attachments[attachment.id] = attachment

    async def load_attachment(self, attachment_id: str, context: Any) -> Any:
        return self._found(self.attachments, attachment_id)

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        self.attachments.pop(attachment_id, None)

    def _found(self, rows: dict[str, Any], id: str) -> Any:
        if id not in rows:
            raise self.kit.NotFoundError(id)
        return rows[id]

    def _page(self, rows: list[Any], limit: int, after: str | None, order: str) -> Any:
        rows = rows if order == "asc" else rows[::-1]
        ids = [row.id for row in rows]
        if after is not None and after not in ids:
            raise self.kit.NotFoundError(after)
        start = 0 if after is None else ids.index(after) + 1
        data = [row.model_copy(deep=True) for row in rows[start : start + limit]]
        has_more = start + limit < len(rows)
        return self.kit.Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)


def store_of(kit: Kit) -> Any:
    """Return a store that keeps everything in dicts."""

    class DictStore(Dicts, kit.Store):
        pass

    return DictStore(kit)


def attachments_of(kit: Kit) -> Any:
    """Return an attachment store that announces files, and keeps no bytes."""

    class Announced(kit.AttachmentStore):
        async def create_attachment(self, input: Any, context: Any) -> Any:
            return kit.FileAttachment(
                id=self.generate_attachment_id(input.mime_type, context),
                name=input.name,
                mime_type=input.mime_type,
                upload_descriptor=kit.AttachmentUploadDescriptor(
                    url="https://files.test/upload?a=1", method="PUT", headers={"X-Key": "k"}
                ),
                metadata={"bucket": "secret"},
            )

        async def delete_attachment(self, attachment_id: str, context: Any) -> None:
            pass

    return Announced()


Reply = Callable[..., AsyncIterator[Any]]


def server_of(kit: Kit, store: Any) -> Any:
    """Return a server whose hooks a scenario sets."""

    class Scripted(kit.ChatKitServer):
        reply: Reply
        on_action: Reply
        allow_cancel = True

        def respond(self, thread: Any, input_user_message: Any, context: Any) -> Any:
            return self.reply(kit, thread, input_user_message)

        def action(self, thread: Any, action: Any, sender: Any, context: Any) -> Any:
            return self.on_action(kit, thread, action, sender)

        async def sync_action(self, thread: Any, action: Any, sender: Any, context: Any) -> Any:
            if sender is None:
                return kit.SyncCustomActionResponse()
            return kit.SyncCustomActionResponse(
                updated_item=sender.model_copy(update={"copy_text": action.payload["text"]})
            )

        async def transcribe(self, audio_input: Any, context: Any) -> Any:
            return kit.TranscriptionResult(text=f"{audio_input.data!r} {audio_input.media_type}")

        async def add_feedback(self, thread_id: str, item_ids: list[str], feedback: str, context: Any) -> None:
            store.feedback.append((item_ids, feedback))

        def get_stream_options(self, thread: Any, context: Any) -> Any:
            return kit.StreamOptions(allow_cancel=self.allow_cancel)

        async def generate_title(self, *args: Any) -> None:
            """The incumbent has no automatic titles; without them the streams are alike."""

    return Scripted(store, attachments_of(kit))
