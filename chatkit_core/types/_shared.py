"""A type that models hold, and whose validator they share."""

import functools
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Shared:
    """Marks what is built once, when it is first used: `Annotated[WidgetRoot, Shared(WidgetRoot)]`.

    pydantic gives every model its own copy of what validates and dumps all that it can hold. Almost every wire type can
    hold a widget, which is 0.6 MiB and 5 ms for each of them.
    """

    def __init__(self, type: Any) -> None:
        self._type = type

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        dumped_as_it_is = core_schema.simple_ser_schema("any")
        return core_schema.no_info_plain_validator_function(self._validate, serialization=dumped_as_it_is)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(self._adapter.core_schema)

    def _validate(self, value: Any) -> Any:
        return self._adapter.validate_python(value)

    @functools.cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return _adapter(self._type)


@functools.cache
def _adapter(type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type)
