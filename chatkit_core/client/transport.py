"""What the client needs of whatever brings its ops to a server."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from chatkit_core.client.frames import Op
from chatkit_core.sse import ServerSentEvent


@dataclass(frozen=True, slots=True)
class Stream:
    """The answer to an op that streams.

    Args:
        turn_id: the turn that it is of; None if it follows a thread.
        events: what comes.
    """

    turn_id: str | None
    events: AsyncIterator[ServerSentEvent]


class Transport(Protocol):
    """Brings ops to a server, as a client that knows turns.

    Every method raises `RefusedError` if the server refuses, and `ConnectionLostError` if it cannot be reached or hangs
    up before the answer is whole.
    """

    async def call(self, op: Op, *, takes: float = 0.0) -> Any:
        """Return the JSON that the op is answered with.

        Args:
            takes: seconds that the server may take for it on purpose.
        """

    def stream(self, op: Op) -> AbstractAsyncContextManager[Stream]:
        """Answer with a stream, which is closed in the end; that does nothing to the turn."""

    async def upload(self, url: str, method: str, headers: Mapping[str, str], data: bytes) -> None:
        """Send the bytes of an attachment to where its record says."""

    async def aclose(self) -> None:
        """Close all connections."""
