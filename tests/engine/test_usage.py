"""What turns use, and how much they may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatkit_core.engine.usage import added, limit_reached, lower
from chatkit_core.types import TurnLimits, TurnUsage

counts = st.integers(0, 10)
usages = st.builds(
    TurnUsage,
    input_tokens=counts,
    output_tokens=counts,
    cost_usd=counts.map(float),
    steps=counts,
    tool_calls=counts,
)
positive = st.none() | st.integers(1, 10)
limits = st.builds(
    TurnLimits,
    max_seconds=positive,
    max_events=positive,
    max_steps=positive,
    max_tokens=positive,
    max_cost_usd=positive,
)


@given(usages, usages)
def test_usage_adds_up_field_by_field(one: TurnUsage, other: TurnUsage) -> None:
    assert added(one, other).model_dump() == {name: value + getattr(other, name) for name, value in one}
    assert added(one, TurnUsage()) == one


@given(limits, limits)
def test_a_request_lowers_limits_and_never_raises_them(server: TurnLimits, wanted: TurnLimits) -> None:
    for name, limit in lower(server, wanted):
        given_limits = [value for value in (getattr(server, name), getattr(wanted, name)) if value is not None]
        assert limit == min(given_limits, default=None)


@given(limits)
def test_a_request_that_says_nothing_changes_no_limit(server: TurnLimits) -> None:
    assert lower(server, None) == lower(server, TurnLimits()) == server


@pytest.mark.parametrize(
    ("limits", "usage", "reached"),
    [
        (TurnLimits(), TurnUsage(input_tokens=10**9, cost_usd=1e9, steps=10**9), None),
        (TurnLimits(max_steps=3), TurnUsage(steps=2, tool_calls=9), None),
        (TurnLimits(max_steps=3), TurnUsage(steps=3), "max_steps"),
        (TurnLimits(max_tokens=10), TurnUsage(input_tokens=5, output_tokens=4), None),
        (TurnLimits(max_tokens=10), TurnUsage(input_tokens=5, output_tokens=5), "max_tokens"),
        (TurnLimits(max_cost_usd=0.5), TurnUsage(cost_usd=0.499), None),
        (TurnLimits(max_cost_usd=0.5), TurnUsage(cost_usd=0.7), "max_cost_usd"),
        (TurnLimits(max_steps=9, max_tokens=10), TurnUsage(steps=1, output_tokens=11), "max_tokens"),
        (TurnLimits(max_seconds=1, max_events=1), TurnUsage(steps=100), None),
    ],
)
def test_a_limit_is_reached_when_the_usage_is_as_large(
    limits: TurnLimits, usage: TurnUsage, reached: str | None
) -> None:
    assert limit_reached(limits, usage) == reached
