"""What turns use, and how much they may. No I/O."""

from chatkit_core.types import TurnLimits, TurnUsage


def added(usage: TurnUsage, more: TurnUsage) -> TurnUsage:
    """Return both together."""
    return TurnUsage(**{name: value + getattr(more, name) for name, value in usage})


def lower(limits: TurnLimits, wanted: TurnLimits | None) -> TurnLimits:
    """Return the server's limits, each lowered to what the client wants, if that is lower."""
    if wanted is None:
        return limits
    both = {name: [limit for limit in (value, getattr(wanted, name)) if limit is not None] for name, value in limits}
    return TurnLimits(**{name: min(given) for name, given in both.items() if given})


def limit_reached(limits: TurnLimits, usage: TurnUsage) -> str | None:
    """Return the name of a limit that the usage has reached, if any."""
    reached = {
        "max_steps": usage.steps,
        "max_tokens": usage.input_tokens + usage.output_tokens,
        "max_cost_usd": usage.cost_usd,
    }
    for name, value in reached.items():
        limit = getattr(limits, name)
        if limit is not None and value >= limit:
            return name
    return None
