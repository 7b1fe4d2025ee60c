"""What every component of a widget shares."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer


def _without_nulls(value: Any) -> Any:
    """Leave out what is None at any depth, except under `children`, where it says that there are none."""
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None or name == "children"}
    if isinstance(value, list):
        return [_without_nulls(part) for part in value if part is not None]
    return value


class WidgetComponentBase(BaseModel):
    """Base of every component. It dumps without nulls and always with its type, also inside another model."""

    model_config = ConfigDict(serialize_by_alias=True, defer_build=True)

    key: str | None = None
    """Tells siblings apart when the client draws a list again."""
    id: str | None = None
    """The app's own name for the component; text can only be streamed to a component that has one."""
    type: str = Field(...)

    # A return annotation would take the fields out of the JSON schema of what is dumped.
    @model_serializer(mode="wrap")
    def serialize(self, next_: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        """Dump without nulls; the type is kept also where defaults are left out."""
        dumped = _without_nulls(next_(self))
        dumped["type"] = self.type
        return dumped


class DynamicWidgetComponent(WidgetComponentBase):
    """A component whose further fields are not checked, as a template makes it."""

    model_config = ConfigDict(extra="allow")

    children: "DynamicWidgetComponent | list[DynamicWidgetComponent] | None" = None
