"""Events as they come: what a frame says, and where that stands in its turn."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

from chatkit_core.sse import ServerSentEvent

Op = dict[str, Any]
"""An op, as its JSON is."""

ENDS = frozenset({"turn.completed", "turn.failed", "turn.cancelled"})
"""The events that end a turn."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An event, and its cursor.

    Args:
        event: the event as the server sent it.
        turn_id: the turn that has said it; `""` for what no turn has said, or not yet.
        seq: its number in the turn; 0 if it has none.
    """

    event: dict[str, Any]
    turn_id: str = ""
    seq: int = 0

    @property
    def cursor(self) -> str | None:
        """What to go on from after this event."""
        return f"{self.turn_id}:{self.seq}" if self.turn_id else None

    @property
    def type(self) -> str:
        """The event's type."""
        return str(self.event.get("type", ""))

    @property
    def about(self) -> str:
        """The turn that the event is of or tells of; `""` if it is of none."""
        turn = self.event.get("turn")
        return self.turn_id or (str(turn.get("id", "")) if isinstance(turn, dict) else "")


async def read_frames(events: AsyncIterator[ServerSentEvent]) -> AsyncGenerator[Frame, None]:
    """Yield the frames of a stream. Those that are no JSON objects are left out."""
    last = ""
    async for event in events:
        data = _object(event.data)
        if data is None:
            continue
        if event.id == last:  # a frame without an id keeps that of the frame before, and no id comes twice
            yield Frame(data)
            continue
        last = event.id
        turn_id, _, seq = last.rpartition(":")
        yield Frame(data, turn_id, int(seq)) if turn_id and seq.isdecimal() else Frame(data)


def _object(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
