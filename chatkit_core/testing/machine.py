"""A state machine that calls a store and a simple model of it in the same way, and compares what comes back."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from chatkit_core.errors import ChatKitError, NotFoundError
from chatkit_core.store import Store, merge_thread
from chatkit_core.testing.samples import a_file, new_id, new_thread, said
from chatkit_core.types import AssistantMessageItem, Attachment, FeedbackKind, Page, ThreadMetadata

T = TypeVar("T")

owners = st.sampled_from([*["ada"] * 7, "bob"])
"""Mostly one, so that most calls find what an earlier one has made."""
item_ids = st.sampled_from(["a", "b", "c", "d", "e"])
attachment_ids = st.sampled_from(["x", "y", "z"])
texts = st.text(st.characters(codec="utf-8"), max_size=3) | st.sampled_from(["Äpfel", "apple", "STRASSE"])
titles = st.none() | texts
metadata = st.dictionaries(st.sampled_from(["m", "n"]), st.none() | st.integers(0, 3) | texts, max_size=2)
limits = st.integers(1, 4)
orders = st.sampled_from(["asc", "desc"])


@dataclass
class ModelThread:
    owner: str
    metadata: ThreadMetadata
    items: dict[str, AssistantMessageItem] = field(default_factory=dict)
    feedback: dict[str, FeedbackKind] = field(default_factory=dict)


class StoreMachine(RuleBasedStateMachine):
    """Calls what every store has. A call returns a value, or the type of the error that it raised."""

    threads = Bundle("threads")

    def __init__(
        self,
        store: Store[Any],
        make_context: Callable[[str], Any],
        run: Callable[[Coroutine[Any, Any, Any]], Any],
    ) -> None:
        super().__init__()
        self.store = store
        self._run = run
        self._contexts = {owner: make_context(new_id(owner)) for owner in ("ada", "bob")}
        self._attachment_ids = {id: new_id(id) for id in ("x", "y", "z")}
        self.model: dict[str, ModelThread] = {}
        self.attachments: dict[str, tuple[str, Attachment]] = {}

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T | type[ChatKitError]:
        try:
            result: T = self._run(coroutine)
        except ChatKitError as error:
            return type(error)
        return result

    def visible(self, thread: ThreadMetadata, owner: str) -> ModelThread | None:
        known = self.model.get(thread.id)
        return known if known is not None and known.owner == owner else None

    def context(self, owner: str) -> Any:
        return self._contexts[owner]

    @rule(target=threads, owner=owners, title=titles, metadata=metadata)
    def create_thread(self, owner: str, title: str | None, metadata: dict[str, Any]) -> ThreadMetadata:
        thread = new_thread(title=title, metadata=metadata)
        assert self.call(self.store.save_thread(thread, context=self.context(owner))) is None
        self.model[thread.id] = ModelThread(owner, thread)
        return thread

    @rule(thread=threads, owner=owners, title=titles, metadata=metadata)
    def save_thread(self, thread: ThreadMetadata, owner: str, title: str | None, metadata: dict[str, Any]) -> None:
        changed = thread.model_copy(update={"title": title, "metadata": metadata})
        known = self.model.get(thread.id)
        outcome = self.call(self.store.save_thread(changed, context=self.context(owner)))
        if known is not None and known.owner != owner:
            assert outcome is NotFoundError
            return
        assert outcome is None
        if known is None:
            self.model[thread.id] = ModelThread(owner, changed)
        else:
            known.metadata = changed

    @rule(thread=threads, owner=owners, title=titles, metadata=metadata, only_missing=st.booleans())
    def update_thread(
        self, thread: ThreadMetadata, owner: str, title: str | None, metadata: dict[str, Any], only_missing: bool
    ) -> None:
        changes = {"title": title, "metadata": metadata}
        outcome = self.call(
            self.store.update_thread(thread.id, changes, context=self.context(owner), only_missing=only_missing)
        )
        known = self.visible(thread, owner)
        if known is None:
            assert outcome is NotFoundError
        else:
            known.metadata = merge_thread(known.metadata, changes, only_missing=only_missing)
            assert outcome == known.metadata

    @rule(thread=threads, owner=owners)
    def load_thread(self, thread: ThreadMetadata, owner: str) -> None:
        known = self.visible(thread, owner)
        expected = NotFoundError if known is None else known.metadata
        assert self.call(self.store.load_thread(thread.id, context=self.context(owner))) == expected

    @rule(thread=threads, owner=owners)
    def delete_thread(self, thread: ThreadMetadata, owner: str) -> None:
        assert self.call(self.store.delete_thread(thread.id, context=self.context(owner))) is None
        if self.visible(thread, owner):
            del self.model[thread.id]
            self.attachments = {id: one for id, one in self.attachments.items() if one[1].thread_id != thread.id}

    @rule(owner=owners, limit=limits, order=orders)
    def page_threads(self, owner: str, limit: int, order: str) -> None:
        expected = [thread.metadata for thread in self.model.values() if thread.owner == owner]
        self.check_pages(
            expected if order == "asc" else expected[::-1],
            limit,
            lambda after: self.store.load_threads(limit=limit, after=after, order=order, context=self.context(owner)),
        )

    @rule(thread=threads, owner=owners, id=item_ids, text=texts, add=st.booleans())
    def put_item(self, thread: ThreadMetadata, owner: str, id: str, text: str, add: bool) -> None:
        item, known = said(thread, text, id), self.visible(thread, owner)
        put = self.store.add_thread_item if add else self.store.save_item
        expected = None if known else NotFoundError
        assert self.call(put(thread.id, item, context=self.context(owner))) is expected
        if known:
            known.items[id] = item

    @rule(thread=threads, owner=owners, id=item_ids)
    def load_item(self, thread: ThreadMetadata, owner: str, id: str) -> None:
        known = self.visible(thread, owner)
        expected = known.items.get(id, NotFoundError) if known else NotFoundError
        assert self.call(self.store.load_item(thread.id, id, context=self.context(owner))) == expected

    @rule(thread=threads, owner=owners, id=item_ids)
    def delete_item(self, thread: ThreadMetadata, owner: str, id: str) -> None:
        assert self.call(self.store.delete_thread_item(thread.id, id, context=self.context(owner))) is None
        if known := self.visible(thread, owner):
            known.items.pop(id, None)
            known.feedback.pop(id, None)

    @rule(thread=threads, owner=owners, id=item_ids)
    def remove_items_after(self, thread: ThreadMetadata, owner: str, id: str) -> None:
        outcome = self.call(self.store.remove_items_after(thread.id, id, context=self.context(owner)))
        known = self.visible(thread, owner)
        if known is None or id not in known.items:
            assert outcome is NotFoundError
            return
        ids = list(known.items)
        removed = ids[ids.index(id) + 1 :]
        assert outcome == [known.items.pop(one) for one in removed]
        for one in removed:
            known.feedback.pop(one, None)

    @rule(thread=threads, owner=owners, limit=limits, order=orders)
    def page_items(self, thread: ThreadMetadata, owner: str, limit: int, order: str) -> None:
        known = self.visible(thread, owner)
        expected = list(known.items.values()) if known else NotFoundError
        self.check_pages(
            expected[::-1] if isinstance(expected, list) and order == "desc" else expected,
            limit,
            lambda after: self.store.load_thread_items(
                thread.id, after=after, limit=limit, order=order, context=self.context(owner)
            ),
        )

    @rule(thread=threads, owner=owners, id=item_ids, limit=limits)
    def page_after_an_item(self, thread: ThreadMetadata, owner: str, id: str, limit: int) -> None:
        page = self.call(
            self.store.load_thread_items(thread.id, after=id, limit=limit, order="asc", context=self.context(owner))
        )
        known = self.visible(thread, owner)
        if known is None or id not in known.items:
            assert page is NotFoundError
        else:
            rest = list(known.items)[list(known.items).index(id) + 1 :]
            assert isinstance(page, Page)
            assert ([item.id for item in page.data], page.has_more) == (rest[:limit], len(rest) > limit)

    @rule(owner=owners, id=attachment_ids)
    def save_attachment(self, owner: str, id: str) -> None:
        self._save_attachment(owner, a_file(id=self._attachment_ids[id]))

    @rule(thread=threads, id=attachment_ids)
    def attach(self, thread: ThreadMetadata, id: str) -> None:
        if known := self.model.get(thread.id):
            self._save_attachment(known.owner, a_file(known.metadata, id=self._attachment_ids[id]))

    def _save_attachment(self, owner: str, attachment: Attachment) -> None:
        known_owner, known = self.attachments.get(attachment.id, (owner, attachment))
        if known.thread_id is not None:
            attachment = attachment.model_copy(update={"thread_id": known.thread_id})
        outcome = self.call(self.store.save_attachment(attachment, context=self.context(owner)))
        if known_owner != owner:
            assert outcome is NotFoundError
        else:
            assert outcome is None
            self.attachments[attachment.id] = owner, attachment

    @rule(owner=owners, id=attachment_ids, delete=st.booleans())
    def load_attachment(self, owner: str, id: str, delete: bool) -> None:
        id = self._attachment_ids[id]
        known_owner, attachment = self.attachments.get(id, (None, None))
        expected = attachment if known_owner == owner else NotFoundError
        assert self.call(self.store.load_attachment(id, context=self.context(owner))) == expected
        if delete:
            assert self.call(self.store.delete_attachment(id, context=self.context(owner))) is None
            if known_owner == owner:
                del self.attachments[id]

    def teardown(self) -> None:
        """However few calls have read: in the end the store holds what the model does."""
        for owner in ("ada", "bob"):
            self.page_threads(owner, 4, "asc")
        for thread in self.model.values():
            self.page_items(thread.metadata, thread.owner, 4, "asc")

    def check_pages(
        self,
        expected: list[Any] | type[ChatKitError],
        limit: int,
        load: Callable[[str | None], Coroutine[Any, Any, Page[Any]]],
    ) -> None:
        """Load pages until there are no more, and compare each with its part of what is expected."""
        if not isinstance(expected, list):
            assert self.call(load(None)) is expected
            return
        after = None
        for start in range(0, max(len(expected), 1), limit):
            page = self.call(load(after))
            assert isinstance(page, Page)
            has_more = start + limit < len(expected)
            assert (page.data, page.has_more) == (expected[start : start + limit], has_more)
            after = page.data[-1].id if page.data else None


async def run_machine(machine: Callable[..., RuleBasedStateMachine], *args: Any, steps: int = 25) -> None:
    """Try many sequences of calls. Hypothesis is not async: it runs in a thread, and the backend in this loop.

    Args:
        machine: is called with `args`, and with what runs a coroutine and returns what it returns.
        steps: calls in a sequence, at most.
    """
    loop = asyncio.get_running_loop()

    def run(coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    await asyncio.to_thread(
        run_state_machine_as_test,
        lambda: machine(*args, run),  # type: ignore[arg-type]  # it is only called
        settings=settings(
            max_examples=50,
            stateful_step_count=steps,
            deadline=None,
            phases=set(Phase) - {Phase.explain},
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
