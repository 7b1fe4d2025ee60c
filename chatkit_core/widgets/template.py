"""Widgets from `.widget` files: JSON with a Jinja template that renders to the widget's own JSON."""

import json
import sys
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ValidationError

from chatkit_core.errors import MissingExtraError
from chatkit_core.widgets.roots import DynamicWidgetRoot

if TYPE_CHECKING:
    import jinja2

VERSION = "1.0"


class WidgetTemplateError(ValueError):
    """A template that cannot be used, or that these data do not fit."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"Widget template {name!r}: {problem}")
        self.name = name


class WidgetTemplate:
    """A widget with blanks, such as the editor at widgets.chatkit.studio exports.

        weather = WidgetTemplate.from_file("weather.widget")
        yield weather.build({"city": "Oslo", "degrees": -3})

    Args:
        definition: the file's JSON: `version`, `name`, `template` (its text, or a `jinja2.Template`) and
            `jsonSchema`, which describes the data; it is kept as `data_schema`, not enforced.

    Raises:
        WidgetTemplateError: the definition is incomplete or of another version, or its template is not Jinja.
        MissingExtraError: jinja2 is not installed.
    """

    def __init__(self, definition: dict[str, Any]) -> None:
        self.name: str = definition.get("name", "")
        for field in ("version", "name", "template"):
            if field not in definition:
                raise WidgetTemplateError(self.name, f"the definition has no {field!r}")
        self.version: str = definition["version"]
        if self.version != VERSION:
            raise WidgetTemplateError(self.name, f"version {self.version!r} is not supported, only {VERSION!r} is")
        self.template: jinja2.Template = _compiled(self.name, definition["template"])
        self.data_schema: dict[str, Any] = definition.get("jsonSchema", {})

    @classmethod
    def from_file(cls, file_path: str | PathLike[str]) -> Self:
        """Read a template; a relative path starts at the folder of the file that calls this.

        Raises:
            OSError: the file cannot be read.
            WidgetTemplateError: it holds no JSON object, or not that of a template.
        """
        path = Path(sys._getframe(1).f_code.co_filename).resolve().parent / file_path
        try:
            definition = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise WidgetTemplateError(path.name, f"the file is not JSON: {error}") from error
        if not isinstance(definition, dict):
            raise WidgetTemplateError(path.name, "the file is not a JSON object")
        return cls(definition)

    def build(self, data: dict[str, Any] | BaseModel | None = None) -> DynamicWidgetRoot:
        """Fill in the blanks.

        Raises:
            WidgetTemplateError: the template needs what `data` does not have, or renders no widget's JSON.
        """
        variables = data.model_dump() if isinstance(data, BaseModel) else data or {}
        try:
            rendered = self.template.render(variables)
        except Exception as error:  # an expression of the template may raise anything
            raise WidgetTemplateError(self.name, f"rendering failed: {error}") from error
        try:
            return DynamicWidgetRoot.model_validate_json(rendered)
        except ValidationError as error:
            raise WidgetTemplateError(self.name, f"what it rendered is not a widget: {error}") from error


def _compiled(name: str, source: "str | jinja2.Template") -> "jinja2.Template":
    try:
        import jinja2
    except ImportError:
        raise MissingExtraError("WidgetTemplate", "widgets") from None
    if isinstance(source, jinja2.Template):
        return source
    try:
        return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(source)
    except jinja2.TemplateError as error:
        raise WidgetTemplateError(name, f"the template has a syntax error: {error}") from error
