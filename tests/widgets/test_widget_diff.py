"""The diff of two states of a widget leads from one to the other, and says no more than it must."""

import json
from copy import deepcopy
from typing import Any

import chatkit.server
import chatkit.widgets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from widget_strategies import anything, texts, widgets

import chatkit_core.widgets
from chatkit_core.widgets import (
    Box,
    Card,
    DynamicWidgetComponent,
    DynamicWidgetRoot,
    Markdown,
    Row,
    Text,
    Transition,
    WidgetComponent,
    WidgetRoot,
)
from chatkit_core.widgets.diff import RootReplaced, TextAppended, WidgetDiff, diff_widget

pytestmark = pytest.mark.filterwarnings("ignore:Direct usage of named widget:DeprecationWarning")

ROOT: TypeAdapter[Any] = TypeAdapter(WidgetRoot)
THEIR_ROOT: TypeAdapter[Any] = TypeAdapter(chatkit.widgets.WidgetRoot)


def card(*children: WidgetComponent) -> Card:
    return Card(children=list(children))


def test_equal_widgets_have_no_diff() -> None:
    widget = card(Text(value="a"), Row(children=[Text(value="b"), DynamicWidgetComponent(type="Map", zoom=3)]))
    assert diff_widget(widget, widget) == []
    assert diff_widget(widget, widget.model_copy(deep=True)) == []


def test_text_that_grew_is_appended_in_the_order_of_the_widget() -> None:
    before = card(Text(value="a", id="1"), Box(children=[Markdown(value="", id="2", streaming=True), Text(value="c")]))
    after = card(Text(value="a!", id="1"), Box(children=[Markdown(value="b", id="2", streaming=True), Text(value="c")]))
    assert diff_widget(before, after) == [
        TextAppended("1", "!", done=True),
        TextAppended("2", "b", done=False),
    ]


def test_text_grows_under_a_single_child() -> None:
    before = card(Transition(children=Text(value="a", id="1", streaming=True)))
    after = card(Transition(children=Text(value="ab", id="1", streaming=True)))
    assert diff_widget(before, after) == [TextAppended("1", "b", done=False)]


def test_text_grows_in_a_template_s_widget() -> None:
    def state(value: str, zoom: int = 3) -> DynamicWidgetRoot:
        text = {"type": "Markdown", "id": "1", "value": value, "streaming": True}
        wrapper = {"type": "Fade", "children": {"type": "Box", "children": [text]}}
        return DynamicWidgetRoot.model_validate({"type": "Basic", "children": [{"type": "Map", "zoom": zoom}, wrapper]})

    assert diff_widget(state("a"), state("ab")) == [TextAppended("1", "b", done=False)]
    assert diff_widget(state("a"), state("ab", zoom=4)) == [RootReplaced(state("ab", zoom=4))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Text(value="a"), Text(value="ab"), id="text without an id"),
        pytest.param(Text(value="a", id=""), Text(value="ab", id=""), id="text with an empty id"),
        pytest.param(Text(value="ab", id="1"), Text(value="a", id="1"), id="text that shrank"),
        pytest.param(Text(value="ab", id="1"), Text(value="xab", id="1"), id="text that changed"),
        pytest.param(
            Text(value="a", id="1"), Text(value="ab", id="1", size="sm"), id="text that grew and changed size"
        ),
        pytest.param(
            Text(value="a", id="1", streaming=True), Text(value="ab", id="1", streaming=False), id="text that stopped"
        ),
        pytest.param(Text(value="a", id="1"), Text(value="ab", id="2"), id="another id"),
        pytest.param(Text(value="a", id="1", key="x"), Text(value="a", id="1", key="y"), id="another key"),
        pytest.param(Text(value="a", id="1"), Markdown(value="ab", id="1"), id="another type"),
        pytest.param(Row(), Row(children=[]), id="children where there were none"),
        pytest.param(Row(children=[Row()]), Row(children=[]), id="fewer children"),
        pytest.param(Transition(children=Row()), Transition(children=None), id="the child is gone"),
        pytest.param(
            DynamicWidgetComponent(type="Row", children=Row(id="1").model_dump()),
            DynamicWidgetComponent(type="Row", children=[Row(id="1").model_dump()]),
            id="a list of one child for the child",
        ),
        pytest.param(
            DynamicWidgetComponent(type="Map", zoom=1), DynamicWidgetComponent(type="Map", zoom=2), id="another extra"
        ),
        pytest.param(
            DynamicWidgetComponent(type="Map"), DynamicWidgetComponent(type="Map", zoom=2), id="an extra more"
        ),
        pytest.param(
            DynamicWidgetComponent(type="Map", zoom=2), DynamicWidgetComponent(type="Map"), id="an extra less"
        ),
    ],
)
def test_the_widget_is_replaced_for_any_other_difference(before: WidgetComponent, after: WidgetComponent) -> None:
    assert diff_widget(card(before), card(after)) == [RootReplaced(card(after))]


def test_a_component_is_compared_by_what_it_says_and_not_by_its_class() -> None:
    strict = card(Text(value="a", id="1"))
    dynamic = DynamicWidgetRoot.model_validate(
        {"type": "Card", "children": [{"type": "Text", "id": "1", "value": "ab"}]}
    )
    assert diff_widget(strict, dynamic) == [TextAppended("1", "b", done=True)]


@st.composite
def two_states(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON of a widget with some texts put in, and of the same after some edits; ids are unique."""
    before = draw(widgets(chatkit_core.widgets))
    for parent in components(before):
        if isinstance(parent.get("children"), list) and parent.get("type") != "ListView":
            parent["children"] = [*parent["children"], *draw(st.lists(growing_texts, max_size=2))]
    for number, component in enumerate(components(before)):
        component.pop("id", None)
        if draw(st.integers(0, 3)):
            component["id"] = f"c{number}"
    after = deepcopy(before)
    for component in components(after):
        edit = draw(st.integers(0, 40))
        if component.get("type") in ("Text", "Markdown") and isinstance(component.get("value"), str):
            component["value"] += draw(texts)
        elif edit == 40:
            component[draw(st.sampled_from([*component, "surprise"]))] = draw(anything)
        elif edit == 39 and isinstance(component.get("children"), list):
            component["children"] = component["children"][1:]
    return before, after


growing_texts = st.fixed_dictionaries(
    {"type": st.sampled_from(["Text", "Markdown"]), "value": texts}, optional={"streaming": st.booleans()}
)


def components(component: Any) -> list[dict[str, Any]]:
    if not isinstance(component, dict):
        return []
    children = component.get("children")
    return [
        component,
        *(c for child in (children if isinstance(children, list) else [children]) for c in components(child)),
    ]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(states=two_states())
def test_the_diff_leads_from_before_to_after_and_is_the_oracles_where_that_does_too(
    states: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    try:
        before, after = (ROOT.validate_json(json.dumps(state)) for state in states)
    except ValidationError:
        return
    diff = diff_widget(before, after)
    assert applied(diff, before) == dumped(after)

    their_diff = oracles_diff(*states)
    if their_diff is not None and applied(their_diff, before) == dumped(after):
        assert diff == their_diff


def dumped(root: Any) -> Any:
    return root.model_dump(mode="json", exclude_none=True)


def applied(diff: list[WidgetDiff], root: Any) -> Any:
    widget = dumped(root)
    for step in diff:
        match step:
            case RootReplaced(root):
                widget = dumped(root)
            case TextAppended(component_id, delta):
                (component,) = (c for c in components(widget) if c.get("id") == component_id)
                component["value"] += delta
    return widget


def oracles_diff(before: dict[str, Any], after: dict[str, Any]) -> list[WidgetDiff] | None:
    """Its diff in our words, or None where it fails."""
    old, new = (THEIR_ROOT.validate_json(json.dumps(state)) for state in (before, after))
    try:
        updates = chatkit.server.diff_widget(old, new)
    except AttributeError:
        return None
    return [
        TextAppended(update.component_id, update.delta, update.done)
        if update.type == "widget.streaming_text.value_delta"
        else RootReplaced(ROOT.validate_json(json.dumps(after)))
        for update in updates
    ]
