"""What the engine needs to go on with a turn in another process, or after a restart; it stands in the turn's row."""

from pydantic import Field

from chatkit_core.types import StructuredInputItem, ThreadItem, TurnLimits, UserMessageItem
from chatkit_core.types._base import WireModel


class TurnState(WireModel):
    """The engine's own notes on a turn."""

    message: UserMessageItem | None = None
    """The message that the turn answers, or brings to the thread when it starts."""
    set_aside: list[ThreadItem] = Field(default_factory=list)
    """What a retry has taken out of the thread; it comes back if the turn ends without an item done."""
    asked: dict[str, str] = Field(default_factory=dict)
    """By the id of a question that `reply.ask` has put: the key that its answer is kept under."""
    answers: dict[str, StructuredInputItem] = Field(default_factory=dict)
    """The answered questions of `reply.ask`, by key."""
    answered: list[ThreadItem] = Field(default_factory=list)
    """What was answered since `respond` last ran, in that order."""
    rest: str | None = None
    """Names the last time that the turn went to rest."""
    limits: TurnLimits = Field(default_factory=TurnLimits)
    seconds: float = 0
    """How long the turn has run so far, without the time in which it waited."""
    events: int = 0
    """How many events `respond` has yielded so far."""

    def to_bytes(self) -> bytes:
        """Return it as it stands in the turn's row."""
        noted = {name for name, value in self if value}
        return self.model_dump_json(by_alias=True, exclude_none=True, include=noted).encode()
