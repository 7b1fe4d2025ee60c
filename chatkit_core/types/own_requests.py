"""Ops that ChatKit's protocol does not have."""

from typing import Annotated, Literal

from pydantic import Field

from chatkit_core.types._base import WireModel
from chatkit_core.types.requests import BaseReq, NonStreamingReq, StreamingReq
from chatkit_core.types.times import UTCDateTime
from chatkit_core.types.turns import TurnStatus


class ThreadStartParams(WireModel):
    """What the new thread begins with."""

    key: str | None = Field(default=None, min_length=1, max_length=200)
    """The app's name for the thread; if the owner has a thread with this key, it is returned, and none is made."""
    title: str | None = None


class ThreadsStartReq(BaseReq):
    """Makes an empty thread, or returns the one with the key."""

    type: Literal["threads.start"] = "threads.start"
    params: ThreadStartParams = Field(default_factory=ThreadStartParams)


class ThreadArchiveParams(WireModel):
    """Names the thread."""

    thread_id: str


class ThreadsArchiveReq(BaseReq):
    """Takes a thread out of the list of threads."""

    type: Literal["threads.archive"] = "threads.archive"
    params: ThreadArchiveParams


class ThreadsUnarchiveReq(BaseReq):
    """Brings an archived thread back into the list."""

    type: Literal["threads.unarchive"] = "threads.unarchive"
    params: ThreadArchiveParams


class ThreadSetModeParams(WireModel):
    """The thread's new mode."""

    thread_id: str
    mode: str | None = Field(default=None, max_length=200)
    """A word of the app's own, which `respond` may go by; absent for none."""


class ThreadsSetModeReq(BaseReq):
    """Sets or clears a thread's mode."""

    type: Literal["threads.set_mode"] = "threads.set_mode"
    params: ThreadSetModeParams


class TurnGetParams(WireModel):
    """Names the turn."""

    turn_id: str


class TurnsGetReq(BaseReq):
    """Asks for a turn as it is now."""

    type: Literal["turns.get"] = "turns.get"
    params: TurnGetParams


class TurnListParams(WireModel):
    """Which of the owner's turns, and which page of them."""

    thread_id: str | None = None
    """Only this thread's."""
    status: TurnStatus | list[TurnStatus] | None = None
    """Only turns of this status, or of one of these."""
    since: UTCDateTime | None = None
    """Only turns created then or later."""
    until: UTCDateTime | None = None
    """Only turns created before then."""
    limit: int | None = None
    order: Literal["asc", "desc"] = "desc"
    """By creation; `desc`: newest first."""
    after: str | None = None
    """The `after` of the page before; absent for the first page."""


class TurnsListReq(BaseReq):
    """Asks for turns."""

    type: Literal["turns.list"] = "turns.list"
    params: TurnListParams = Field(default_factory=TurnListParams)


class TurnEventsParams(WireModel):
    """Which events of which turn."""

    turn_id: str
    after_seq: int = Field(default=0, ge=0)
    """The number of the last event that is known."""
    limit: int | None = None
    """Events, 100 by default and 1,000 at most."""


class TurnsEventsReq(BaseReq):
    """Asks for what a turn has said, for clients that poll."""

    type: Literal["turns.events"] = "turns.events"
    params: TurnEventsParams


class TurnFollowParams(WireModel):
    """What to follow: a turn, or a thread."""

    turn_id: str | None = None
    thread_id: str | None = None
    after: str | None = None
    """The cursor of the last event that is known; absent to begin at the start."""
    wait: bool = False
    """Whether to go on when no turn of the thread is active, until there is a new one."""


class TurnsFollowReq(BaseReq):
    """Asks for a stream of what a turn, or the turns of a thread, say."""

    type: Literal["turns.follow"] = "turns.follow"
    params: TurnFollowParams


class TurnWaitParams(WireModel):
    """Which turn, and how long."""

    turn_id: str
    timeout: float = Field(default=30, ge=0, le=300)
    """Seconds."""


class TurnsWaitReq(BaseReq):
    """Asks for a turn once it has ended or waits for an answer, or once the time is over; its status says which."""

    type: Literal["turns.wait"] = "turns.wait"
    params: TurnWaitParams


class TurnCancelParams(WireModel):
    """Which turn, and why."""

    turn_id: str
    reason: str = Field(default="user", min_length=1, max_length=200)


class TurnsCancelReq(BaseReq):
    """Asks a turn to end, wherever it runs; what it has said is kept. Nothing happens to one that has ended."""

    type: Literal["turns.cancel"] = "turns.cancel"
    params: TurnCancelParams


class TurnSummaryParams(WireModel):
    """Which of the owner's turns."""

    thread_id: str | None = None
    since: UTCDateTime | None = None
    """Only turns created then or later."""
    until: UTCDateTime | None = None
    """Only turns created before then."""


class TurnsSummaryReq(BaseReq):
    """Asks for how many turns there are, how they ended, and how long they took."""

    type: Literal["turns.summary"] = "turns.summary"
    params: TurnSummaryParams = Field(default_factory=TurnSummaryParams)


ThreadReq = ThreadsStartReq | ThreadsArchiveReq | ThreadsUnarchiveReq | ThreadsSetModeReq
"""An op of ours that is answered with a thread."""

TurnReq = TurnsGetReq | TurnsListReq | TurnsEventsReq | TurnsFollowReq | TurnsWaitReq | TurnsCancelReq | TurnsSummaryReq
"""An op about turns."""

OwnReq = ThreadReq | TurnReq
"""An op that ChatKit's protocol does not have."""

AnyReq = Annotated[StreamingReq | NonStreamingReq | OwnReq, Field(discriminator="type")]
"""Any op."""
