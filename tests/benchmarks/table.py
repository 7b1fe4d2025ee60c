"""The results as a table for people."""

from collections.abc import Iterable, Mapping

from benchmarks.figure import Figure
from benchmarks.rounds import Result

_HEAD = ("figure", "quantity", "side", "value", "against", "value", "ratio", "bar", "holds")


def table(figures: Iterable[Figure], results: Mapping[str, Result]) -> tuple[str, bool]:
    """Return the table, and whether every bar is kept."""
    rows = [_HEAD]
    kept = True
    for figure in figures:
        medians = results[figure.name].medians
        for ratio in figure.ratios:
            value, holds = ratio.of(medians), ratio.holds(ratio.of(medians))
            kept = kept and holds
            other = medians[ratio.over][ratio.over_quantity or ratio.quantity]
            bar = "" if ratio.bar is None else f"{'≥' if ratio.at_least else '≤'} {ratio.bar:g}"
            rows.append(
                (
                    figure.name,
                    ratio.quantity,
                    ratio.side,
                    f"{medians[ratio.side][ratio.quantity]:.4g}",
                    ratio.over,
                    f"{other:.4g}",
                    f"{value:.3g}",
                    bar,
                    "" if ratio.bar is None else "yes" if holds else "NO",
                )
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines), kept
