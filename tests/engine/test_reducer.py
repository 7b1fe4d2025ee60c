"""A pending item, and what updates make of it, beside the most naive model: plain JSON that is changed in place."""

import copy
from typing import Any

import chatkit.server
import chatkit.types
import pytest
from client_model import item_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from chatkit_core.engine.encoding import to_json
from chatkit_core.engine.reducer import MAX_PARTS, is_empty, pending_item
from chatkit_core.errors import InvalidEventError
from chatkit_core.types import (
    AssistantMessageContentPartTextDelta,
    ThreadItemUpdate,
    ThreadItemUpdatedEvent,
    WidgetStreamingTextValueDelta,
)

Json = dict[str, Any]

texts = st.text(max_size=3)
indexes = st.integers(0, 3)
annotations = st.fixed_dictionaries(
    {"type": st.just("annotation"), "source": st.builds(lambda t: {"type": "url", "title": t, "url": "u"}, texts)}
)
contents = st.fixed_dictionaries(
    {"type": st.just("output_text"), "text": texts, "annotations": st.lists(annotations, max_size=2)}
)
tasks = st.fixed_dictionaries({"type": st.just("custom"), "title": texts})
PART = "assistant_message.content_part"
message_updates = st.one_of(
    st.fixed_dictionaries({"type": st.just(f"{PART}.text_delta"), "content_index": indexes, "delta": texts}),
    st.fixed_dictionaries({"type": st.just(f"{PART}.added"), "content_index": indexes, "content": contents}),
    st.fixed_dictionaries({"type": st.just(f"{PART}.done"), "content_index": indexes, "content": contents}),
    st.fixed_dictionaries(
        {
            "type": st.just(f"{PART}.annotation_added"),
            "content_index": indexes,
            "annotation_index": indexes,
            "annotation": annotations,
        }
    ),
)

_update: TypeAdapter[Any] = TypeAdapter(ThreadItemUpdate)


_oracle_item: TypeAdapter[Any] = TypeAdapter(chatkit.types.ThreadItem)
_oracle_event: TypeAdapter[Any] = TypeAdapter(chatkit.types.ThreadItemUpdatedEvent)


class OracleServer(chatkit.server.ChatKitServer):
    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> Any:
        yield


def update_of(update: Json) -> Any:
    return _update.validate_python(update)


def apply_to_message(parts: list[Json], update: Json) -> None:
    index = update["content_index"]
    while len(parts) <= index:
        parts.append({"type": "output_text", "text": "", "annotations": []})
    match update["type"].rpartition(".")[2]:
        case "text_delta":
            parts[index]["text"] += update["delta"]
        case "annotation_added":
            parts[index]["annotations"].insert(update["annotation_index"], update["annotation"])
        case _:
            parts[index] = copy.deepcopy(update["content"])


@given(st.lists(contents, max_size=2), st.lists(message_updates, max_size=12))
def test_a_message_is_what_the_naive_model_says_after_each_update(parts: list[Json], updates: list[Json]) -> None:
    item = item_of("assistant_message", "msg", content=parts)
    before = item.model_copy(deep=True)
    pending = pending_item(item)
    model = copy.deepcopy(parts)
    snapshots = []
    for update in updates:
        pending.apply(update_of(update))
        apply_to_message(model, update)
        snapshots.append((pending.snapshot(), item_of("assistant_message", "msg", content=copy.deepcopy(model))))

    assert [taken for taken, _ in snapshots] == [wanted for _, wanted in snapshots]
    assert pending.is_empty() == (not any(part["text"].strip() for part in model))
    assert item == before


@given(st.lists(contents, max_size=2), st.lists(message_updates, max_size=12))
def test_a_message_is_what_the_oracle_says(parts: list[Json], updates: list[Json]) -> None:
    assert ours("assistant_message", updates, content=parts) == the_oracles("assistant_message", updates, content=parts)


@given(st.lists(tasks, max_size=2), st.lists(st.tuples(st.booleans(), indexes, tasks), max_size=10))
def test_a_workflow_is_what_the_oracle_says_where_tasks_are_added_at_the_end(
    begun: list[Json], steps: list[tuple[bool, int, Json]]
) -> None:
    count, updates = len(begun), []
    for added, index, task in steps:
        if added:
            updates.append({"type": "workflow.task.added", "task_index": count, "task": task})
            count += 1
        elif count:
            updates.append({"type": "workflow.task.updated", "task_index": index % count, "task": task})
    workflow = {"type": "custom", "tasks": begun, "expanded": False}

    assert ours("workflow", updates, workflow=workflow) == the_oracles("workflow", updates, workflow=workflow)


def test_a_task_that_is_added_before_others_moves_them() -> None:
    pending = pending_item(item_of("workflow", "flow", workflow={"type": "custom", "tasks": []}))
    for index, title in ((0, "b"), (0, "a"), (2, "c")):
        task = {"type": "custom", "title": title}
        pending.apply(update_of({"type": "workflow.task.added", "task_index": index, "task": task}))

    assert [task.title for task in pending.snapshot().workflow.tasks] == ["a", "b", "c"]


def ours(type: str, updates: list[Json], **fields: Any) -> Any:
    pending = pending_item(item_of(type, "id", **copy.deepcopy(fields)))
    for update in updates:
        pending.apply(update_of(update))
    return pending.snapshot().model_dump(mode="json", exclude={"created_at"})


def the_oracles(type: str, updates: list[Json], **fields: Any) -> Any:
    server = object.__new__(OracleServer)
    head = {"type": type, "id": "id", "thread_id": "thr_1", "created_at": "2026-01-02T03:04:05Z"}
    pending = {"id": _oracle_item.validate_python(head | copy.deepcopy(fields))}
    for update in updates:
        said = {"type": "thread.item.updated", "item_id": "id", "update": copy.deepcopy(update)}
        server._update_pending_items(pending, _oracle_event.validate_python(said))
    return pending["id"].model_dump(mode="json", exclude={"created_at"})


# Widgets

widget_ids = st.sampled_from(["a", "b", "c", "d"])
KINDS = ["Text", "Markdown", "Title", "Fancy"]  # the last one is no component that is known, so it is not checked


@st.composite
def trees(draw: st.DrawFn, ids: tuple[str, ...] = ("a", "b", "c", "d")) -> Json:
    """A card whose components have these ids, each once, or none, in boxes of any depth."""
    children: list[Json] = []
    for id in draw(st.permutations(ids)):
        leaf: Json = {"type": draw(st.sampled_from(KINDS)), "value": draw(texts)}
        if draw(st.integers(0, 4)):
            leaf["id"] = id
        for _ in range(draw(st.integers(0, 2))):
            leaf = {"type": draw(st.sampled_from(["Col", "Box"])), "children": [leaf]}
        children.append(leaf)
    return {"type": "Card", "children": children}


def find(node: Json, id: str) -> Json | None:
    if node.get("id") == id:
        return node
    children = node.get("children") or []
    return next((found for child in children if (found := find(child, id)) is not None), None)


def streams(node: Json) -> bool:
    return node["type"] in ("Text", "Markdown", "Fancy")


def widget_item(tree: Json) -> Any:
    return item_of("widget", "wid", widget=copy.deepcopy(tree))


@given(trees(), st.data())
def test_a_widget_is_what_the_naive_model_says(tree: Json, data: st.DataObject) -> None:
    item = widget_item(tree)
    before = item.model_copy(deep=True)
    pending, model = pending_item(item), copy.deepcopy(tree)
    snapshots = []
    for _ in range(data.draw(st.integers(0, 8))):
        update = data.draw(widget_update(model))
        pending.apply(update_of(update))
        apply_to_widget(model, update)
        if update["type"] == "widget.root.updated":
            model = copy.deepcopy(update["widget"])
        snapshots.append((pending.snapshot(), to_json(widget_item(model))))

    assert [to_json(taken) for taken, _ in snapshots] == [wanted for _, wanted in snapshots]
    assert item == before


def apply_to_widget(model: Json, update: Json) -> None:
    found = find(model, update.get("component_id", "")) or {}
    if update["type"] == "widget.streaming_text.value_delta":
        found["value"] += update["delta"]
        if update["done"] and streams(found):
            found["streaming"] = False
    elif update["type"] == "widget.component.updated":
        found.clear()
        found.update(copy.deepcopy(update["component"]))


@st.composite
def widget_update(draw: st.DrawFn, model: Json) -> Json:
    id = draw(widget_ids)
    found = find(model, id)
    if found is None:
        return {"type": "widget.root.updated", "widget": draw(trees())}
    if "value" in found and draw(st.booleans()):
        delta, done = draw(texts), draw(st.booleans())
        return {"type": "widget.streaming_text.value_delta", "component_id": id, "delta": delta, "done": done}
    new: Json = {"type": draw(st.sampled_from(KINDS)), "id": id, "value": draw(texts)}
    if draw(st.booleans()):
        new = {"type": "Box", "children": [new]}
    return {"type": "widget.component.updated", "component_id": id, "component": new}


def test_the_streamed_text_of_a_widget_from_a_template_is_kept() -> None:
    tree = {"type": "Card", "extra": 1, "children": [{"type": "Fancy", "id": "a", "value": "Hel", "streaming": True}]}
    pending = pending_item(widget_item(tree))
    pending.apply(WidgetStreamingTextValueDelta(component_id="a", delta="lo", done=True))

    tree["children"] = [{"type": "Fancy", "id": "a", "value": "Hello", "streaming": False}]
    assert pending.snapshot() == widget_item(tree)


def test_a_component_may_be_replaced_by_one_that_contains_it() -> None:
    text = {"type": "Text", "id": "a", "value": "x"}
    pending = pending_item(widget_item({"type": "Card", "children": [text]}))
    box = {"type": "Box", "id": "box", "children": [text]}
    pending.apply(update_of({"type": "widget.component.updated", "component_id": "a", "component": box}))
    pending.apply(WidgetStreamingTextValueDelta(component_id="a", delta="y", done=False))

    box["children"] = [text | {"value": "xy"}]
    assert pending.snapshot() == widget_item({"type": "Card", "children": [box]})


def test_a_single_child_is_replaced_too() -> None:
    transition = {"type": "Transition", "children": {"type": "Text", "id": "a", "value": "x"}}
    pending = pending_item(widget_item({"type": "Card", "children": [transition]}))
    new = {"type": "Text", "id": "b", "value": "y"}
    pending.apply(update_of({"type": "widget.component.updated", "component_id": "a", "component": new}))

    assert pending.snapshot() == widget_item({"type": "Card", "children": [transition | {"children": new}]})


# Other items, and mistakes


def test_an_image_is_the_one_that_was_told_last() -> None:
    pending = pending_item(item_of("generated_image", "img"))
    assert pending.is_empty()
    for url in ("1", "2"):
        image = {"id": "i", "url": url}
        pending.apply(update_of({"type": "generated_image.updated", "image": image, "progress": 0.5}))

    assert pending.snapshot() == item_of("generated_image", "img", image={"id": "i", "url": "2"})
    assert not pending.is_empty()


delta = {"type": f"{PART}.text_delta", "content_index": 0, "delta": "x"}
task = {"type": "workflow.task.updated", "task_index": 0, "task": {"type": "custom"}}
note = {
    "type": f"{PART}.annotation_added",
    "content_index": 0,
    "annotation": {"type": "annotation", "source": {"type": "url", "title": "t", "url": "u"}},
}
root = {"type": "widget.root.updated", "widget": {"type": "Card", "children": []}}
MESSAGE = item_of("assistant_message", "id", content=[])
WIDGET = item_of("widget", "id", widget={"type": "Card", "children": [{"type": "Divider", "id": "line"}]})
WORKFLOW = item_of("workflow", "id", workflow={"type": "custom", "tasks": [{"type": "custom"}]})
IMAGE = item_of("generated_image", "id")
TASK = item_of("task", "id", task={"type": "custom"})
HIDDEN = item_of("hidden_context_item", "id", content="x")
TEXT_OF = {"type": "widget.streaming_text.value_delta", "delta": "x", "done": False}

MISTAKES = {
    "a message and a task": (MESSAGE, task),
    "a message and a widget": (MESSAGE, root),
    "a widget and text": (WIDGET, delta),
    "a workflow and text": (WORKFLOW, delta),
    "an image and text": (IMAGE, delta),
    "a task and anything": (TASK, task),
    "a hidden item and anything": (HIDDEN, delta),
    "a part before the first": (MESSAGE, delta | {"content_index": -1}),
    "a part far beyond": (MESSAGE, delta | {"content_index": MAX_PARTS}),
    "a part beyond all numbers": (MESSAGE, delta | {"content_index": 10**30}),
    "a task that is not there": (WORKFLOW, task | {"task_index": 1}),
    "a task before the first": (WORKFLOW, task | {"task_index": -1}),
    "an added task before the first": (WORKFLOW, task | {"type": "workflow.task.added", "task_index": -1}),
    "an added task beyond all numbers": (WORKFLOW, task | {"type": "workflow.task.added", "task_index": 10**30}),
    "an annotation before the first": (MESSAGE, note | {"annotation_index": -1}),
    "an annotation beyond all numbers": (MESSAGE, note | {"annotation_index": 10**30}),
    "a component that is not there": (WIDGET, TEXT_OF | {"component_id": "nobody"}),
    "a component without text": (WIDGET, TEXT_OF | {"component_id": "line"}),
    "the root as if it were a component": (
        item_of("widget", "id", widget={"type": "Card", "id": "card", "children": []}),
        {"type": "widget.component.updated", "component_id": "card", "component": {"type": "Divider"}},
    ),
    "a component to replace that is not there": (
        WIDGET,
        {"type": "widget.component.updated", "component_id": "nobody", "component": {"type": "Divider"}},
    ),
}


@pytest.mark.parametrize(("item", "update"), MISTAKES.values(), ids=MISTAKES.keys())
def test_an_update_that_does_not_fit_is_an_error_and_changes_nothing(item: Any, update: Json) -> None:
    pending = pending_item(item)

    with pytest.raises(InvalidEventError) as caught:
        pending.apply(update_of(update))

    assert caught.value.code == "turn.invalid_event"
    assert pending.snapshot() == item


def test_what_is_empty_is_what_nobody_would_miss() -> None:
    assert is_empty(MESSAGE)
    assert is_empty(item_of("assistant_message", "id", content=[{"text": " \n"}]))
    assert is_empty(item_of("workflow", "id", workflow={"type": "custom", "tasks": []}))
    assert is_empty(IMAGE)
    assert not is_empty(WORKFLOW)
    assert not is_empty(WIDGET)
    assert not is_empty(TASK)
    assert not is_empty(item_of("workflow", "id", workflow={"type": "custom", "tasks": [], "summary": {"duration": 1}}))


def test_an_update_event_of_each_kind_is_known_to_the_reducer() -> None:
    assert ThreadItemUpdatedEvent(
        item_id="id", update=AssistantMessageContentPartTextDelta(content_index=0, delta="x")
    ).update == update_of(delta)
