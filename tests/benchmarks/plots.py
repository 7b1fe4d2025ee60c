"""Draws the plots of docs/performance.md from the benchmark's JSON lines: `python -m benchmarks.plots FILE FOLDER`."""

import sys
from pathlib import Path
from typing import Any

import matplotlib
import orjson
from matplotlib import pyplot
from matplotlib.ticker import NullLocator, StrMethodFormatter

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "chatkit", "font.size": 10})

OURS, THEIRS, BARE = "#2563eb", "#d97706", "#9ca3af"
EVENTS = ("200 streams at 50 events/s", "100 unpaced streams")
CPU = "CPU, µs an event"
LONG = "a long message, without HTTP"


def _colour(side: str) -> str:
    return THEIRS if side.startswith("openai") else BARE if side.startswith("bare") else OURS


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def draw_events(results: dict[str, Any], path: Path) -> None:
    """Draw what an event costs, on every side."""
    figure, axes = pyplot.subplots(1, len(EVENTS), figsize=(9, 2.8))
    for axis, name in zip(axes, EVENTS, strict=True):
        medians = {side: values[CPU] for side, values in results[name].items() if "10 streams" not in side}
        bars = axis.barh(list(medians), list(medians.values()), color=list(map(_colour, medians)))
        axis.bar_label(bars, fmt="%.1f", padding=3)
        axis.margins(x=0.15)
        axis.invert_yaxis()
        axis.set_title(name)
        axis.set_xlabel(CPU)
        axis.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def draw_growth(results: dict[str, Any], path: Path) -> None:
    """Draw what an event costs as its message grows."""
    figure, axis = pyplot.subplots(figsize=(6, 3))
    lines: dict[str, list[tuple[int, float]]] = {}
    for side, values in results[LONG].items():
        name, _, deltas = side.rpartition(", ")
        lines.setdefault(name, []).append((int(deltas.split()[0].replace(",", "")), values[CPU]))
    for name, points in lines.items():
        axis.plot(*zip(*sorted(points), strict=True), marker="o", color=_colour(name), label=name)
        axis.annotate(name, max(points), xytext=(6, 0), textcoords="offset points", va="center")
    axis.set_xscale("log")
    axis.set_yscale("log")
    sizes = sorted({deltas for points in lines.values() for deltas, _ in points})
    for ticks, format in ((axis.xaxis, "{x:,.0f}"), (axis.yaxis, "{x:g}")):
        ticks.set_minor_locator(NullLocator())
        ticks.set_major_formatter(StrMethodFormatter(format))
    axis.set_xticks(sizes)
    axis.set_yticks([2, 5, 10, 20, 50])
    axis.set_xlabel("deltas in the message")
    axis.set_ylabel(CPU)
    axis.margins(x=0.3)
    axis.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def main() -> None:
    """Draw all plots."""
    lines, folder = Path(sys.argv[1]).read_text().splitlines(), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    results = {line["figure"]: line["medians"] for line in map(orjson.loads, lines)}
    draw_events(results, folder / "cpu-an-event.svg")
    draw_growth(results, folder / "long-messages.svg")


if __name__ == "__main__":
    main()
