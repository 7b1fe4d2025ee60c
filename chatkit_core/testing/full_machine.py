"""The state machine for stores that have all features."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import multiple, rule

from chatkit_core.errors import ConflictError, NotFoundError
from chatkit_core.store import merge_thread, reserved_metadata
from chatkit_core.testing.machine import ModelThread, StoreMachine, item_ids, limits, orders, owners, texts
from chatkit_core.testing.samples import new_thread, reserved
from chatkit_core.types import FeedbackKind, ThreadMetadata

keys = st.sampled_from(["k", "l"])


class FullStoreMachine(StoreMachine):
    """Calls also what a store may leave out: keys, search, feedback."""

    threads = StoreMachine.threads

    @rule(target=threads, owner=owners, key=keys)
    def create_thread_with_key(self, owner: str, key: str) -> Any:
        thread = new_thread(metadata=reserved(key=key))
        outcome = self.call(self.store.save_thread(thread, context=self.context(owner)))
        if self._with_key(owner, key):
            assert outcome is ConflictError
            return multiple()
        assert outcome is None
        self.model[thread.id] = ModelThread(owner, thread)
        return thread

    @rule(thread=threads, owner=owners, key=keys, archived=st.booleans())
    def update_reserved(self, thread: ThreadMetadata, owner: str, key: str, archived: bool) -> None:
        changes = {"metadata": reserved(key=key, archived=archived)}
        outcome = self.call(self.store.update_thread(thread.id, changes, context=self.context(owner)))
        known, holder = self.visible(thread, owner), self._with_key(owner, key)
        if known is None:
            assert outcome is NotFoundError
        elif holder not in (None, known):
            assert outcome is ConflictError
        else:
            known.metadata = merge_thread(known.metadata, changes)
            assert outcome == known.metadata

    @rule(owner=owners, key=keys)
    def find_thread(self, owner: str, key: str) -> None:
        known = self._with_key(owner, key)
        expected = known and known.metadata
        assert self.call(self.store.find_thread(key, context=self.context(owner))) == expected

    @rule(owner=owners, query=st.none() | texts.filter(bool), archived=st.booleans(), limit=limits, order=orders)
    def search(self, owner: str, query: str | None, archived: bool, limit: int, order: str) -> None:
        found = [
            thread.metadata
            for thread in self.model.values()
            if thread.owner == owner
            and bool(reserved_metadata(thread.metadata).get("archived")) == archived
            and (query is None or self._contains(thread, query.casefold()))
        ]
        self.check_pages(
            found if order == "asc" else found[::-1],
            limit,
            lambda after: self.store.search(
                query=query, archived=archived, limit=limit, after=after, order=order, context=self.context(owner)
            ),
        )

    @rule(
        thread=threads, owner=owners, ids=st.lists(item_ids, max_size=2), kind=st.sampled_from(["positive", "negative"])
    )
    def save_feedback(self, thread: ThreadMetadata, owner: str, ids: list[str], kind: FeedbackKind) -> None:
        outcome = self.call(self.store.save_feedback(thread.id, ids, kind, context=self.context(owner)))
        known = self.visible(thread, owner)
        if known is None or not set(ids) <= set(known.items):
            assert outcome is NotFoundError
        else:
            assert outcome is None
            known.feedback.update(dict.fromkeys(ids, kind))

    @rule(thread=threads, owner=owners)
    def load_feedback(self, thread: ThreadMetadata, owner: str) -> None:
        known = self.visible(thread, owner)
        expected = known.feedback if known else NotFoundError
        assert self.call(self.store.load_feedback(thread.id, context=self.context(owner))) == expected

    def _with_key(self, owner: str, key: str) -> ModelThread | None:
        of_owner = (thread for thread in self.model.values() if thread.owner == owner)
        return next((thread for thread in of_owner if reserved_metadata(thread.metadata).get("key") == key), None)

    def _contains(self, thread: ModelThread, query: str) -> bool:
        said = [item.text for item in thread.items.values()]
        return any(query in text.casefold() for text in (thread.metadata.title or "", *said))
