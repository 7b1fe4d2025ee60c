"""The protocol as a JSON Schema document (draft 2020-12)."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from chatkit_core.types.events import ThreadStreamEvent
from chatkit_core.types.own_requests import AnyReq
from chatkit_core.types.turns import TurnEvent


def json_schema() -> dict[str, Any]:
    """Return the schema of every op and event; `$defs` has the unions `Op`, `Event` (ChatKit's) and `TurnEvent` (ours).

    An instance is valid if it is one of them. The descriptions are the docstrings of the types.
    """
    unions: dict[str, Any] = {
        "Op": TypeAdapter(AnyReq),
        "Event": TypeAdapter(ThreadStreamEvent),
        "TurnEvent": TypeAdapter(TurnEvent),
    }
    schemas, document = TypeAdapter.json_schemas(
        [(name, "validation", adapter) for name, adapter in unions.items()],
        schema_generator=_DescribedFields,
    )
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": "ChatKit protocol",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in unions],
        "$defs": {name: schemas[name, "validation"] for name in unions} | document["$defs"],
    }


class _DescribedFields(GenerateJsonSchema):
    """Describes fields with the strings under them.

    Pydantic's `use_attribute_docstrings` does so too, but at import, whose time it doubles.
    """

    def normalize_name(self, name: str) -> str:
        return super().normalize_name(_without_union(name))

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        result = super().model_schema(schema)
        result["title"] = _without_union(result["title"])
        for field, text in _field_docs(schema["cls"]):
            if field in result["properties"]:
                result["properties"][field].setdefault("description", text)
        return result


def _without_union(name: str) -> str:
    """Shorten `Page[Annotated[Union[…` to `Page`."""
    return name.partition("[Annotated[")[0]


def _field_docs(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for cls in model.__mro__[: model.__mro__.index(BaseModel)]:
        yield from _docs_by_class(cls.__module__).get(cls.__name__, [])


@cache
def _docs_by_class(module: str) -> dict[str, list[tuple[str, str]]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: list(_strings_under_fields(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _strings_under_fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(node.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
