"""Who moves from `openai-chatkit` finds every name again, with the same fields, defaults and signatures."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any, TypeVar

import chatkit.actions
import chatkit.errors
import chatkit.types
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

DELIBERATE = {
    "chatkit.types": {
        "EntitySource.preview is missing": "deprecated there, and ignored by clients",
        "ThreadAddClientToolOutputParams.item_id is ours": "tells two pending calls apart",
        **{
            f"{name}.turn is ours": "says what the client wants of the turn"
            for name in (
                "ThreadAddClientToolOutputParams",
                "ThreadAddStructuredInputParams",
                "ThreadAddUserMessageParams",
                "ThreadCreateParams",
                "ThreadRetryAfterItemParams",
            )
        },
        "ThreadsCustomActionReq.params differs": "they have a turn here, which a synchronous action has not",
        "ThreadListParams.query is ours": "searches",
        "ThreadListParams.archived is ours": "lists what was archived",
        "ThreadMetadata.id differs": "frozen here: a turn that wrote to another thread's id would be lost",
        "Thread.id differs": "as ThreadMetadata.id",
        "ThreadItemUpdate differs": "has a discriminator here: quicker, and its errors name one variant",
    },
    "chatkit.actions": {
        "Action.type differs": "its default there is a type variable; here it is required",
    },
    "chatkit.errors": {},
}
"""Every difference, and why it is one."""


@pytest.mark.parametrize("theirs", [chatkit.types, chatkit.actions, chatkit.errors], ids=lambda m: m.__name__)
def test_what_differs_from_the_oracle_is_listed_here_and_nothing_else(theirs: ModuleType) -> None:
    ours = importlib.import_module(theirs.__name__.replace("chatkit", "chatkit_core"))
    found = {difference for name in public_names(theirs) for difference in differences(name, theirs, ours)}
    assert found == set(DELIBERATE[theirs.__name__])


def public_names(module: ModuleType) -> Iterator[str]:
    """Names that the module defines; neither what it imports nor its type variables."""
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if not isinstance(getattr(module, name), TypeVar):
                    yield name


def differences(name: str, theirs: ModuleType, ours: ModuleType) -> Iterator[str]:
    if not hasattr(ours, name):
        yield f"{name} is missing"
        return
    their, our = getattr(theirs, name), getattr(ours, name)
    match their:
        case type() if issubclass(their, BaseModel):
            their.model_rebuild()
            yield from field_differences(their, our)
            yield from method_differences(their, our)
        case type() if issubclass(their, Enum):
            if [(m.name, m.value) for m in their] != [(m.name, m.value) for m in our]:
                yield f"{name} differs"
        case type():
            yield from method_differences(their, our)
        case _ if inspect.isfunction(their):
            if signature(their) != signature(our):
                yield f"{name} differs"
        case _ if plain(their) != plain(our):
            yield f"{name} differs"


def field_differences(their: type[BaseModel], our: type[BaseModel]) -> Iterator[str]:
    name, t, o = their.__name__, their.model_fields, our.model_fields
    yield from (f"{name}.{field} is missing" for field in t if field not in o)
    yield from (f"{name}.{field} is ours" for field in o if field not in t)
    shared = [field for field in t if field in o]
    yield from (f"{name}.{field} differs" for field in shared if described(t[field]) != described(o[field]))
    if shared != [field for field in o if field in t]:
        yield f"{name} has another order"


def method_differences(their: type, our: type) -> Iterator[str]:
    for method, value in vars(their).items():
        public = not method.startswith(("_", "model_")) or method == "__init__"
        if public and (inspect.isfunction(value) or isinstance(value, classmethod | property)):
            mine = getattr(our, method, None)
            if mine is None:
                yield f"{their.__name__}.{method} is missing"
            elif callable(mine) and signature(getattr(their, method)) != signature(mine):
                yield f"{their.__name__}.{method} differs"


def described(field: FieldInfo) -> tuple[str, bool, str, str | None, bool | None]:
    default = plain(field.get_default(call_default_factory=True, validated_data={}))
    return plain(field.annotation), field.is_required(), default, field.alias, field.frozen


def signature(function: Any) -> list[tuple[str, str, str]]:
    return [(p.name, p.kind.name, plain(p.default)) for p in inspect.signature(function).parameters.values()]


def plain(value: object) -> str:
    """The repr without module paths."""
    return re.sub(r"\b(?:chatkit|chatkit_core)(?:\.\w+)*\.(?=\w)", "", repr(value))
