from typing import Any

from visiting import Event, message, renamed, visiting

PAGE = {
    "title": "Server-sent events",
    "type": "url",
    "url": "https://html.spec.whatwg.org/multipage/server-sent-events.html",
}
NOTE = {"type": "annotation", "source": PAGE, "index": 36}


def task(type: str, status: str, **fields: Any) -> dict[str, Any]:
    return {"status_indicator": status, "type": type, **fields}


THOUGHT = task("thought", "complete", content="I should look this up.")
SEARCHING = task("web_search", "loading", queries=["event stream format"], sources=[])
FOUND = task("web_search", "complete", queries=["event stream format"], sources=[PAGE])


def workflow(**content: Any) -> dict[str, Any]:
    workflow = {"type": "reasoning", "expanded": False, **content}
    return {
        "id": "<wf 1>",
        "thread_id": "<thr 1>",
        "created_at": "<time>",
        "type": "workflow",
        "workflow": workflow,
    }


def updated(name: str, update: str, **fields: Any) -> dict[str, Any]:
    return {"type": "thread.item.updated", "item_id": name, "update": {"type": update, **fields}}


def annotated_message() -> list[Event]:
    added, part_added, first, second, part_done, done = message("<msg 2>", "Events are separated ", "by blank lines.")
    part_done["update"]["content"]["annotations"] = [NOTE]
    done["item"]["content"][0]["annotations"] = [NOTE]
    annotated = updated(
        "<msg 2>",
        "assistant_message.content_part.annotation_added",
        content_index=0,
        annotation_index=0,
        annotation=NOTE,
    )
    return [added, part_added, first, second, annotated, part_done, done]


async def test_the_user_can_watch_the_work_and_gets_the_text_with_its_source() -> None:
    async with visiting("workflow") as visitor:
        events = await visitor.say("How do events end?")
    assert events == [
        {"type": "progress_update", "icon": "sparkle", "text": "Thinking …"},
        {"type": "thread.item.added", "item": workflow(tasks=[])},
        updated("<wf 1>", "workflow.task.added", task_index=0, task=THOUGHT),
        updated("<wf 1>", "workflow.task.added", task_index=1, task=SEARCHING),
        updated("<wf 1>", "workflow.task.updated", task_index=1, task=FOUND),
        {"type": "thread.item.done", "item": workflow(tasks=[THOUGHT, FOUND], summary={"duration": 0})},
        *annotated_message(),
        renamed("How do events end?"),
    ]
