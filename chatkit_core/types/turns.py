"""Turns, and the events that tell of them. Only clients that ask for them (`ChatKit-Turns: 1`) get these."""

from typing import Annotated, Literal

from pydantic import Field

from chatkit_core.types._base import WireModel
from chatkit_core.types.times import UTCDateTime

TurnStatus = Literal["queued", "running", "waiting", "completed", "failed", "cancelled"]
"""Queued, running and waiting turns are active; the others have ended."""


class TurnError(WireModel):
    """Why a turn failed."""

    code: str
    """Such as `server.error`, `stream.error`, `server.shutdown`."""
    message: str | None = None


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
    cancel_reason: str | None = None
    """Why a cancelled turn ended: `user`, `disconnected`, `thread.deleted` or `retried`."""
    error: TurnError | None = None
    """Why a failed turn ended."""


class TurnQueuedEvent(WireModel):
    """The turn waits for those before it in its thread."""

    type: Literal["turn.queued"] = "turn.queued"
    turn: TurnMetadata


class TurnStartedEvent(WireModel):
    """The turn is running."""

    type: Literal["turn.started"] = "turn.started"
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
    TurnQueuedEvent | TurnStartedEvent | TurnCompletedEvent | TurnFailedEvent | TurnCancelledEvent,
    Field(discriminator="type"),
]
"""Every event that tells of a turn."""
