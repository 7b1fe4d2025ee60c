"""What an answer is that does not come at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


class Frames(Protocol):
    """What a response reads: `take` what is ready, `wait` for more, until `at_end`; go on with what is `then`."""

    @property
    def at_end(self) -> bool:
        """Whether all was taken."""

    def take(self) -> bytes:
        """Return the frames that are ready, `b""` if there are none."""

    def wait(self) -> Awaitable[None]:
        """Wait until there is more to take, there is no more, or `interrupt` is called."""

    def then(self) -> "Frames | None":
        """Return what to read after the end; None if that was all."""

    def interrupt(self) -> None:
        """Let `wait` return now."""

    def close(self) -> None:
        """Stop reading."""


@dataclass(frozen=True, slots=True)
class Streaming:
    """An answer that is a stream.

    Args:
        frames: what is sent.
        turn_id: the turn that it is of; None if it follows a thread.
        on_disconnect: called when the connection closes before the end.
    """

    frames: Frames
    turn_id: str | None
    on_disconnect: Callable[[], None]


def nothing_happens() -> None:
    """What happens to a turn when somebody who follows it goes away."""


class NothingToFollow(Frames):
    """Frames of which there are none."""

    at_end = True

    def take(self) -> bytes:
        return b""

    async def wait(self) -> None:
        return None

    def then(self) -> None:
        return None

    def interrupt(self) -> None:
        return None

    def close(self) -> None:
        return None
