"""What is measured: a figure has sides, each side gives quantities, and ratios compare them."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Values = Mapping[str, float]
"""A value of each quantity, by its name, which ends in its unit."""
Measure = Callable[[], Values]
"""Measures one round."""
Side = Callable[[], contextlib.AbstractContextManager[Measure]]
"""Sets up what is measured, and keeps it for all rounds."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How the medians of two sides compare.

    Args:
        quantity: which of their quantities.
        side: whose median is divided …
        over: … by whose.
        bar: what the ratio is to keep under, itself included; None to show it only.
        at_least: whether it is to keep above the bar instead.
        over_quantity: the quantity of `over`, if it is another one.
    """

    quantity: str
    side: str
    over: str
    bar: float | None = None
    at_least: bool = False
    over_quantity: str | None = None

    def of(self, medians: Mapping[str, Values]) -> float:
        """Return the ratio of these medians, by side."""
        return medians[self.side][self.quantity] / medians[self.over][self.over_quantity or self.quantity]

    def holds(self, ratio: float) -> bool:
        """Return whether the bar is kept."""
        if self.bar is None:
            return True
        return ratio >= self.bar if self.at_least else ratio <= self.bar


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that is measured on several sides, in turn.

    Args:
        name: what it is, as the table says it.
        sides: by name.
        ratios: what is compared.
        rounds: how often each side is measured; None for as often as the whole run says.
    """

    name: str
    sides: Mapping[str, Side]
    ratios: Sequence[Ratio]
    rounds: int | None = None
