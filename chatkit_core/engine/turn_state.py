"""What the engine needs to go on with a turn in another process, or after a restart; it stands in the turn's row."""

import functools
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from chatkit_core.types import StructuredInputItem, ThreadItem, TurnLimits, UserMessageItem


@dataclass(slots=True)
class TurnState:
    """The engine's own notes on a turn. (A dataclass, because every turn has one: it is a third of a model's size.)"""

    message: UserMessageItem | None = None
    """The message that the turn answers, or brings to the thread when it starts."""
    set_aside: list[ThreadItem] = field(default_factory=list)
    """What a retry has taken out of the thread; it comes back if the turn ends without an item done."""
    asked: dict[str, str] = field(default_factory=dict)
    """By the id of a question that `reply.ask` has put: the key that its answer is kept under."""
    answers: dict[str, StructuredInputItem] = field(default_factory=dict)
    """The answered questions of `reply.ask`, by key."""
    answered: list[ThreadItem] = field(default_factory=list)
    """What was answered since `respond` last ran, in that order."""
    rest: str | None = None
    """Names the last time that the turn went to rest."""
    limits: TurnLimits = field(default_factory=TurnLimits)
    seconds: float = 0
    """How long the turn has run so far, without the time in which it waited."""
    events: int = 0
    """How many events `respond` has yielded so far."""

    @classmethod
    def from_bytes(cls, data: bytes) -> "TurnState":
        """Return what `to_bytes` returned of it."""
        return _adapter().validate_json(data)

    def to_bytes(self) -> bytes:
        """Return it as it stands in the turn's row."""
        noted = {name for name in self.__slots__ if getattr(self, name)}
        return _adapter().dump_json(self, by_alias=True, exclude_none=True, include=noted)


@functools.cache
def _adapter() -> TypeAdapter[TurnState]:
    return TypeAdapter(TurnState)
