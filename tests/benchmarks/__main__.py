"""Runs the benchmarks: `python -m benchmarks`, with `tests` on the path."""

import argparse
import sys
from pathlib import Path

import orjson

from benchmarks.catalogue import FIGURES
from benchmarks.figures import quick
from benchmarks.rounds import Result, measure
from benchmarks.table import table


def main() -> int:
    """Measure, print a JSON line a figure and then the table; return 1 if a bar is not kept."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="only figures whose name contains this")
    parser.add_argument("--quick", action="store_true", help="a minute: whether anything is several times too dear")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is measured")
    parser.add_argument("--out", type=Path, help="also write the JSON lines to this file")
    arguments = parser.parse_args()
    catalogue = quick.FIGURES if arguments.quick else FIGURES
    figures = [figure for figure in catalogue if arguments.only in figure.name]
    results: dict[str, Result] = {}
    lines = []
    for figure in figures:
        result = results[figure.name] = measure(figure, arguments.rounds)
        lines.append(orjson.dumps(result.to_json(figure)).decode())
        print(lines[-1], flush=True)  # noqa: T201
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n")
    text, kept = table(figures, results)
    print(text)  # noqa: T201
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
