"""Who moves from `openai-chatkit` finds the names of `server` and `store` again. (`types`, `errors` and `actions` are
compared in tests/types, `widgets` and `icons` in tests/widgets.)"""

import ast
import importlib
import inspect
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import chatkit.server
import chatkit.store
import pytest
from typing_extensions import TypeVar

import chatkit_core.server
from chatkit_core.server import ChatKitServer, ChatServer

DELIBERATE = {
    "chatkit.server": {
        "agents_sdk_user_agent_override is missing": "the core knows no vendor's SDK",
        "ChatKitServer.__init__(turn_log) is ours": "keeps the execution of turns",
        "ChatKitServer.process(turns) is ours": "for clients that know turns",
    },
    "chatkit.store": {},
}
"""Every difference, and why it is one."""


@pytest.mark.parametrize("theirs", [chatkit.server, chatkit.store], ids=lambda module: module.__name__)
def test_what_differs_from_the_oracle_is_listed_here_and_nothing_else(theirs: ModuleType) -> None:
    ours = importlib.import_module(theirs.__name__.replace("chatkit", "chatkit_core"))
    found = {difference for name in public_names(theirs) for difference in differences(name, theirs, ours)}
    assert found == set(DELIBERATE[theirs.__name__])


def test_the_server_has_both_names() -> None:
    assert ChatKitServer is ChatServer


def test_the_oracles_server_knows_no_hook_that_ours_does_not() -> None:
    hooks = {name for name in vars(chatkit.server.ChatKitServer) if not name.startswith("_")}
    assert hooks - set(dir(chatkit_core.server.ChatServer)) == set()


def public_names(module: ModuleType) -> Iterator[str]:
    """Names that the module defines; neither what it imports nor its type variables."""
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if not name.startswith("_") and not isinstance(getattr(module, name), TypeVar):
                    yield name


def differences(name: str, theirs: ModuleType, ours: ModuleType) -> Iterator[str]:
    if not hasattr(ours, name):
        yield f"{name} is missing"
        return
    their, our = getattr(theirs, name), getattr(ours, name)
    if inspect.isclass(their):
        methods = [method for method in vars(their) if method == "__init__" or not method.startswith("_")]
        for method in methods:
            if callable(getattr(their, method)):
                yield from parameter_differences(f"{name}.{method}", getattr(their, method), getattr(our, method))
    elif inspect.isfunction(their):
        yield from parameter_differences(name, their, our)
    elif typing.get_args(their) != typing.get_args(our):
        yield f"{name} differs"


def parameter_differences(name: str, their: Any, our: Any) -> Iterator[str]:
    """A parameter of ours is fine to have, if it is the caller's choice to give it."""
    theirs, ours = parameters(their), parameters(our)
    yield from (f"{name}({parameter}) is missing" for parameter in theirs if parameter not in ours)
    yield from (f"{name}({parameter}) differs" for parameter in theirs if ours.get(parameter) != theirs[parameter])
    for parameter in ours.keys() - theirs.keys():
        _, default = ours[parameter]
        assert default is not inspect.Parameter.empty, f"{name}: {parameter} is asked for"
        yield f"{name}({parameter}) is ours"


def parameters(function: Any) -> dict[str, tuple[Any, Any]]:
    return {
        parameter.name: (parameter.kind, plain(parameter.default))
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    }


def plain(default: Any) -> Any:
    return default.__name__ if inspect.isfunction(default) else default
