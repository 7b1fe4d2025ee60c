"""A workflow: what the assistant does on its way to the answer, task by task."""

from typing import Literal

from chatkit_core.turn import current_turn
from chatkit_core.types import (
    DurationSummary,
    Task,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    WorkflowItem,
    WorkflowSummary,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
    utc_now,
)
from chatkit_core.types import Workflow as WorkflowContent


class Workflow:
    """Each method returns the event to yield, and keeps the workflow's state.

        workflow = reply.Workflow("reasoning")
        yield workflow.start()
        yield workflow.add(SearchTask(title="Searching", status_indicator="loading"))
        yield workflow.finish(sources=found)
        yield workflow.end()

    Args:
        type: "reasoning" for a model's thoughts, "custom" for anything else.
        expanded: whether the client shows the tasks unfolded.
    """

    def __init__(self, type: Literal["custom", "reasoning"] = "custom", *, expanded: bool = False) -> None:
        turn = current_turn()
        self.item = WorkflowItem(
            id=turn.new_id("workflow"),
            thread_id=turn.thread.id,
            created_at=utc_now(),
            workflow=WorkflowContent(type=type, tasks=[], expanded=expanded),
        )

    def start(self) -> ThreadItemAddedEvent:
        """Show the workflow, empty."""
        return ThreadItemAddedEvent(item=self.item)

    def add(self, task: Task) -> ThreadItemUpdatedEvent:
        """Add a task. One that is under way has `status_indicator="loading"`."""
        tasks = self.item.workflow.tasks
        tasks.append(task)
        added = WorkflowTaskAdded(task_index=len(tasks) - 1, task=task)
        return ThreadItemUpdatedEvent(item_id=self.item.id, update=added)

    def update(self, index: int = -1, **changes: object) -> ThreadItemUpdatedEvent:
        """Change fields of a task.

        Args:
            index: which task; by default the last one.

        Raises:
            IndexError: there is no such task.
        """
        tasks = self.item.workflow.tasks
        task = tasks[index] = tasks[index].model_copy(update=changes)
        updated = WorkflowTaskUpdated(task_index=index % len(tasks), task=task)
        return ThreadItemUpdatedEvent(item_id=self.item.id, update=updated)

    def finish(self, index: int = -1, **changes: object) -> ThreadItemUpdatedEvent:
        """Change a task as `update` does, and mark it complete."""
        return self.update(index, status_indicator="complete", **changes)

    def end(self, summary: WorkflowSummary | None = None, *, expanded: bool = False) -> ThreadItemDoneEvent:
        """Finish the workflow.

        Args:
            summary: what stands for it when it is folded; by default how many seconds it took.
        """
        seconds = round((utc_now() - self.item.created_at).total_seconds())
        workflow = self.item.workflow.model_copy(
            update={"summary": summary or DurationSummary(duration=seconds), "expanded": expanded}
        )
        return ThreadItemDoneEvent(item=self.item.model_copy(update={"workflow": workflow}))
