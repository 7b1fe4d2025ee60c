"""What it costs to see that of a widget only one text has grown, whatever else is in it.

Both states are freshly built for each diff, as an app builds them; building them is not timed.
"""

import contextlib
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import chatkit.actions
import chatkit.server
import chatkit.widgets

import chatkit_core.actions
import chatkit_core.widgets
from benchmarks.figure import Figure, Measure, Ratio, Side, Values
from benchmarks.sides import INCUMBENT
from chatkit_core.reply.widgets import diff_widget

OURS = "ours"
DIFF = "a diff, median, µs"
PARTS = 12_500
"""How many static parts are built and compared in a round."""

Part = Callable[[Any, int], Any]
"""Builds a static part, of either package."""


class Package:
    """What one of the packages has for widgets."""

    def __init__(self, widgets: Any, actions: Any, diff: Callable[[Any, Any], list[Any]]) -> None:
        self.widgets = widgets
        self.actions = actions
        self.diff = diff


PACKAGES = {
    OURS: Package(chatkit_core.widgets, chatkit_core.actions, diff_widget),
    INCUMBENT: Package(chatkit.widgets, chatkit.actions, chatkit.server.diff_widget),
}


def text(package: Package, number: int) -> Any:
    return package.widgets.Text(value=f"Static part {number}", size="sm", color="secondary")


def row(package: Package, number: int) -> Any:
    """Return four components: a row in a row, with a title and an icon."""
    title = package.widgets.Title(value=f"Static part {number}", size="sm")
    inner = package.widgets.Row(children=[package.widgets.Icon(name="star"), title], gap=2)
    return package.widgets.Row(children=[inner], align="center", padding=2)


def button(package: Package, number: int) -> Any:
    action = package.actions.ActionConfig(type="choose", payload={"number": number, "tags": ["one", "two"]})
    return package.widgets.Button(label=f"Choose {number}", onClickAction=action, style="secondary")


def from_template(package: Package, number: int) -> Any:
    """Return a component as a widget template makes it: its fields are not checked."""
    return _dynamic(package, type="Text", value=f"Static part {number}", size="sm", color="secondary")


def _dynamic(package: Package, **fields: Any) -> Any:
    return package.widgets.DynamicWidgetComponent.model_validate(fields)


def tree(package: Package, part: Part, parts: int, streamed: str) -> Any:
    """Return a card of static parts, and one text that streams."""
    streaming = {"type": "Text", "id": "streaming", "value": streamed, "streaming": True}
    static = [part(package, number) for number in range(parts)]
    if part is from_template:
        return package.widgets.DynamicWidgetRoot(type="Card", children=[*static, _dynamic(package, **streaming)])
    return package.widgets.Card(children=[*static, package.widgets.Text(**streaming)])


def _time_a_diff(package: Package, part: Part, parts: int) -> float:
    before = tree(package, part, parts, "Some text that streams")
    after = tree(package, part, parts, "Some text that streams, and grows")
    began = time.perf_counter_ns()
    diff = package.diff(before, after)
    took = time.perf_counter_ns() - began
    assert len(diff) == 1
    assert diff[0].delta == ", and grows"
    return took / 1000


def _diffs(package: Package, part: Part, parts: int) -> Values:
    gc.collect()
    gc.disable()
    try:
        count = max(PARTS // (parts + 1), 20) if parts else 2000
        return {DIFF: statistics.median(_time_a_diff(package, part, parts) for _ in range(count))}
    finally:
        gc.enable()


def diffs(side: str, part: Part, parts: int) -> Side:
    """Return the side that compares trees of so many static parts."""

    @contextlib.contextmanager
    def set_up() -> Iterator[Measure]:
        yield lambda: _diffs(PACKAGES[side], part, parts)

    return set_up


def _figure(name: str, part: Part, bar: float | None = None) -> Figure:
    sides = {f"{side}, {parts} parts": diffs(side, part, parts) for side in PACKAGES for parts in (0, 50, 500)}
    ratios = [
        Ratio(DIFF, f"{OURS}, 50 parts", f"{OURS}, 0 parts", bar),
        Ratio(DIFF, f"{INCUMBENT}, 50 parts", f"{INCUMBENT}, 0 parts"),
        Ratio(DIFF, f"{OURS}, 500 parts", f"{OURS}, 50 parts"),
        Ratio(DIFF, f"{OURS}, 0 parts", f"{INCUMBENT}, 0 parts", 1),
        Ratio(DIFF, f"{OURS}, 50 parts", f"{INCUMBENT}, 50 parts"),
    ]
    return Figure(f"the diff of a widget, one text streams beside {name}", sides, ratios)


FIGURES = [
    _figure("static texts", text, 6),
    _figure("rows in rows", row),
    _figure("buttons with actions", button),
    _figure("texts of a template", from_template),
]
