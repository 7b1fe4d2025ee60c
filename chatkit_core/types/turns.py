"""Turns, and the events that tell of them. Only clients that ask for them (`ChatKit-Turns: 1`) get these."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chatkit_core.types._base import WireModel
from chatkit_core.types.threads import Thread
from chatkit_core.types.times import UTCDateTime

TurnStatus = Literal["queued", "running", "waiting", "completed", "failed", "cancelled"]
"""Queued, running and waiting turns are active; the others have ended."""

OnBusy = Literal["enqueue", "reject", "interrupt"]
"""What becomes of a message whose thread has a running turn: it waits, is refused, or ends the running turn."""


class TurnError(WireModel):
    """Why a turn failed."""

    code: str
    """Such as `server.error`, `stream.error`, `server.interrupted`, `server.shutdown`, `limit.max_seconds`."""
    message: str | None = None


class TurnUsage(WireModel):
    """What a turn has used so far, as `respond` has reported it."""

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cost_usd: float = Field(default=0, ge=0)
    steps: int = Field(default=0, ge=0)
    """Calls of a model."""
    tool_calls: int = Field(default=0, ge=0)


class TurnLimits(WireModel):
    """What a turn may use; absent for no limit. One that reaches a limit fails, and what it has said is kept."""

    max_seconds: float | None = Field(default=None, gt=0)
    """Seconds that the turn may run, without those in which it waits."""
    max_events: int | None = Field(default=None, gt=0)
    """Events that `respond` may yield."""
    max_steps: int | None = Field(default=None, gt=0)
    max_tokens: int | None = Field(default=None, gt=0)
    """Input and output tokens together."""
    max_cost_usd: float | None = Field(default=None, gt=0)


class TurnOptions(WireModel):
    """What a client may say of the turn that its op starts."""

    on_busy: OnBusy = "enqueue"
    idempotency_key: str | None = Field(default=None, min_length=1, max_length=200)
    """The same key with the same op gives the same turn; the body's key wins over the header's."""
    sender: dict[str, Any] | None = None
    """Who sends, in the app's own words; kept on the turn."""
    limits: TurnLimits | None = None
    """Limits lower than the server's; higher ones change nothing."""


class TurnQuestion(WireModel):
    """An item that a waiting turn waits for."""

    item_id: str
    kind: Literal["client_tool", "input"]


class TurnMetadata(WireModel):
    """One run of the server's answer, as clients see it."""

    id: str
    thread_id: str
    op: str
    """The op that started the turn, such as `threads.add_user_message`."""
    status: TurnStatus
    created_at: UTCDateTime
    started_at: UTCDateTime | None = None
    ended_at: UTCDateTime | None = None
    waiting_for: list[TurnQuestion] | None = None
    """What a waiting turn waits for."""
    cancel_reason: str | None = None
    """Why a cancelled turn ended: `user`, `disconnected`, `interrupted`, `superseded`, `retried`, `thread.deleted`, or
    what the client said in `turns.cancel`."""
    error: TurnError | None = None
    """Why a failed turn ended."""
    usage: TurnUsage | None = None
    sender: dict[str, Any] | None = None
    """Who sent the op, as the client has said it."""


class ActiveTurn(TurnMetadata):
    """A turn that has not ended, and where to follow it from."""

    cursor: str


class ThreadWithTurn(Thread):
    """A thread, for a client that knows turns."""

    active_turn: ActiveTurn | None = None


class NumberedEvent(WireModel):
    """An event, and its number in the turn."""

    seq: int
    event: dict[str, Any]


class TurnEvents(WireModel):
    """The answer to `turns.events`."""

    events: list[NumberedEvent]
    latest_seq: int
    """The number of the last event that the turn has said so far."""
    next_after_seq: int | None = None
    """What to pass as `after_seq` for the next events; absent once an ended turn's last event is here."""
    has_more: bool
    """Whether there are more events already."""


class ErrorCount(WireModel):
    """How often turns failed with a code."""

    code: str
    count: int


class TurnSummary(WireModel):
    """The answer to `turns.summary`."""

    total: int
    counts: dict[TurnStatus, int]
    """How many turns there are of each status that occurs."""
    failure_rate: float | None = None
    """Failed turns of all that ended, from 0 to 1; absent if none ended."""
    mean_seconds: float | None = None
    """How long turns took from their start to their end, on average."""
    p95_seconds: float | None = None
    """How long the slowest but five in a hundred took (nearest rank)."""
    errors: list[ErrorCount] = Field(default_factory=list)
    """The ten most frequent error codes, the most frequent first."""


class TurnQueuedEvent(WireModel):
    """The turn waits for those before it in its thread."""

    type: Literal["turn.queued"] = "turn.queued"
    turn: TurnMetadata


class TurnStartedEvent(WireModel):
    """The turn is running; or runs again, after it has waited."""

    type: Literal["turn.started"] = "turn.started"
    turn: TurnMetadata


class TurnWaitingEvent(WireModel):
    """The turn waits for a client tool's output, or for a person's answer."""

    type: Literal["turn.waiting"] = "turn.waiting"
    turn: TurnMetadata


class TurnUsageEvent(WireModel):
    """The turn has used more."""

    type: Literal["turn.usage"] = "turn.usage"
    turn: TurnMetadata


class TurnCompletedEvent(WireModel):
    """The turn has ended with its whole answer."""

    type: Literal["turn.completed"] = "turn.completed"
    turn: TurnMetadata


class TurnFailedEvent(WireModel):
    """The turn has ended with an error."""

    type: Literal["turn.failed"] = "turn.failed"
    turn: TurnMetadata


class TurnCancelledEvent(WireModel):
    """The turn was ended before its answer was whole."""

    type: Literal["turn.cancelled"] = "turn.cancelled"
    turn: TurnMetadata


TurnEvent = Annotated[
    TurnQueuedEvent
    | TurnStartedEvent
    | TurnWaitingEvent
    | TurnUsageEvent
    | TurnCompletedEvent
    | TurnFailedEvent
    | TurnCancelledEvent,
    Field(discriminator="type"),
]
"""Every event that tells of a turn."""
