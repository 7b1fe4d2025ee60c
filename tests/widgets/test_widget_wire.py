"""A widget is read and written here as the oracle reads and writes it."""

import json
from types import ModuleType
from typing import Any

import chatkit.widgets as theirs
import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel, TypeAdapter, ValidationError
from widget_strategies import widgets

import chatkit_core.widgets as ours

pytestmark = pytest.mark.filterwarnings("ignore:Direct usage of named widget:DeprecationWarning")

ROOTS: dict[ModuleType, TypeAdapter[Any]] = {side: TypeAdapter(side.WidgetRoot) for side in (ours, theirs)}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(widget=widgets(theirs) | widgets(ours))
def test_both_sides_read_a_widget_as_the_same_classes_or_with_the_same_errors_and_write_the_same_bytes(
    widget: dict[str, Any],
) -> None:
    wire = json.dumps(widget)
    reading = read(ours, wire)
    assert reading == read(theirs, wire)
    if isinstance(reading, tuple):
        _, written = reading
        assert read(ours, written) == read(theirs, written)


def read(side: ModuleType, wire: str) -> Any:
    """The classes that the JSON was read as and what they write, or what is wrong with it."""
    try:
        root = ROOTS[side].validate_json(wire)
    except ValidationError as error:
        return [problem["type"] for problem in error.errors()]
    return classes(root), root.model_dump_json(exclude_none=True, by_alias=True)


def classes(component: BaseModel) -> Any:
    children = getattr(component, "children", None)
    if isinstance(children, BaseModel):
        return type(component).__name__, classes(children)
    return type(component).__name__, [classes(child) for child in children or []]
