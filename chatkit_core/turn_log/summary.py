"""The figures of `turns.summary`, from one row a turn."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from chatkit_core.types.turns import ErrorCount, TurnMetadata, TurnStatus, TurnSummary

_ENDED: tuple[TurnStatus, ...] = ("completed", "failed", "cancelled")


class Outcome(NamedTuple):
    """How a turn went: its status, the seconds from its start to its end, and why it failed."""

    status: TurnStatus
    seconds: float | None
    error_code: str | None


def outcome_of(turn: TurnMetadata) -> Outcome:
    """Return how the turn went."""
    ran = turn.started_at is not None and turn.ended_at is not None
    seconds = (turn.ended_at - turn.started_at).total_seconds() if ran else None  # type: ignore[operator]
    return Outcome(turn.status, seconds, turn.error.code if turn.error else None)


def summary(outcomes: Iterable[Outcome]) -> TurnSummary:
    """Return how many turns there are, how they ended and how long they took."""
    turns = list(outcomes)
    counts = Counter(turn.status for turn in turns)
    ended = sum(counts[status] for status in _ENDED)
    seconds = sorted(turn.seconds for turn in turns if turn.seconds is not None)
    codes = Counter(turn.error_code for turn in turns if turn.error_code is not None)
    return TurnSummary(
        total=len(turns),
        counts=dict(counts),
        failure_rate=counts["failed"] / ended if ended else None,
        mean_seconds=math.fsum(seconds) / len(seconds) if seconds else None,
        p95_seconds=seconds[math.ceil(0.95 * len(seconds)) - 1] if seconds else None,
        errors=[ErrorCount(code=code, count=count) for code, count in codes.most_common(10)],
    )
