from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from chatkit_core.types import EndOfTurnItem, UTCDateTime, to_utc, utc_now

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def end_of_turn(created_at: datetime | str) -> EndOfTurnItem:
    return EndOfTurnItem.model_validate({"id": "eot_1", "thread_id": "thr_1", "created_at": created_at})


def test_now_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = utc_now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


@pytest.mark.parametrize(
    "time",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=-5))),
        NOON.astimezone().replace(tzinfo=None),
        "2026-01-31T12:00:00Z",
        "2026-01-31T13:30:00+01:30",
        NOON.astimezone().replace(tzinfo=None).isoformat(),
    ],
    ids=["utc", "elsewhere", "naive", "text", "text elsewhere", "naive text"],
)
def test_every_way_to_say_a_moment_is_kept_in_utc_and_written_with_a_z(time: datetime | str) -> None:
    item = end_of_turn(time)
    assert item.created_at == NOON
    assert item.created_at.tzinfo is UTC
    assert item.model_dump_json() == (
        '{"id":"eot_1","thread_id":"thr_1","created_at":"2026-01-31T12:00:00Z","type":"end_of_turn"}'
    )


def test_a_naive_time_is_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "XYZ-02:00")
    time.tzset()
    try:
        assert to_utc(datetime(2026, 1, 31, 14, 0)) == NOON
        assert end_of_turn(datetime(2026, 1, 31, 14, 0)).created_at == NOON
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_naive_time_assigned_later_still_goes_out_in_utc() -> None:
    item = end_of_turn(NOON)
    item.created_at = NOON.astimezone().replace(tzinfo=None)
    assert item.model_dump(mode="json")["created_at"] == "2026-01-31T12:00:00Z"


def test_microseconds_are_kept() -> None:
    assert end_of_turn("2026-01-31T12:00:00.000250Z").model_dump(mode="json")["created_at"] == (
        "2026-01-31T12:00:00.000250Z"
    )


def test_in_python_a_dumped_time_stays_a_datetime() -> None:
    assert end_of_turn(NOON).model_dump()["created_at"] == NOON


def test_a_time_that_utc_cannot_hold_is_a_validation_error() -> None:
    with pytest.raises(ValidationError, match="no counterpart in UTC"):
        TypeAdapter(UTCDateTime).validate_python("0001-01-01T00:00:00+10:00")
