import json
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest
from pydantic import BaseModel

from chatkit_core.errors import MissingExtraError
from chatkit_core.widgets import DynamicWidgetRoot, WidgetTemplate, WidgetTemplateError


class Weather(BaseModel):
    city: str
    days: list[str] = []


OSLO = {
    "type": "Card",
    "size": "sm",
    "children": [
        {"type": "Title", "value": 'Oslo "by night"'},
        {"type": "Text", "value": "snow"},
        {"type": "Divider"},
    ],
}


def template(source: str = '{"type": "Basic"}', **definition: Any) -> WidgetTemplate:
    return WidgetTemplate({"version": "1.0", "name": "note", "template": source, **definition})


@pytest.mark.parametrize(
    "data", [{"city": 'Oslo "by night"', "days": ["snow"]}, Weather(city='Oslo "by night"', days=["snow"])]
)
def test_a_file_beside_the_caller_is_filled_with_a_dict_or_a_model(data: dict[str, Any] | Weather) -> None:
    weather = WidgetTemplate.from_file("weather.widget")
    assert weather.build(data) == DynamicWidgetRoot.model_validate(OSLO)
    assert (weather.name, weather.version) == ("weather", "1.0")
    assert weather.data_schema == {"type": "object", "required": ["city", "days"]}


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "note.widget"
    file.write_text(json.dumps({"version": "1.0", "name": "note", "template": '{"type": "Basic", "é": 1}'}), "utf-8")
    assert WidgetTemplate.from_file(file).build().model_dump(exclude_none=True) == {"type": "Basic", "é": 1}


def test_a_template_may_be_compiled_already() -> None:
    compiled = jinja2.Template('{"type": "Basic", "n": {{ n }}}')
    built = WidgetTemplate({"version": "1.0", "name": "note", "template": compiled}).build({"n": 2})
    assert built.model_dump(exclude_none=True) == {"type": "Basic", "n": 2}


def test_data_may_have_a_variable_of_any_name() -> None:
    built = template('{"type": "Basic", "n": {{ n }}}').build({"n": 1, "self": 2})
    assert built.model_dump(exclude_none=True) == {"type": "Basic", "n": 1}


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ({"version": "2.0"}, "version '2.0' is not supported, only '1.0' is"),
        (
            {"template": "{% if %}"},
            "the template has a syntax error: Expected an expression, got 'end of statement block'",
        ),
    ],
)
def test_a_definition_that_cannot_be_used_is_refused(definition: dict[str, str], problem: str) -> None:
    with pytest.raises(WidgetTemplateError) as caught:
        WidgetTemplate({"version": "1.0", "name": "note", "template": "", **definition})
    assert str(caught.value) == f"Widget template 'note': {problem}"


@pytest.mark.parametrize("missing", ["version", "name", "template"])
def test_an_incomplete_definition_is_refused(missing: str) -> None:
    definition = {"version": "1.0", "name": "note", "template": "{}"}
    del definition[missing]
    with pytest.raises(WidgetTemplateError, match=f"the definition has no '{missing}'"):
        WidgetTemplate(definition)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('{"type": "Basic", "n": {{ n }}}', "rendering failed: 'n' is undefined"),
        ('{"type": "Basic", "n": {{ [].append | tojson }}}', "rendering failed: Object of type .* is not JSON"),
        ('{"type": "Basic",}', "what it rendered is not a widget: .*Invalid JSON: trailing comma"),
        (
            '{"type": "Row"}',
            "what it rendered is not a widget: .*type\n +Input should be 'Card', 'ListView' or 'Basic'",
        ),
    ],
)
def test_what_does_not_become_a_widget_names_the_template_and_the_problem(source: str, problem: str) -> None:
    with pytest.raises(WidgetTemplateError, match=f"(?s)^Widget template 'note': {problem}"):
        template(source).build({})


@pytest.mark.parametrize(("content", "problem"), [("{", "is not JSON: Expecting"), ("[]", "is not a JSON object")])
def test_a_file_that_holds_no_definition_is_refused_by_its_name(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "broken.widget"
    file.write_text(content)
    with pytest.raises(WidgetTemplateError, match=f"^Widget template 'broken.widget': the file {problem}"):
        WidgetTemplate.from_file(file)


def test_without_jinja2_a_template_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(
        MissingExtraError, match=r"WidgetTemplate needs an extra: pip install 'chatkit-core\[widgets\]'"
    ):
        template()
