"""All figures, in the order of the table."""

from benchmarks.figures import (
    fan_out,
    first_event,
    imports,
    in_process,
    kept,
    long_message,
    memory,
    paced,
    pages,
    rejoining,
    unpaced,
    widget_diff,
    writes,
)

FIGURES = [
    *paced.FIGURES,
    *unpaced.FIGURES,
    *first_event.FIGURES,
    *fan_out.FIGURES,
    *memory.FIGURES,
    *imports.FIGURES,
    *long_message.FIGURES,
    *in_process.FIGURES,
    *pages.FIGURES,
    *writes.FIGURES,
    *rejoining.FIGURES,
    *widget_diff.FIGURES,
    *kept.FIGURES,
]
