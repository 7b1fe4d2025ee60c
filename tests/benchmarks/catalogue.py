"""All figures, in the order of the table."""

from benchmarks.figures import (
    imports,
    in_process,
    kept,
    long_message,
    paced,
    pages,
    rejoining,
    widget_diff,
    writes,
)

FIGURES = [
    *paced.FIGURES,
    *imports.FIGURES,
    *long_message.FIGURES,
    *in_process.FIGURES,
    *pages.FIGURES,
    *writes.FIGURES,
    *rejoining.FIGURES,
    *widget_diff.FIGURES,
    *kept.FIGURES,
]
