"""From the events of the wire to those of the client."""

from typing import Any

import pytest

from chatkit_core.client.frames import Frame
from chatkit_core.client.normalize import Normalizer

ITEM = {"thread_id": "thr_1", "created_at": "2026-01-01T00:00:00Z"}
TURN = {"id": "trn_1", "op": "threads.create", "status": "running", **ITEM}


def normalized(*events: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return type and gist of what a turn's events become."""
    normalizer = Normalizer()
    frames = [Frame(event, "trn_1", seq) for seq, event in enumerate(events, start=1)]
    return [gist(event) for frame in frames for event in normalizer.take(frame)]


def gist(event: Any) -> tuple[Any, ...]:
    match event.type:
        case "agent_message_delta" | "reasoning_delta":
            return event.type, event.item_id, event.delta
        case "item_started" | "item_completed" | "approval_resolved":
            return event.type, event.item.id
        case "plan_updated":
            return event.type, event.item_id, event.task.title
        case "system_event":
            return event.type, event.name, event.text
    return (event.type,)


def message(*texts: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return {"type": "assistant_message", "id": "msg_1", "content": content, **ITEM}


def workflow(type: str, *tasks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "workflow", "id": "wf_1", "workflow": {"type": type, "tasks": [*tasks]}, **ITEM}


def added(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "thread.item.added", "item": item}


def done(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "thread.item.done", "item": item}


def updated(item_id: str, type: str, **update: Any) -> dict[str, Any]:
    return {"type": "thread.item.updated", "item_id": item_id, "update": {"type": type, **update}}


def part(change: str, text: str, index: int = 0) -> dict[str, Any]:
    type = f"assistant_message.content_part.{change}"
    if change == "text_delta":
        return updated("msg_1", type, content_index=index, delta=text)
    return updated("msg_1", type, content_index=index, content={"type": "output_text", "text": text})


def task(change: str, index: int = 0, **task: Any) -> dict[str, Any]:
    return updated("wf_1", f"workflow.task.{change}", task_index=index, task=task)


def delta(text: str) -> tuple[str, str, str]:
    return "agent_message_delta", "msg_1", text


STARTED, COMPLETED = ("item_started", "msg_1"), ("item_completed", "msg_1")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([done(message("Hello"))], [delta("Hello"), COMPLETED]),
        ([added(message("Hel")), done(message("Hello"))], [STARTED, delta("Hel"), delta("lo"), COMPLETED]),
        (
            [added(message()), part("added", "Hel"), part("text_delta", "lo"), part("done", "Hello!")],
            [STARTED, delta("Hel"), delta("lo"), delta("!")],
        ),
        (
            [part("added", ""), part("text_delta", "Hello"), part("done", "Hello"), done(message("Hello"))],
            [("raw",), delta("Hello"), ("raw",), COMPLETED],
        ),
        (
            [part("text_delta", "a"), part("text_delta", "b", 1), done(message("a", "bc"))],
            [delta("a"), delta("b"), delta("c"), COMPLETED],
        ),
        ([part("text_delta", "Wrong"), done(message("Right"))], [delta("Wrong"), COMPLETED]),
    ],
)
def test_the_deltas_of_a_message_add_up_to_its_text_however_it_was_said(
    events: list[dict[str, Any]], expected: list[tuple[Any, ...]]
) -> None:
    assert normalized(*events) == expected


def test_what_a_thought_grows_by_is_reasoning() -> None:
    events = [
        added(workflow("reasoning")),
        task("added", type="thought", content="I th"),
        task("updated", type="thought", content="I think"),
        task("updated", type="thought", content="I think", title="Thinking"),
        task("added", 1, type="web_search", title="Searching"),
        done(workflow("reasoning", {"type": "thought", "content": "I think."}, {"type": "web_search"})),
    ]
    assert normalized(*events) == [
        ("item_started", "wf_1"),
        ("reasoning_delta", "wf_1", "I th"),
        ("reasoning_delta", "wf_1", "ink"),
        ("raw",),
        ("plan_updated", "wf_1", "Searching"),
        ("reasoning_delta", "wf_1", "."),
        ("plan_updated", "wf_1", None),
        ("item_completed", "wf_1"),
    ]


def test_the_tasks_of_another_workflow_are_a_plan() -> None:
    read, write = {"type": "custom", "title": "Read"}, {"type": "thought", "title": "Write", "content": "…"}
    events = [added(workflow("custom", read)), task("added", 1, **write), done(workflow("custom", read, write))]
    assert normalized(*events) == [
        ("item_started", "wf_1"),
        ("plan_updated", "wf_1", "Read"),
        ("plan_updated", "wf_1", "Write"),
        ("item_completed", "wf_1"),
    ]


def test_an_answer_resolves_and_any_other_replacement_is_an_item() -> None:
    call = {"type": "client_tool_call", "id": "tc_1", "call_id": "c", "name": "n", "arguments": {}, **ITEM}
    answered = {**call, "status": "completed", "output": 7}
    replaced = [{"type": "thread.item.replaced", "item": item} for item in (answered, message("Hi"))]
    assert normalized(done(call), *replaced) == [
        ("item_completed", "tc_1"),
        ("approval_resolved", "tc_1"),
        ("item_completed", "msg_1"),
    ]


def test_what_is_not_part_of_the_conversation_is_a_system_event() -> None:
    events: list[dict[str, Any]] = [
        {"type": "progress_update", "text": "Looking"},
        {"type": "notice", "level": "info", "message": "Soon full"},
        {"type": "client_effect", "name": "zoom", "data": {}},
        {"type": "thread.updated", "thread": {"id": "thr_1", "title": "Trip"}},
        {"type": "stream_options", "stream_options": {"allow_cancel": True}},
        {"type": "turn.waiting", "turn": TURN},
        {"type": "error", "code": "custom", "message": "Oh", "allow_retry": False},
    ]
    texts = ["Looking", "Soon full", "zoom", "Trip", "", "", "Oh"]
    expected = [("system_event", event["type"], text) for event, text in zip(events, texts, strict=True)]
    assert normalized(*events) == expected


@pytest.mark.parametrize(
    "event",
    [
        {"type": "from.the.future"},
        {"type": "turn.started", "turn": {}},
        {"type": "thread.item.added", "item": {"type": "hologram", "id": "x"}},
        {"type": "thread.item.updated", "item_id": "x", "update": {"type": "hologram.turned"}},
        {"type": "thread.item.updated"},
        {"type": "thread.item.removed", "item_id": "x"},
        {"type": None},
        {},
    ],
)
def test_what_has_no_other_form_is_passed_on_as_it_is(event: dict[str, Any]) -> None:
    [made] = Normalizer().take(Frame(event, "trn_1", 7))
    assert (made.type, made.raw, made.cursor) == ("raw", event, "trn_1:7")


def test_use_is_told_as_what_was_added() -> None:
    turns = [{**TURN, "usage": {"input_tokens": count}} for count in (10, 25)]
    normalizer = Normalizer()
    made = [normalizer.take(Frame({"type": "turn.usage", "turn": turn}, "trn_1", 1))[0] for turn in turns]
    tokens = [(event.usage.input_tokens, event.total.input_tokens) for event in made if event.type == "usage_delta"]
    assert tokens == [(10, 10), (15, 25)]
