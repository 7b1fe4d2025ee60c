"""What an app changed of its thread, in the form that `Store.update_thread` takes."""

from collections.abc import Callable
from typing import Any

import pytest

from chatkit_core.engine.thread_changes import ThreadChanges
from chatkit_core.types import ActiveStatus, LockedStatus, ThreadMetadata, utc_now


def a_thread() -> ThreadMetadata:
    return ThreadMetadata(
        id="thr_1",
        created_at=utc_now(),
        title="Old",
        status=LockedStatus(reason="busy"),
        allowed_image_domains=["a.example"],
        metadata={"n": 1, "list": [1], "chatkit": {"mode": "fast"}},
    )


def change(thread: ThreadMetadata, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(thread, name, value)


CASES: dict[str, tuple[Callable[[ThreadMetadata], Any], dict[str, Any]]] = {
    "nothing": (lambda t: None, {}),
    "the same again": (lambda t: change(t, title="Old", metadata=dict(t.metadata)), {}),
    "a title": (lambda t: change(t, title="New"), {"title": "New"}),
    "no title": (lambda t: change(t, title=None), {"title": None}),
    "another status": (lambda t: change(t, status=ActiveStatus()), {"status": ActiveStatus()}),
    "the status's reason": (lambda t: change(t.status, reason="new"), {"status": LockedStatus(reason="new")}),
    "one more domain": (
        lambda t: t.allowed_image_domains.append("b.example"),
        {"allowed_image_domains": ["a.example", "b.example"]},
    ),
    "no domains": (lambda t: change(t, allowed_image_domains=None), {"allowed_image_domains": None}),
    "a key": (lambda t: t.metadata.update(new=[1]), {"metadata": {"new": [1]}}),
    "a key's value": (lambda t: t.metadata.update(n=2), {"metadata": {"n": 2}}),
    "a number that becomes true": (lambda t: t.metadata.update(n=True), {"metadata": {"n": True}}),
    "inside of a key's value": (lambda t: t.metadata["list"].append(2), {"metadata": {"list": [1, 2]}}),
    "a key less": (lambda t: t.metadata.pop("n"), {"metadata": {"n": None}}),
    "all keys": (
        lambda t: change(t, metadata={"m": 1}),
        {"metadata": {"m": 1, "n": None, "list": None, "chatkit": None}},
    ),
    "what cannot change": (lambda t: change(t, created_at=utc_now()), {}),
    "several things": (
        lambda t: (change(t, title="New"), t.metadata.update(n=2)),
        {"title": "New", "metadata": {"n": 2}},
    ),
}


@pytest.mark.parametrize(("edit", "wanted"), CASES.values(), ids=CASES.keys())
def test_what_was_changed_is_taken_once(edit: Callable[[ThreadMetadata], Any], wanted: dict[str, Any]) -> None:
    thread = a_thread()
    changes = ThreadChanges(thread)

    edit(thread)

    assert changes.any() == bool(wanted)
    assert changes.take() == wanted
    assert changes.take() == {}
    assert not changes.any()


def test_a_quick_look_sees_a_title_and_a_status_and_leaves_metadata_for_later() -> None:
    for edit, seen in (
        (lambda t: change(t, title="New"), True),
        (lambda t: change(t, status=ActiveStatus()), True),
        (lambda t: t.metadata.update(n=2), False),
    ):
        thread = a_thread()
        changes = ThreadChanges(thread)
        edit(thread)

        assert changes.at_a_glance() is seen
        assert changes.any()


def test_what_was_taken_does_not_change_with_the_thread() -> None:
    thread = a_thread()
    changes = ThreadChanges(thread)
    thread.metadata["new"] = inner = [1]
    taken = changes.take()
    inner.append(2)

    assert taken == {"metadata": {"new": [1]}}
    assert changes.take() == {"metadata": {"new": [1, 2]}}
