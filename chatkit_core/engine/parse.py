"""From the bytes of a request to an op."""

import functools
from collections.abc import Iterable
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from chatkit_core.errors import InvalidJSONError, InvalidRequestError
from chatkit_core.types import AnyReq


@functools.cache
def ops_adapter() -> TypeAdapter[AnyReq]:
    """Return the validator of ops; built when it is first asked for."""
    return TypeAdapter(AnyReq)


MAX_DEPTH = 100
"""So many objects and arrays may stand in each other: what is parsed can be written again."""


def parse_op(body: bytes | bytearray | str) -> AnyReq:
    """Return the op that the body holds.

    Raises:
        InvalidJSONError: the body is not JSON (RFC 8259), or not UTF-8.
        InvalidRequestError: it is not an op; the error names the first field that is wrong.
    """
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJSONError(f"The body is not JSON: {error}.") from None
    if isinstance(body, str) or body.count(b"{") + body.count(b"[") > MAX_DEPTH:  # else it cannot be that deep
        _check_depth(raw)
    try:
        return ops_adapter().validate_python(raw)
    except ValidationError as error:
        raise _invalid(error, raw) from None


def _check_depth(raw: Any) -> None:
    level: list[Any] = [raw]
    for _ in range(MAX_DEPTH + 1):
        level = [part for value in level if isinstance(value, dict | list) for part in _parts(value)]
        if not level:
            return
    raise InvalidRequestError("", f"The JSON is nested deeper than {MAX_DEPTH} levels.")


def _parts(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _invalid(error: ValidationError, raw: Any) -> InvalidRequestError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = first["loc"]
    if first["type"] == "union_tag_invalid" and not location:
        return InvalidRequestError("type", f"there is no op {raw['type']!r}")
    if first["type"] == "union_tag_not_found" and not location:
        return InvalidRequestError("type", "names the op, and is missing")
    return InvalidRequestError(_path(location, raw), first["msg"])


def _path(location: tuple[int | str, ...], raw: Any) -> str:
    """Return the way through the body: the location without the tags, which pydantic puts where a union is."""
    path: list[str] = []
    for step in location:
        if isinstance(raw, dict) and raw.get("type") == step:
            continue
        path.append(str(step))
        known = (isinstance(raw, dict) and step in raw) or (isinstance(raw, list) and isinstance(step, int))
        raw = raw[step] if known else None
    return ".".join(path)
