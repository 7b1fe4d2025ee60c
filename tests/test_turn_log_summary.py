"""The figures of `turns.summary`."""

from datetime import timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.testing.samples import THEN
from chatkit_core.turn_log import Outcome, outcome_of, summary
from chatkit_core.types import TurnError, TurnMetadata, TurnStatus, TurnSummary


def a_turn(status: TurnStatus, **fields: Any) -> TurnMetadata:
    return TurnMetadata(
        id="trn_1",
        thread_id="thr_1",
        op="threads.create",
        status=status,
        created_at=THEN - timedelta(hours=1),
        **fields,
    )


def test_an_outcome_is_the_status_the_seconds_from_start_to_end_and_the_error() -> None:
    end = THEN + timedelta(seconds=2.5)

    assert outcome_of(a_turn("completed", started_at=THEN, ended_at=end)) == ("completed", 2.5, None)
    assert outcome_of(a_turn("failed", started_at=THEN, ended_at=end, error=TurnError(code="server.error"))) == (
        "failed",
        2.5,
        "server.error",
    )
    assert outcome_of(a_turn("cancelled", ended_at=end)) == ("cancelled", None, None)
    assert outcome_of(a_turn("running", started_at=THEN)) == ("running", None, None)


def test_no_turns_have_no_rates() -> None:
    assert summary([]) == TurnSummary(total=0, counts={})


def test_turns_that_have_not_ended_count_in_the_total_only() -> None:
    turns = [Outcome(status, None, None) for status in ("queued", "running", "waiting", "running")]

    assert summary(turns) == TurnSummary(total=4, counts={"queued": 1, "running": 2, "waiting": 1})


def test_the_summary_of_a_few_turns() -> None:
    turns = [
        Outcome("completed", 1, None),
        Outcome("completed", 2, None),
        Outcome("failed", 9, "server.error"),
        Outcome("cancelled", None, None),
        Outcome("running", None, None),
    ]

    assert summary(iter(turns)).model_dump() == {
        "total": 5,
        "counts": {"completed": 2, "failed": 1, "cancelled": 1, "running": 1},
        "failure_rate": 0.25,
        "mean_seconds": 4,
        "p95_seconds": 9,
        "errors": [{"code": "server.error", "count": 1}],
    }


def test_the_ten_most_frequent_errors_are_named_the_most_frequent_first() -> None:
    turns = [Outcome("failed", 1, f"error.{count}") for count in range(1, 13) for _ in range(count)]

    assert [(error.code, error.count) for error in summary(turns).errors] == [
        (f"error.{count}", count) for count in range(12, 2, -1)
    ]


def test_the_95th_percentile_is_the_nearest_rank_for_any_number_of_turns() -> None:
    for count in range(1, 500):
        turns = [Outcome("completed", seconds, None) for seconds in range(count, 0, -1)]
        assert summary(turns).p95_seconds == -(-19 * count // 20)


outcomes = st.builds(
    Outcome,
    st.sampled_from(get_args(TurnStatus)),
    st.none() | st.integers(0, 10**6),
    st.none() | st.sampled_from(["a", "b", "c"]),
)


@given(st.lists(outcomes))
def test_a_summary_does_not_depend_on_the_order_and_its_figures_fit_the_turns(turns: list[Outcome]) -> None:
    found = summary(turns)
    seconds = [turn.seconds for turn in turns if turn.seconds is not None]

    assert sum(found.counts.values()) == found.total == len(turns)
    assert all(found.counts.values())
    assert found.failure_rate is None or 0 <= found.failure_rate <= 1
    if seconds:
        assert found.mean_seconds is not None
        assert min(seconds) <= found.mean_seconds <= max(seconds)
        assert found.p95_seconds in seconds
    other = summary(reversed(turns))
    assert found.model_copy(update={"errors": []}) == other.model_copy(update={"errors": []})
    assert {error.code: error.count for error in found.errors} == {error.code: error.count for error in other.errors}
