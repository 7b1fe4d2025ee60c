"""What an item is while it is streamed: a pending item, and how updates change it. No I/O.

Appending text costs what the text costs, not what the item has grown to: text gathers in buffers, and the item is put
together only when somebody asks for it.
"""

from abc import ABC, abstractmethod
from io import StringIO

from chatkit_core.engine.text import DeltaJoiner
from chatkit_core.engine.widget_tree import WidgetTree
from chatkit_core.errors import InvalidEventError
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    GeneratedImageItem,
    GeneratedImageUpdated,
    ThreadItem,
    ThreadItemUpdate,
    WidgetComponentUpdated,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

MAX_PARTS = 1_000
"""An update for a part beyond this is a mistake, not a message."""


class PendingItem(ABC):
    """An item that is being streamed."""

    @abstractmethod
    def apply(self, update: ThreadItemUpdate) -> None:
        """Change the item.

        Raises:
            InvalidEventError: the update is not one for this type of item, or points outside of it.
        """

    @abstractmethod
    def snapshot(self) -> ThreadItem:
        """Return the item as it is now."""

    def is_empty(self) -> bool:
        """Return whether there is nothing yet that a user would miss."""
        return False


def pending_item(item: ThreadItem) -> PendingItem:
    """Return the pending form of an item that was just added."""
    match item:
        case AssistantMessageItem():
            return PendingMessage(item)
        case WidgetItem():
            return _PendingWidget(item)
        case WorkflowItem():
            return _PendingWorkflow(item)
        case GeneratedImageItem():
            return _PendingImage(item)
        case _:
            return WholeItem(item.model_copy(deep=True))


def is_empty(item: ThreadItem) -> bool:
    """Return whether an item has nothing yet that a user would miss."""
    return pending_item(item).is_empty()


class TextPart:
    """One part of a pending message."""

    __slots__ = ("annotations", "append", "buffer", "joiner")

    def __init__(self, content: AssistantMessageContent | None = None) -> None:
        self.buffer = StringIO()
        self.append = self.buffer.write
        self.joiner = DeltaJoiner()
        self.annotations = list(content.annotations) if content else []
        if content:
            self.append(content.text)

    def content(self) -> AssistantMessageContent:
        return AssistantMessageContent(text=self.buffer.getvalue(), annotations=list(self.annotations))


class PendingMessage(PendingItem):
    """An assistant message that is being streamed."""

    def __init__(self, item: AssistantMessageItem) -> None:
        self._item = item
        self._parts = [TextPart(content) for content in item.content]

    def part(self, index: int) -> TextPart:
        """Return a part; the parts up to it come into being, since an update may come before its part."""
        _check_index("content_index", index, MAX_PARTS)
        while len(self._parts) <= index:
            self._parts.append(TextPart())
        return self._parts[index]

    def apply(self, update: ThreadItemUpdate) -> None:
        match update:
            case AssistantMessageContentPartTextDelta():
                self.part(update.content_index).append(update.delta)
            case AssistantMessageContentPartAdded() | AssistantMessageContentPartDone():
                self.part(update.content_index)
                self._parts[update.content_index] = TextPart(update.content)
            case AssistantMessageContentPartAnnotationAdded():
                _check_index("annotation_index", update.annotation_index, MAX_PARTS)
                annotations = self.part(update.content_index).annotations
                annotations.insert(update.annotation_index, update.annotation)
            case _:
                raise _misfit(update, self._item)

    def snapshot(self) -> AssistantMessageItem:
        return self._item.model_copy(update={"content": [part.content() for part in self._parts]})

    def is_empty(self) -> bool:
        return not any(part.buffer.getvalue().strip() for part in self._parts)


class _PendingWidget(PendingItem):
    def __init__(self, item: WidgetItem) -> None:
        self._item = item
        self._tree = WidgetTree(item.widget)

    def apply(self, update: ThreadItemUpdate) -> None:
        match update:
            case WidgetRootUpdated():
                self._tree = WidgetTree(update.widget)
            case WidgetComponentUpdated():
                self._tree.replace(update.component_id, update.component)
            case WidgetStreamingTextValueDelta():
                self._tree.append_text(update.component_id, update.delta, done=update.done)
            case _:
                raise _misfit(update, self._item)

    def snapshot(self) -> WidgetItem:
        return self._item.model_copy(update={"widget": self._tree.build()})


class _PendingWorkflow(PendingItem):
    def __init__(self, item: WorkflowItem) -> None:
        self._item = item.model_copy(deep=True)

    def apply(self, update: ThreadItemUpdate) -> None:
        tasks = self._item.workflow.tasks
        match update:
            case WorkflowTaskAdded():
                _check_index("task_index", update.task_index, MAX_PARTS)
                tasks.insert(update.task_index, update.task.model_copy(deep=True))
            case WorkflowTaskUpdated():
                _check_index("task_index", update.task_index, len(tasks))
                tasks[update.task_index] = update.task.model_copy(deep=True)
            case _:
                raise _misfit(update, self._item)

    def snapshot(self) -> WorkflowItem:
        return self._item.model_copy(deep=True)

    def is_empty(self) -> bool:
        return not self._item.workflow.tasks and self._item.workflow.summary is None


class _PendingImage(PendingItem):
    def __init__(self, item: GeneratedImageItem) -> None:
        self._item = item

    def apply(self, update: ThreadItemUpdate) -> None:
        if not isinstance(update, GeneratedImageUpdated):
            raise _misfit(update, self._item)
        self._item = self._item.model_copy(update={"image": update.image})

    def snapshot(self) -> GeneratedImageItem:
        return self._item

    def is_empty(self) -> bool:
        return self._item.image is None


class WholeItem(PendingItem):
    """An item that has all it will have: it is being saved, or its type has no updates."""

    def __init__(self, item: ThreadItem) -> None:
        self._item = item

    def apply(self, update: ThreadItemUpdate) -> None:
        raise _misfit(update, self._item)

    def snapshot(self) -> ThreadItem:
        return self._item


def _check_index(name: str, index: int, count: int) -> None:
    if not 0 <= index < count:
        raise InvalidEventError(f"{name} {index} is not one of the {count} there can be.")


def _misfit(update: ThreadItemUpdate, item: ThreadItem) -> InvalidEventError:
    return InvalidEventError(f"{update.type!r} is not an update of a {item.type!r} item ({item.id!r}).")
