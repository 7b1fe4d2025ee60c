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
MODELS = [name for name in TYPES if hasattr(getattr(chatkit.widgets, name), "model_fields")]


def test_the_public_names_are_those_of_the_oracle_and_the_templates_error() -> None:
    assert set(chatkit_core.widgets.__all__) == {*public_names(chatkit.widgets), *OURS_ALONE}
    assert list(public_names(chatkit_core.icons)) == list(public_names(chatkit.icons))


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_oracles_fields_in_its_order_with_its_defaults(name: str) -> None:
    assert fields(getattr(chatkit_core.widgets, name)) == fields(getattr(chatkit.widgets, name))


def fields(model: type[BaseModel]) -> list[tuple[str, object, bool, bool | None]]:
    return [(name, f.get_default(), f.is_required(), f.frozen) for name, f in model.model_fields.items()]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_types_have_the_oracles_schemas(mode: Any) -> None:
    assert schemas(chatkit_core.widgets, mode) == schemas(chatkit.widgets, mode)


def schemas(module: ModuleType, mode: Any) -> dict[str, Any]:
    adapters: list[tuple[str, Any, TypeAdapter[Any]]]
    adapters = [(name, mode, TypeAdapter(getattr(module, name))) for name in TYPES]
    by_name, definitions = TypeAdapter.json_schemas(adapters)
    return {name: without_prose(schema) for (name, _), schema in by_name.items()} | without_prose(definitions)


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
