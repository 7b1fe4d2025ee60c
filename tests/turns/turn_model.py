"""The parts of the model of a thread: its turns, and the items that they make."""

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_QUEUED = 3


class RefusedError(Exception):
    """An op that the server must refuse; the argument is the error's code."""


@dataclass(eq=False)
class Item:
    kind: str
    """user, said, widget, call or input."""
    text: str
    status: str = ""
    """Of questions (call and input): pending, completed, answered or skipped."""

    def __str__(self) -> str:
        return " ".join(filter(None, [self.kind, self.text, self.status]))

    @property
    def is_pending(self) -> bool:
        return self.status == "pending"

    def answer(self) -> None:
        self.status = {"call": "completed", "input": "answered"}[self.kind]

    def supersede(self) -> None:
        self.status = {"call": "completed", "input": "skipped"}[self.kind]


@dataclass(eq=False)
class Turn:
    op: str
    """message, retry, answer or action."""
    brings: Item | None = None
    """The message that it brings, or that is answered again; or the answered question."""
    says_only: bool = False
    """Whether it only says what was answered, since other calls are pending."""
    status: str = "queued"
    why: str = ""
    """How it ended: the reason, or the error's code."""
    open: list[Item] = field(default_factory=list)
    questions: list[Item] = field(default_factory=list)
    """What it has asked and nobody has answered."""
    server: int = 0
    """Which server has it, or had it last."""
    in_place: bool = False
    """Whether `respond` is there while it waits."""
    is_answered: bool = False
    """Whether it goes on as soon as the thread is free."""
    answered: list[Item] = field(default_factory=list)
    """What was answered, and is said so when it starts or goes on."""
    set_aside: list[Item] = field(default_factory=list)
    items_done: int = 0
    runs: int = 0
    """How often `respond` was run."""
    asked: int = 0
    """How many questions this run of `respond` has asked by `reply.ask`."""
    answers: int = 0
    """How many of them are answered for good."""

    @property
    def supersedes(self) -> bool:
        return self.op in ("message", "retry")

    @property
    def is_active(self) -> bool:
        return self.status in ("queued", "running", "waiting")

    @property
    def text(self) -> Item | None:
        return next((item for item in self.open if item.kind == "said"), None)

    @property
    def has_widget(self) -> bool:
        return any(item.kind == "widget" for item in self.open)

    @property
    def widget(self) -> Item:
        return next(item for item in self.open if item.kind == "widget")


def outcome(change: Callable[[], Turn]) -> tuple[Turn | None, str]:
    """Return the turn, or the code of the refusal."""
    try:
        return change(), ""
    except RefusedError as refused:
        return None, str(refused)
