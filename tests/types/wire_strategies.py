"""Hypothesis strategies for wire types, made from their fields, so that they serve the oracle's and ours."""

from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import ModuleType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, StringConstraints

texts = st.text(st.characters(codec="utf-8"), max_size=8)
integers = st.integers(-(2**53), 2**53)
floats = st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | st.booleans() | integers | floats | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
something = anything.filter(lambda value: value is not None)
"""For a field that must be there, as None is left out of what is written."""

leaves = st.fixed_dictionaries(
    {"type": st.sampled_from(["Text", "Title", "Markdown"]), "value": texts},
    optional={"id": texts, "key": texts},
)
components = st.recursive(
    leaves,
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(["Row", "Col", "Box"]), "children": st.lists(inner, max_size=2)}
    ),
    max_leaves=4,
)
widgets = st.fixed_dictionaries(
    {"type": st.sampled_from(["Card", "Basic"]), "children": st.lists(components, max_size=2)}
) | st.just({"type": "ListView", "children": [{"type": "ListViewItem", "children": []}]})

BY_FIELD = {"widget": widgets, "component": components}
"""Widgets have tests of their own; here a few shapes of them do."""

NOT_SHARED = {
    ("EntitySource", "preview"),
    ("ThreadAddClientToolOutputParams", "item_id"),
    ("ThreadAddClientToolOutputParams", "turn"),
    ("ThreadAddStructuredInputParams", "turn"),
    ("ThreadAddUserMessageParams", "turn"),
    ("ThreadCreateParams", "turn"),
    ("ThreadRetryAfterItemParams", "turn"),
    ("ThreadStreamedActionParams", "turn"),
    ("ThreadListParams", "query"),
    ("ThreadListParams", "archived"),
}
"""Fields that only one side has."""


def variants(types: ModuleType, union: str) -> list[type[BaseModel]]:
    """The classes of a union such as `ThreadItem`."""
    alias = getattr(types, union)
    return list(get_args(get_args(alias)[0] if get_origin(alias) is Annotated else alias))


def instances(model: type[BaseModel]) -> st.SearchStrategy[BaseModel]:
    return fields(model).map(model.model_validate)


@cache
def fields(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    model.model_rebuild()
    needed: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        if (model.__name__, name) not in NOT_SHARED:
            place = needed if field.is_required() or name == "type" else optional
            place[name] = BY_FIELD[name] if name in BY_FIELD else values(field.annotation)
            if name in needed and field.annotation is Any:
                needed[name] = something
    return st.fixed_dictionaries(needed, optional=optional)


def values(annotation: Any) -> st.SearchStrategy[Any]:
    match get_origin(annotation), get_args(annotation):
        case None, ():
            return of_class(annotation)
        case origin, args if origin is Literal:
            return st.sampled_from(args)
        case origin, (inner, StringConstraints(pattern=str(pattern))) if origin is Annotated:
            assert inner is str
            return st.from_regex(pattern, alphabet=st.characters(codec="utf-8"))
        case origin, (inner, *_) if origin is Annotated:
            return values(inner)
        case origin, args if origin in (Union, UnionType):
            return st.one_of([values(arg) for arg in args])
        case origin, (inner,) if origin is list:
            return st.lists(values(inner), max_size=2)
        case origin, (_, inner) if origin is dict:
            return st.dictionaries(texts, values(inner), max_size=2)
        case unknown:
            raise NotImplementedError(unknown)


def of_class(cls: Any) -> st.SearchStrategy[Any]:
    simple = {
        Any: anything,
        bool: st.booleans(),
        datetime: st.datetimes(datetime(1970, 1, 1), datetime(9990, 1, 1), timezones=st.just(UTC)),
        float: floats,
        int: integers,
        str: texts,
        type(None): st.none(),
        AnyUrl: st.sampled_from(["https://files.example/a?b=c", "http://localhost:8000/x", "data:image/png;base64,AA"]),
    }
    if cls in simple:
        return simple[cls]
    return st.sampled_from(list(cls)) if issubclass(cls, Enum) else fields(cls)
