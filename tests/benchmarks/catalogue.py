"""All figures, in the order of the table."""

from benchmarks.figures import paced

FIGURES = [*paced.FIGURES]
