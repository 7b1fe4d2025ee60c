"""What a client is told while a turn runs: ChatKit's events and those of turns, in a form that is easy to act on.

Each has a `type` to match on, and on `raw` the event that it was made of.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from chatkit_core.types import (
    ClientToolCallItem,
    StructuredInputItem,
    Task,
    ThreadItem,
    TurnMetadata,
    TurnUsage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    raw: dict[str, Any] = field(repr=False)
    """The event as the server sent it."""
    cursor: str | None = None
    """Where to go on after this event; absent for what the turn has not said itself."""


@dataclass(frozen=True, slots=True)
class TurnStarted(_Event):
    """The turn runs; or runs again, after it has waited."""

    type: ClassVar[Literal["turn_started"]] = "turn_started"
    turn: TurnMetadata


@dataclass(frozen=True, slots=True)
class ItemStarted(_Event):
    """An item begins."""

    type: ClassVar[Literal["item_started"]] = "item_started"
    item: ThreadItem


@dataclass(frozen=True, slots=True)
class AgentMessageDelta(_Event):
    """Text to append to a message of the assistant. All of a message add up to its text."""

    type: ClassVar[Literal["agent_message_delta"]] = "agent_message_delta"
    item_id: str
    delta: str
    content_index: int = 0
    """The part of the message."""


@dataclass(frozen=True, slots=True)
class ReasoningDelta(_Event):
    """Text to append to a thought."""

    type: ClassVar[Literal["reasoning_delta"]] = "reasoning_delta"
    item_id: str
    delta: str
    task_index: int = 0
    """The task of the workflow that is the thought."""


@dataclass(frozen=True, slots=True)
class ToolArgumentsDelta(_Event):
    """Text to append to the arguments of a tool call."""

    type: ClassVar[Literal["tool_arguments_delta"]] = "tool_arguments_delta"
    item_id: str
    delta: str


@dataclass(frozen=True, slots=True)
class ItemCompleted(_Event):
    """An item is complete and stored; it takes the place of an earlier one with its id."""

    type: ClassVar[Literal["item_completed"]] = "item_completed"
    item: ThreadItem


@dataclass(frozen=True, slots=True)
class ApprovalResolved(_Event):
    """A client tool's output or a person's answer is there."""

    type: ClassVar[Literal["approval_resolved"]] = "approval_resolved"
    item: ClientToolCallItem | StructuredInputItem


@dataclass(frozen=True, slots=True)
class UsageDelta(_Event):
    """The turn has used more."""

    type: ClassVar[Literal["usage_delta"]] = "usage_delta"
    usage: TurnUsage
    """What it has used since the event of this kind before."""
    total: TurnUsage


@dataclass(frozen=True, slots=True)
class PlanUpdated(_Event):
    """A step of the assistant's work is new, or has changed."""

    type: ClassVar[Literal["plan_updated"]] = "plan_updated"
    item_id: str
    task: Task
    task_index: int = 0


@dataclass(frozen=True, slots=True)
class SubagentProgress(_Event):
    """What another agent does for the turn."""

    type: ClassVar[Literal["subagent_progress"]] = "subagent_progress"
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SystemEvent(_Event):
    """Something that is not part of the conversation: progress, a notice, an effect, a change of the thread."""

    type: ClassVar[Literal["system_event"]] = "system_event"
    name: str
    """The type of the event that this was made of, such as `progress_update`, `notice` or `turn.waiting`."""
    text: str = ""
    """What it says to a person."""


@dataclass(frozen=True, slots=True)
class Completed(_Event):
    """The turn has ended with its whole answer."""

    type: ClassVar[Literal["completed"]] = "completed"
    turn: TurnMetadata


@dataclass(frozen=True, slots=True)
class Failed(_Event):
    """The turn has ended with an error."""

    type: ClassVar[Literal["failed"]] = "failed"
    turn: TurnMetadata
    code: str
    message: str
    allow_retry: bool
    """Whether to offer that it is tried again."""


@dataclass(frozen=True, slots=True)
class Cancelled(_Event):
    """The turn was stopped."""

    type: ClassVar[Literal["cancelled"]] = "cancelled"
    turn: TurnMetadata
    reason: str


@dataclass(frozen=True, slots=True)
class Raw(_Event):
    """Anything else: see `raw`."""

    type: ClassVar[Literal["raw"]] = "raw"


RunEvent = (
    TurnStarted
    | ItemStarted
    | AgentMessageDelta
    | ReasoningDelta
    | ToolArgumentsDelta
    | ItemCompleted
    | ApprovalResolved
    | UsageDelta
    | PlanUpdated
    | SubagentProgress
    | SystemEvent
    | Completed
    | Failed
    | Cancelled
    | Raw
)
"""Any event that a client is told."""
