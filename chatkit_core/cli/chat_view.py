"""How a conversation looks in a terminal."""

from rich.console import Console

from chatkit_core.client import PlanUpdated, RunEvent
from chatkit_core.types import (
    AssistantMessageItem,
    ClientToolCallItem,
    GeneratedImageItem,
    StructuredInputItem,
    TaskItem,
    ThreadItem,
    UserMessageItem,
    WidgetItem,
)


class View:
    """Prints events as they come, and items of before."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._in_line = False
        """Whether the last line has no end yet."""
        self._tasks: dict[tuple[str, int], str] = {}
        """The lines of tasks, which are printed again only if they say something else."""
        self._shown: set[str] = set()
        """Items that were printed whole; what an event says of them is not printed again."""

    def show(self, event: RunEvent) -> None:
        """Print what an event says to a person."""
        item_id = getattr(event, "item_id", None) or getattr(getattr(event, "item", None), "id", None)
        if item_id in self._shown:
            return
        match event.type:
            case "agent_message_delta":
                self._append(event.delta, "")
            case "reasoning_delta":
                self._append(event.delta, "dim italic")
            case "plan_updated":
                self._task(event)
            case "item_completed" if isinstance(event.item, AssistantMessageItem):
                self.end_line()
            case "item_completed" if not isinstance(event.item, UserMessageItem):
                self._item(event.item)
            case "system_event" if event.name in ("progress_update", "client_effect"):
                self.note(f"({event.text})")
            case "system_event" if event.name == "notice":
                self.note(event.text, "yellow")
            case "failed":
                self.note(event.message or f"The reply has failed: {event.code}.", "red")
            case "cancelled":
                self.note("Stopped.", "yellow")

    def show_item(self, item: ThreadItem) -> None:
        """Print an item of before."""
        self._shown.add(item.id)
        match item:
            case UserMessageItem():
                self.note(f"> {item.text}", "bold")
            case AssistantMessageItem():
                self.note(item.text, "")
            case _:
                self._item(item)

    def note(self, text: str, style: str = "dim") -> None:
        """Print a line."""
        self.end_line()
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def end_line(self) -> None:
        """Begin a new line, unless there is nothing on this one."""
        if self._in_line:
            self._console.print()
            self._in_line = False

    def _task(self, event: PlanUpdated) -> None:
        line = f"- {event.task.title or event.task.type}"
        place = event.item_id, event.task_index
        if self._tasks.get(place) != line:
            self._tasks[place] = line
            self.note(line)

    def _append(self, text: str, style: str) -> None:
        if text:
            self._console.print(text, style=style, end="", markup=False, highlight=False, soft_wrap=True)
            self._in_line = not text.endswith("\n")

    def _item(self, item: ThreadItem) -> None:
        match item:
            case ClientToolCallItem():
                arguments = ", ".join(f"{name}={value!r}" for name, value in item.arguments.items())
                self.note(f"[{item.name}({arguments})]")
            case WidgetItem():
                self.note(f"[{item.copy_text or 'a widget, which a terminal cannot show'}]")
            case TaskItem():
                self.note(f"- {item.task.title or item.task.type}")
            case GeneratedImageItem() if item.image is not None:
                self.note(f"[an image: {item.image.url if len(item.image.url) < 200 else 'too long to show'}]")
            case StructuredInputItem() if item.status != "pending":
                for question in item.inputs:
                    values = question.answer.values if question.answer else []
                    self.note(f"{question.question} {', '.join(values) or '(skipped)'}")
