"""A turn as a row of the table `turns`, and back."""

from collections.abc import Sequence
from typing import Any

from chatkit_core.turn_log import TurnRecord, outcome_of
from chatkit_core.types.turns import TurnMetadata

COLUMNS = "data, owner, input, state, key, digest"
"""The columns that `record_of` takes."""

IS_ACTIVE = "status IN ('queued', 'running', 'waiting')"
"""Said in the words of the index `turns_active`, else SQLite does not use it."""


def record_of(row: Sequence[Any]) -> TurnRecord:
    """Return the turn that stands in these columns. One that is purged has no input."""
    data, owner, input, state, key, digest = row
    turn = TurnMetadata.model_validate_json(data)
    return TurnRecord(turn, owner, input or b"", state, key, digest)


def row_of(record: TurnRecord) -> dict[str, Any]:
    """Return the columns in which a turn is kept, but not who holds it."""
    turn = record.turn
    outcome = outcome_of(turn)
    return {
        "id": turn.id,
        "thread_id": turn.thread_id,
        "owner": record.owner,
        "status": turn.status,
        "key": record.key,
        "digest": record.digest,
        "created_at": turn.created_at.timestamp(),
        "ended_at": turn.ended_at and turn.ended_at.timestamp(),
        "seconds": outcome.seconds,
        "error_code": outcome.error_code,
        "data": turn.model_dump_json(by_alias=True).encode(),
        "state": record.state,
        "input": record.input,
    }
