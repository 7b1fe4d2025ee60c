"""From an async class to its twin for code that is not async, method by method, with the same signatures."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from chatkit_core.client.portal import Portal

P = ParamSpec("P")
T = TypeVar("T")
W = TypeVar("W", bound="Twin[Any]")


class Twin(Generic[T]):
    """Stands for an async object that lives in a portal's thread."""

    def __init__(self, portal: Portal, original: T) -> None:
        self._portal = portal
        self._original = original


def waits(method: Callable[Concatenate[Any, P], Awaitable[T]]) -> Callable[Concatenate[Any, P], T]:
    """Return the twin of a method that is awaited."""

    @functools.wraps(method)
    def call(self: Twin[Any], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._portal.wait(functools.partial(method, self._original), *args, **kwargs)

    return call


def waits_for(
    twin: Callable[[Portal, T], W], method: Callable[Concatenate[Any, P], Awaitable[T]]
) -> Callable[Concatenate[Any, P], W]:
    """Return the twin of a method that is awaited and returns what has a twin."""

    @functools.wraps(method)
    def call(self: Twin[Any], /, *args: P.args, **kwargs: P.kwargs) -> W:
        return twin(self._portal, self._portal.wait(functools.partial(method, self._original), *args, **kwargs))

    return call


def makes(twin: Callable[[Portal, T], W], method: Callable[Concatenate[Any, P], T]) -> Callable[Concatenate[Any, P], W]:
    """Return the twin of a method that is not awaited and returns what has a twin."""

    @functools.wraps(method)
    def call(self: Twin[Any], /, *args: P.args, **kwargs: P.kwargs) -> W:
        return twin(self._portal, self._portal.run(functools.partial(method, self._original), *args, **kwargs))

    return call


def iterates(method: Callable[Concatenate[Any, P], AsyncIterator[T]]) -> Callable[Concatenate[Any, P], Iterator[T]]:
    """Return the twin of a method that yields."""

    @functools.wraps(method)
    def call(self: Twin[Any], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self._portal.iterate(method(self._original, *args, **kwargs))

    return call
