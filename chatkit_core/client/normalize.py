"""From the events of the wire to those of the client, without I/O."""

import functools
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chatkit_core.client.events import (
    AgentMessageDelta,
    ApprovalResolved,
    Cancelled,
    Completed,
    Failed,
    ItemCompleted,
    ItemStarted,
    PlanUpdated,
    Raw,
    ReasoningDelta,
    RunEvent,
    SystemEvent,
    TurnStarted,
    UsageDelta,
)
from chatkit_core.client.frames import Frame
from chatkit_core.types import (
    AssistantMessageItem,
    ClientToolCallItem,
    StructuredInputItem,
    Task,
    ThoughtTask,
    ThreadItem,
    TurnMetadata,
    TurnUsage,
    WorkflowItem,
)


class Normalizer:
    """Knows the items that are open, so that the deltas of an item add up to the whole, however it was said.

    An event that this version cannot read becomes `raw`, as one does that has no other form.
    """

    def __init__(self) -> None:
        self._texts: dict[tuple[str, int], list[str]] = {}
        """What was said of each part of an open message, and of each thought of an open workflow."""
        self._workflows: dict[str, str] = {}
        """The types of open workflows."""
        self._tasks: dict[tuple[str, int], Task] = {}
        """The tasks of open workflows, but for thoughts."""
        self._used: dict[str, TurnUsage] = {}
        """What each turn has used so far."""
        self._allow_retry: dict[str, bool] = {}
        """What the error of each turn said."""

    def take(self, frame: Frame) -> list[RunEvent]:
        """Return what the event says; the last one stands for the whole of it."""
        try:
            return self._take(frame)
        except (ValidationError, KeyError, TypeError, AttributeError, ValueError):
            return [Raw(raw=frame.event, cursor=frame.cursor)]

    def _take(self, frame: Frame) -> list[RunEvent]:
        event = frame.event
        kind = frame.type
        origin: dict[str, Any] = {"raw": event, "cursor": frame.cursor}
        match kind:
            case "thread.item.updated":
                return self._updated(event["item_id"], event["update"], origin)
            case "thread.item.added":
                item = _items().validate_python(event["item"])
                return [ItemStarted(item, **origin), *self._contents(item, origin)]
            case "thread.item.done":
                item = _items().validate_python(event["item"])
                return [*self._contents(item, origin), self._completed(item, origin)]
            case "thread.item.replaced":
                return [self._replaced(_items().validate_python(event["item"]), origin)]
            case "thread.item.removed":
                self._forget(event["item_id"])
                return [Raw(**origin)]
            case "error":
                self._allow_retry[frame.turn_id] = bool(event.get("allow_retry"))
                return [SystemEvent(kind, str(event.get("message") or ""), **origin)]
            case "thread.created" | "thread.updated":
                return [SystemEvent(kind, str(event["thread"].get("title") or ""), **origin)]
            case "progress_update":
                return [SystemEvent(kind, str(event["text"]), **origin)]
            case "notice":
                return [SystemEvent(kind, str(event["message"]), **origin)]
            case "client_effect":
                return [SystemEvent(kind, str(event["name"]), **origin)]
            case "stream_options":
                return [SystemEvent(kind, **origin)]
            case _ if kind.startswith("turn."):
                return [self._turn(kind, TurnMetadata.model_validate(event["turn"]), origin)]
        return [Raw(**origin)]

    # Items

    def _updated(self, item_id: str, update: dict[str, Any], origin: dict[str, Any]) -> list[RunEvent]:
        match update["type"]:
            case "assistant_message.content_part.text_delta":
                index, delta = int(update["content_index"]), str(update["delta"])
                self._texts.setdefault((item_id, index), []).append(delta)
                return [AgentMessageDelta(item_id, delta, index, **origin)]
            case "assistant_message.content_part.added" | "assistant_message.content_part.done":
                index, text = int(update["content_index"]), str(update["content"]["text"])
                return self._text(item_id, index, text, origin) or [Raw(**origin)]
            case "workflow.task.added" | "workflow.task.updated":
                task = _any_task().validate_python(update["task"])
                return self._task(item_id, int(update["task_index"]), task, origin) or [Raw(**origin)]
        return [Raw(**origin)]

    def _contents(self, item: ThreadItem, origin: dict[str, Any]) -> list[RunEvent]:
        """Return what the item holds that was not said yet."""
        events: list[RunEvent] = []
        if isinstance(item, AssistantMessageItem):
            for index, part in enumerate(item.content):
                events += self._text(item.id, index, part.text, origin)
        elif isinstance(item, WorkflowItem):
            self._workflows[item.id] = item.workflow.type
            for index, task in enumerate(item.workflow.tasks):
                events += self._task(item.id, index, task, origin)
        return events

    def _text(self, item_id: str, index: int, text: str, origin: dict[str, Any]) -> list[RunEvent]:
        rest = self._rest(item_id, index, text)
        return [AgentMessageDelta(item_id, rest, index, **origin)] if rest else []

    def _task(self, item_id: str, index: int, task: Task, origin: dict[str, Any]) -> list[RunEvent]:
        if isinstance(task, ThoughtTask) and self._workflows.get(item_id) == "reasoning":
            rest = self._rest(item_id, index, task.content)
            return [ReasoningDelta(item_id, rest, index, **origin)] if rest else []
        if self._tasks.get((item_id, index)) == task:
            return []
        self._tasks[item_id, index] = task
        return [PlanUpdated(item_id, task, index, **origin)]

    def _rest(self, item_id: str, index: int, text: str) -> str:
        """Return what comes after that which was said; nothing, if the text is another one."""
        pieces = self._texts.setdefault((item_id, index), [])
        said = "".join(pieces)
        self._texts[item_id, index] = [text]
        return text[len(said) :] if text.startswith(said) else ""

    def _completed(self, item: ThreadItem, origin: dict[str, Any]) -> RunEvent:
        self._forget(item.id)
        return ItemCompleted(item, **origin)

    def _replaced(self, item: ThreadItem, origin: dict[str, Any]) -> RunEvent:
        if isinstance(item, ClientToolCallItem | StructuredInputItem) and item.status != "pending":
            return ApprovalResolved(item, **origin)
        return self._completed(item, origin)

    def _forget(self, item_id: str) -> None:
        self._workflows.pop(item_id, None)
        for known in (self._texts, self._tasks):
            for key in [key for key in known if key[0] == item_id]:
                del known[key]

    # Turns

    def _turn(self, kind: str, turn: TurnMetadata, origin: dict[str, Any]) -> RunEvent:
        match kind:
            case "turn.started":
                return TurnStarted(turn, **origin)
            case "turn.usage":
                total = turn.usage or TurnUsage()
                before = self._used.get(turn.id, TurnUsage())
                self._used[turn.id] = total
                return UsageDelta(_difference(total, before), total, **origin)
            case "turn.completed":
                return Completed(turn, **origin)
            case "turn.failed":
                code = turn.error.code if turn.error else "server.error"
                message = (turn.error.message if turn.error else None) or ""
                return Failed(turn, code, message, self._allow_retry.pop(turn.id, False), **origin)
            case "turn.cancelled":
                return Cancelled(turn, turn.cancel_reason or "", **origin)
        return SystemEvent(kind, **origin)


def _difference(total: TurnUsage, before: TurnUsage) -> TurnUsage:
    counts = {name: getattr(total, name) - getattr(before, name) for name in TurnUsage.model_fields}
    return TurnUsage.model_construct(**counts)


@functools.cache
def _items() -> TypeAdapter[ThreadItem]:
    return TypeAdapter(ThreadItem)


@functools.cache
def _any_task() -> TypeAdapter[Task]:
    return TypeAdapter(Task)
