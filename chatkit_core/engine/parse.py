"""From the bytes of a request to an op."""

import functools
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from chatkit_core.errors import InvalidJSONError, InvalidRequestError, NotSupportedError
from chatkit_core.types import AnyReq


@functools.cache
def ops_adapter() -> TypeAdapter[AnyReq]:
    """Return the validator of ops; built when it is first asked for."""
    return TypeAdapter(AnyReq)


_OPS_TO_COME = frozenset(f"turns.{name}" for name in ("get", "list", "events", "follow", "wait", "cancel", "summary"))


def parse_op(body: bytes | bytearray | str) -> AnyReq:
    """Return the op that the body holds.

    Raises:
        InvalidJSONError: the body is not JSON (RFC 8259), or not UTF-8.
        InvalidRequestError: it is not an op; the error names the first field that is wrong.
        NotSupportedError: the op, or `params.turn`, is one that this version does not have yet.
    """
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJSONError(f"The body is not JSON: {error}.") from None
    _refuse_what_is_to_come(raw)
    try:
        return ops_adapter().validate_python(raw)
    except ValidationError as error:
        raise _invalid(error) from None


def _refuse_what_is_to_come(raw: Any) -> None:
    if not isinstance(raw, dict):
        return
    params = raw.get("params")
    if isinstance(params, dict) and params.get("turn") is not None:
        raise NotSupportedError("params.turn")
    op = raw.get("type")
    if isinstance(op, str) and op in _OPS_TO_COME:
        raise NotSupportedError(op)


def _invalid(error: ValidationError) -> InvalidRequestError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = first["loc"]
    if first["type"] in ("union_tag_invalid", "union_tag_not_found") and not location:
        return InvalidRequestError("type", first["msg"])
    tagged = location[:1] and isinstance(location[0], str) and "." in location[0]
    path = location[1:] if tagged else location
    return InvalidRequestError(".".join(map(str, path)), first["msg"])
