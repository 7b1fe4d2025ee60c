"""Hypothesis strategies for the JSON of widgets, made from the fields of the oracle's classes or of ours."""

from functools import cache
from types import ModuleType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import BaseModel, StringConstraints
from typing_extensions import is_typeddict

texts = st.text('ab{é🙂"', max_size=4)
scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([0.5, -1.25]) | texts
anything = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.sampled_from(["children", "x"]), scalars)
SIMPLE = {
    "str": texts,
    "int": st.integers(-9, 9),
    "float": st.sampled_from([0.5, 2, 16 / 9]),
    "bool": st.booleans(),
    "NoneType": st.none(),
    "datetime": st.sampled_from(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+02:00", "2026-01-02T03:04:05"]),
}
BY_PATTERN = {"^vendor:": st.just("vendor:acme"), "^lucide:": st.just("lucide:anchor")}


def widgets(module: ModuleType, depth: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """Widgets as JSON objects, with `depth` levels at most."""
    return values(module.WidgetRoot, depth)


@cache
def values(annotation: Any, depth: int) -> st.SearchStrategy[Any]:
    match get_origin(annotation), get_args(annotation):
        case None, ():
            return of_class(annotation, depth)
        case origin, args if origin is Literal:
            return st.sampled_from(args)
        case origin, (_, StringConstraints(pattern=str(pattern))) if origin is Annotated:
            return BY_PATTERN[pattern]
        case origin, (inner, *_) if origin in (Annotated, NotRequired):
            return values(inner, depth)
        case origin, args if origin in (Union, UnionType):
            return st.one_of([values(arg, depth) for arg in args])
        case origin, (inner,) if origin is list:
            return st.lists(values(inner, depth), max_size=3) if depth else st.just([])
        case origin, (_, inner) if origin is dict:
            return st.dictionaries(texts, values(inner, depth), max_size=2)
        case unknown:
            raise NotImplementedError(unknown)


def of_class(cls: Any, depth: int) -> st.SearchStrategy[Any]:
    if cls is Any:
        return anything
    if is_typeddict(cls):
        hints = get_type_hints(cls, include_extras=True)
        parts = {name: values(hint, depth) for name, hint in hints.items()}
        needed = {name: part for name, part in parts.items() if name in cls.__required_keys__}
        return st.fixed_dictionaries(needed, optional={name: parts[name] for name in parts.keys() - needed})
    if cls.__name__ in SIMPLE:
        return SIMPLE[cls.__name__]
    return objects(cls, depth - 1) if depth else st.none()


@st.composite
def objects(draw: st.DrawFn, cls: type[BaseModel], depth: int) -> dict[str, Any]:
    """An object for `cls`: what must be there, at most three more fields, and at times one that is unknown or wrong."""
    cls.model_rebuild()
    fields = cls.model_fields
    needed = [name for name, field in fields.items() if field.is_required() or name in ("type", "children")]
    others = draw(st.lists(st.sampled_from(sorted(fields.keys() - needed) or ["id"]), max_size=3, unique=True))
    made = {name: draw(values(fields[name].annotation, depth)) for name in [*needed, *others] if name in fields}
    match draw(st.integers(0, 9)):
        case 0:
            made["surprise"] = draw(anything)
        case 1:
            made[draw(st.sampled_from(sorted(made)))] = draw(anything)
    return made
