"""A server whose replies do what a test tells them to, one step at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

from turn_model import MAX_QUEUED

from chatkit_core import ChatServer, current_turn, reply
from chatkit_core.store import Store
from chatkit_core.turn_log import TurnRecord
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    ClientEffectEvent,
    ClientToolCallItem,
    StructuredInputFreeform,
    StructuredInputItem,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    UserMessageItem,
    WidgetItem,
    WidgetRootUpdated,
    utc_now,
)
from chatkit_core.widgets import Card, Text

ADA = {"user_id": "ada"}
Step = tuple[str, str]
"""What a reply does next, and with which text."""


class Reply:
    """One run of `respond`, which waits for its next step."""

    def __init__(self, on_idle: Callable[[], None]) -> None:
        self.is_idle = False
        self.is_asking = False
        self._steps: asyncio.Queue[Step] = asyncio.Queue()
        self._on_idle = on_idle
        self._widget: WidgetItem | None = None

    def do(self, *step: str) -> None:
        what, text = step
        self.is_idle = False
        self._steps.put_nowait((what, text))

    async def events(self) -> AsyncIterator[Any]:
        while True:
            match await self._next():
                case "say", text:
                    yield text
                case "item", text:
                    yield ThreadItemDoneEvent(item=AssistantMessageItem(content=content(text), **head("message")))
                case "widget-open", text:
                    self._widget = WidgetItem(widget=card(text), **head("message"))
                    yield ThreadItemAddedEvent(item=self._widget)
                case "widget-update", text:
                    yield ThreadItemUpdatedEvent(
                        item_id=self._show(text).id, update=WidgetRootUpdated(widget=card(text))
                    )
                case "widget-close", text:
                    yield ThreadItemDoneEvent(item=self._show(text))
                case "progress", text:
                    yield reply.progress(text)
                case "effect", text:
                    yield ClientEffectEvent(name=text)
                case "call", text:
                    yield reply.client_tool_call(text, {})
                case "input", text:
                    yield reply.structured_input([question(text)])
                case "ask", text:
                    self.is_asking = True
                    await reply.ask(question(text))
                    self.is_asking = False
                case "fail", text:
                    raise RuntimeError(text)
                case _:
                    return

    async def _next(self) -> Step:
        self.is_idle = self._steps.empty()
        self._on_idle()
        return await self._steps.get()

    def _show(self, text: str) -> WidgetItem:
        assert self._widget is not None
        self._widget = self._widget.model_copy(update={"widget": card(text)})
        return self._widget


class Stage:
    """Where the replies of all servers are.

    Args:
        on_change: called when a reply has nothing more to do.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.replies: dict[str, Reply] = {}
        """By turn."""
        self.runs: Counter[str] = Counter()
        """How often a reply was begun, by turn."""
        self.most_at_once: Counter[str] = Counter()
        """How many replies a thread has had at once, without those that wait for an answer."""
        self._on_change = on_change
        self._there: dict[Reply, tuple[str, int]] = {}

    async def play(self, turn_id: str, thread_id: str, server: int) -> AsyncIterator[Any]:
        """Yield what the turn's reply is told to say."""
        one = self.replies[turn_id] = Reply(self._look)
        self.runs[turn_id] += 1
        self._there[one] = thread_id, server
        try:
            async for event in one.events():
                yield event
        finally:
            self._there.pop(one, None)
            if self.replies[turn_id] is one:
                del self.replies[turn_id]

    def forget(self, server: int) -> None:
        """The server's replies do not count any more: nobody hears them."""
        self._there = {one: where for one, where in self._there.items() if where[1] != server or one.is_asking}

    def _look(self) -> None:
        self.most_at_once |= Counter(thread_id for one, (thread_id, _) in self._there.items() if not one.is_asking)
        self._on_change()


class DrivenServer(ChatServer[dict[str, str]]):
    """Its replies are on the stage, where servers have numbers."""

    lease_seconds: ClassVar[float] = 3.0
    cancel_grace: ClassVar[float] = 5.0
    max_queued: ClassVar[int] = MAX_QUEUED

    def __init__(self, store: Store[Any], stage: Stage, number: int) -> None:
        super().__init__(store)
        self._stage = stage
        self._number = number

    async def respond(self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any) -> Any:
        async for event in self._reply(thread.id):
            yield event

    async def action(self, thread: ThreadMetadata, action: Any, sender: Any, context: Any) -> Any:
        async for event in self._reply(thread.id):
            yield event

    async def generate_title(self, thread: ThreadMetadata, message: UserMessageItem, context: Any) -> str | None:
        return None

    def context_for(self, turn: TurnRecord) -> Any:
        return ADA

    def _reply(self, thread_id: str) -> AsyncIterator[Any]:
        return self._stage.play(current_turn().id, thread_id, self._number)


def described(item: ThreadItem) -> str:
    """Return the item as the model names it."""
    match item:
        case UserMessageItem():
            return f"user {item.content[0].text}"
        case AssistantMessageItem():
            return f"said {''.join(part.text for part in item.content)}"
        case WidgetItem(widget=Card(children=[Text(value=text)])):
            return f"widget {text}"
        case ClientToolCallItem():
            return f"call {item.name} {item.status}"
        case StructuredInputItem():
            return f"input {item.inputs[0].id} {item.status}"
        case _:
            return item.type


def head(type: Any) -> dict[str, Any]:
    turn = current_turn()
    return {"id": turn.new_id(type), "thread_id": turn.thread.id, "created_at": utc_now()}


def content(text: str) -> list[AssistantMessageContent]:
    return [AssistantMessageContent(text=text)]


def card(text: str) -> Card:
    return Card(children=[Text(value=text)])


def question(text: str) -> StructuredInputFreeform:
    return StructuredInputFreeform(id=text, question=text)
