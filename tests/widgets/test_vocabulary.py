"""Who moves from `openai-chatkit` finds every widget again, with the same fields, defaults and schema."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import chatkit.icons
import chatkit.widgets
import pytest
from pydantic import BaseModel, TypeAdapter

import chatkit_core.icons
import chatkit_core.widgets
from chatkit_core.widgets import BasicRoot, Card, DynamicWidgetRoot, Markdown, Text

OURS_ALONE = {"WidgetTemplateError"}


def public_names(module: ModuleType) -> Iterator[str]:
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]) if not name.startswith("_"):
                yield name


TYPES = [name for name in public_names(chatkit.widgets) if name != "WidgetTemplate"]
MODELS = [name for name in TYPES if inspect.isclass(getattr(chatkit_core.widgets, name))]
MODELS = [name for name in MODELS if issubclass(getattr(chatkit_core.widgets, name), BaseModel)]


def test_the_public_names_are_those_of_the_oracle_and_the_templates_error() -> None:
    assert set(chatkit_core.widgets.__all__) == {*public_names(chatkit.widgets), *OURS_ALONE}
    assert list(public_names(chatkit_core.icons)) == list(public_names(chatkit.icons))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_oracles_fields_in_its_order_with_its_defaults(name: str) -> None:
    assert fields(getattr(chatkit_core.widgets, name)) == fields(getattr(chatkit.widgets, name))


def fields(model: type[BaseModel]) -> list[tuple[str, object, bool, bool | None]]:
    return [(name, f.get_default(), f.is_required(), f.frozen) for name, f in model.model_fields.items()]


@pytest.mark.parametrize(("name", "mode"), [*((name, "validation") for name in TYPES), ("WidgetRoot", "serialization")])
def test_a_type_has_the_oracles_schema(name: str, mode: Any) -> None:
    ours = TypeAdapter(getattr(chatkit_core.widgets, name)).json_schema(mode=mode)
    theirs = TypeAdapter(getattr(chatkit.widgets, name)).json_schema(mode=mode)
    assert without_prose(ours) == without_prose(theirs)


def test_the_icons_are_those_of_the_oracle() -> None:
    ours, theirs = TypeAdapter(chatkit_core.icons.IconName), TypeAdapter(chatkit.icons.IconName)
    assert ours.json_schema() == theirs.json_schema()


def without_prose(schema: Any) -> Any:
    if isinstance(schema, list):
        return [without_prose(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {field: without_prose(part) for field, part in value.items()}
        if name in ("properties", "$defs")
        else without_prose(value)
        for name, value in schema.items()
        if name not in ("title", "description", "deprecated")
    }


def test_a_component_is_made_by_its_name_without_a_warning() -> None:
    card = Card(children=[Text(value="Hello"), Markdown(value="*there*", id="m")])
    assert card.model_dump() == {
        "type": "Card",
        "children": [{"type": "Text", "value": "Hello"}, {"id": "m", "type": "Markdown", "value": "*there*"}],
    }


def test_a_dump_has_no_nulls_but_under_children_and_keeps_the_type() -> None:
    root = BasicRoot.model_validate({"rows": [{"x": None, "y": 1, "children": None}, None]})
    assert root.model_dump_json() == '{"type":"Basic","children":null,"rows":[{"y":1,"children":null}]}'
    assert root.model_dump(exclude_defaults=True) == {
        "rows": [{"y": 1, "children": None}],
        "type": "Basic",
    }


def test_a_dynamic_widget_starts_with_a_root_type() -> None:
    with pytest.raises(ValueError, match="Input should be 'Card', 'ListView' or 'Basic'"):
        DynamicWidgetRoot.model_validate({"type": "Row"})
