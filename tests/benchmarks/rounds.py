"""Measures figures: several rounds, in which the order of the sides alternates."""

import contextlib
import statistics
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.figure import Figure, Values


@dataclass(slots=True)
class Result:
    """What was measured of one figure: of each side and quantity the values of all rounds, in order."""

    name: str
    rounds: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    @property
    def medians(self) -> dict[str, Values]:
        """The medians over the rounds, by side and quantity."""
        return {
            side: {quantity: statistics.median(values) for quantity, values in quantities.items()}
            for side, quantities in self.rounds.items()
        }

    def to_json(self, figure: Figure) -> dict[str, Any]:
        """Return all of it, with what its ratios say, for a line of JSON."""
        medians = self.medians
        ratios = [{**asdict(ratio), "ratio": ratio.of(medians)} for ratio in figure.ratios]
        return {"figure": self.name, "medians": medians, "ratios": ratios, "rounds": self.rounds}


def measure(figure: Figure, rounds: int) -> Result:
    """Measure a figure, each side once a round, forwards in one round and backwards in the next."""
    values: dict[str, dict[str, list[float]]] = {side: defaultdict(list) for side in figure.sides}
    with contextlib.ExitStack() as stack:
        measures = [(side, stack.enter_context(set_up())) for side, set_up in figure.sides.items()]
        for number in range(figure.rounds or rounds):
            for side, measure_side in measures if number % 2 == 0 else reversed(measures):
                for quantity, value in measure_side().items():
                    values[side][quantity].append(value)
    return Result(figure.name, {side: dict(quantities) for side, quantities in values.items()})
