"""Threads, their status, and pages of anything."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from chatkit_core.types._base import WireModel
from chatkit_core.types.items import ThreadItem
from chatkit_core.types.times import UTCDateTime

T = TypeVar("T")


class Page(WireModel, Generic[T]):
    """A stretch of a longer list."""

    data: list[T] = []
    has_more: bool = False
    after: str | None = None
    """What asks for the next page: pass it as `after`."""


class ActiveStatus(WireModel):
    """The thread takes messages."""

    type: Literal["active"] = Field(default="active", frozen=True)


class LockedStatus(WireModel):
    """The thread takes no messages for now."""

    type: Literal["locked"] = Field(default="locked", frozen=True)
    reason: str | None = None
    """Shown to the user."""


class ClosedStatus(WireModel):
    """The thread takes no messages any more."""

    type: Literal["closed"] = Field(default="closed", frozen=True)
    reason: str | None = None
    """Shown to the user."""


ThreadStatus = Annotated[ActiveStatus | LockedStatus | ClosedStatus, Field(discriminator="type")]
"""Whether a thread takes messages."""


class ThreadMetadata(WireModel):
    """A thread without its items."""

    title: str | None = None
    id: str = Field(frozen=True)
    created_at: UTCDateTime
    status: ThreadStatus = Field(default_factory=ActiveStatus)
    allowed_image_domains: list[str] | None = None
    """The domains that images in messages may be loaded from; absent means that the page decides."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    """The app's own data about the thread."""


class Thread(ThreadMetadata):
    """A thread with a page of its items."""

    items: Page[ThreadItem]
