"""Time: aware UTC inside, ISO 8601 that ends in Z on the wire.

A naive time is local time, as `datetime.now()` means it.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def to_utc(value: datetime) -> datetime:
    """Return the same moment in UTC; raise `ValueError` where that leaves the years 1 to 9999."""
    if value.tzinfo is UTC:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time has no counterpart in UTC") from None


UTCDateTime = Annotated[
    datetime,
    AfterValidator(to_utc),
    PlainSerializer(to_utc, return_type=datetime, when_used="json"),
]
"""A moment: any aware time, or a naive local one, comes in; aware UTC is kept.

A naive time that is assigned later, past validation, still goes out in UTC.
"""
