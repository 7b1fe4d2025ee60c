"""What changed from one state of a widget to the next: text that grew, or else the whole widget.

Text can grow in a `Text` or `Markdown` that has an id and is reached through `children`. Any other difference means
that the widget is another one. A field that is None and one that is not there are the same.
"""

from dataclasses import dataclass
from typing import Any, get_args

from typing_extensions import TypeIs

from chatkit_core.widgets.base import DynamicWidgetComponent, WidgetComponentBase
from chatkit_core.widgets.layout import StrictWidgetComponent
from chatkit_core.widgets.roots import WidgetRoot


@dataclass(frozen=True, slots=True)
class RootReplaced:
    """The widget is another one."""

    widget: WidgetRoot


@dataclass(frozen=True, slots=True)
class TextAppended:
    """A component's value grew by `delta`; `done` if the component does not stream any more."""

    component_id: str
    delta: str
    done: bool


WidgetDiff = RootReplaced | TextAppended
"""A step from one state of a widget to the next."""


_CLOSED_LEAVES = frozenset(
    cls for cls in get_args(get_args(StrictWidgetComponent)[0]) if "children" not in cls.model_fields
)
"""The components that have neither children nor fields beyond their own."""


def diff_widget(before: WidgetRoot, after: WidgetRoot) -> list[WidgetDiff]:
    """Return the steps that lead from `before` to `after`: none if they are equal.

    Ids within a widget are taken to be unique.
    """
    appended: list[WidgetDiff] = []
    if _has_only_grown(before, after, appended):
        return appended
    return [RootReplaced(after)]


def _has_only_grown(before: WidgetComponentBase, after: WidgetComponentBase, appended: list[WidgetDiff]) -> bool:
    """Whether `after` is `before` but for appended text, which is added to `appended`."""
    if before is after:
        return True
    old, new = before.__dict__, after.__dict__
    if before.__pydantic_extra__ or after.__pydantic_extra__:
        old, new = old | (before.__pydantic_extra__ or {}), new | (after.__pydantic_extra__ or {})
    expected = {**old}
    if (children := old.get("children")) is not None:
        if not _children_have_only_grown(children, new.get("children"), appended):
            return False
        expected["children"] = new["children"]
    text, longer = old.get("value"), new.get("value")
    if text != longer and after.id and _can_grow(text, old) and _can_grow(longer, new):
        if not longer.startswith(text):
            return False
        appended.append(TextAppended(after.id, longer[len(text) :], done=not new.get("streaming")))
        expected["value"] = longer
    return expected == new or _without_none(expected) == _without_none(new)


def _children_have_only_grown(before: Any, after: Any, appended: list[WidgetDiff]) -> bool:
    """The same for what stands under `children`: a list of components, or a single one."""
    if not isinstance(before, list):
        return isinstance(after, WidgetComponentBase) and _has_only_grown(before, after, appended)
    if not isinstance(after, list) or len(before) != len(after):
        return False
    for old, new in zip(before, after, strict=True):
        # Most parts of a widget stay as they are; a leaf that does is told by its fields alone.
        cls = type(old)
        if cls in _CLOSED_LEAVES:
            if cls is type(new) and old.__dict__ == new.__dict__:
                continue
        elif (
            cls is DynamicWidgetComponent
            and old.children is None
            and old.__dict__ == new.__dict__
            and old.__pydantic_extra__ == new.__pydantic_extra__
        ):
            continue
        if not _has_only_grown(old, new, appended):
            return False
    return True


def _can_grow(value: Any, fields: dict[str, Any]) -> TypeIs[str]:
    return isinstance(value, str) and fields["type"] in ("Text", "Markdown")


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
