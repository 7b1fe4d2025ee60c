"""Ops that ChatKit's protocol does not have."""

from typing import Annotated, Literal

from pydantic import Field

from chatkit_core.types._base import WireModel
from chatkit_core.types.requests import BaseReq, NonStreamingReq, StreamingReq


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


OwnReq = ThreadsStartReq | ThreadsArchiveReq | ThreadsUnarchiveReq | ThreadsSetModeReq
"""An op that ChatKit's protocol does not have; it is answered with a thread."""

AnyReq = Annotated[StreamingReq | NonStreamingReq | OwnReq, Field(discriminator="type")]
"""Any op."""
