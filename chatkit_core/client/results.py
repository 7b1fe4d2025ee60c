"""What a run has brought."""

from dataclasses import dataclass, field

from chatkit_core.types import AssistantMessageItem, ThreadItem, TurnMetadata, TurnQuestion, TurnStatus, TurnUsage


@dataclass(frozen=True, slots=True)
class RunResult:
    """A turn that has ended, or waits for an answer.

    Args:
        turn: the turn as it is then.
        items: what it has brought to the thread, in this order; without the message that it answers.
    """

    turn: TurnMetadata
    items: list[ThreadItem] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the assistant said; an empty line is between messages."""
        said = (item.text for item in self.items if isinstance(item, AssistantMessageItem))
        return "\n\n".join(text for text in said if text)

    @property
    def usage(self) -> TurnUsage:
        """What the turn has used, as far as the server tells."""
        return self.turn.usage or TurnUsage()

    @property
    def status(self) -> TurnStatus:
        """`completed`, `failed`, `cancelled`, or `waiting`."""
        return self.turn.status

    @property
    def turn_id(self) -> str:
        """The turn's id."""
        return self.turn.id

    @property
    def thread_id(self) -> str:
        """The id of the thread that the turn is of."""
        return self.turn.thread_id

    @property
    def waiting_for(self) -> list[TurnQuestion]:
        """What a waiting turn waits for."""
        return self.turn.waiting_for or []
