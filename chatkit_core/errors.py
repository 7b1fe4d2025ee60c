"""Every error that this package raises.

ChatKitError                      has a status, a code and a message; becomes an HTTP answer
├── InvalidJSONError        400   request.invalid_json
├── UnauthorizedError       401   auth.required
├── ForbiddenError          403   auth.forbidden
├── NotFoundError           404   <kind>.not_found
├── MethodNotAllowedError   405   request.method_not_allowed
├── GoneError               410   <kind>.expired
├── ConflictError           409   the state of what was asked for does not allow it
│   ├── ThreadNotActiveError      thread.locked, thread.closed
│   ├── AlreadyAnsweredError      item.already_answered
│   ├── ThreadBusyError           turn.in_progress; names the turn
│   └── KeyReusedError            idempotency_key.reused
├── TooLargeError           413   request.too_large, attachment.too_large
├── UnsupportedMediaTypeError 415 request.unsupported_media_type, attachment.unsupported_media_type
├── InvalidRequestError     422   request.invalid; names the field
├── QueueFullError          429   thread.queue_full
├── NotSupportedError       501   <feature>.not_supported
├── ShuttingDownError       503   server.shutting_down
├── InvalidEventError       500   turn.invalid_event; `respond` yielded what no client could apply
└── LeaseLostError          500   turn.lease_lost; the turn is not this process's any more
BaseStreamError                   raised in `respond`; becomes an `error` event
├── StreamError                   with a code that the client translates
└── CustomStreamError             with a message for the user
MissingExtraError                 an optional dependency is not installed
"""

from abc import ABC
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar


class ChatKitError(Exception):
    """Base of the errors that become an HTTP answer, or an `error` event once the stream has started."""

    status: ClassVar[int] = 500
    code: str = "server.error"
    details: Mapping[str, str] = MappingProxyType({})
    """What the error's JSON says besides."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidJSONError(ChatKitError):
    """The body is not JSON."""

    status = 400
    code = "request.invalid_json"


class UnauthorizedError(ChatKitError):
    """Raise it in `get_context` when the request does not say who asks."""

    status = 401
    code = "auth.required"

    def __init__(self, message: str = "Authentication is required.") -> None:
        super().__init__(message)


class ForbiddenError(ChatKitError):
    """Raise it in a hook when the one who asks may not."""

    status = 403
    code = "auth.forbidden"

    def __init__(self, message: str = "This is not allowed.") -> None:
        super().__init__(message)


class NotFoundError(ChatKitError):
    """There is no such thing, or it belongs to another owner; the two cannot be told apart.

    Args:
        what: the kind of thing ("thread", "item", "attachment", "turn") if `id` is given, else the whole message.
        id: the id that was asked for.
    """

    status = 404

    def __init__(self, what: str = "Not found.", id: str | None = None) -> None:
        if id is None:
            super().__init__(what, code="not_found")
        else:
            super().__init__(f"There is no {what} {id!r}.", code=f"{what}.not_found")
        self.id = id


class MethodNotAllowedError(ChatKitError):
    """The endpoint does not know this HTTP method."""

    status = 405
    code = "request.method_not_allowed"

    def __init__(self, method: str) -> None:
        super().__init__(f"{method} is not a method of this path.")


class GoneError(ChatKitError):
    """It was here, and its retention time or its signature is over."""

    status = 410

    def __init__(self, what: str) -> None:
        super().__init__(f"This {what} has expired.", code=f"{what}.expired")


class ConflictError(ChatKitError):
    """The state of what was asked for does not allow it."""

    status = 409
    code = "conflict"


class ThreadNotActiveError(ConflictError):
    """The thread is locked or closed: nothing can be written to it."""

    def __init__(self, thread_id: str, status: str, reason: str | None = None) -> None:
        why = f": {reason}" if reason else "."
        super().__init__(f"Thread {thread_id!r} is {status}{why}", code=f"thread.{status}")


class AlreadyAnsweredError(ConflictError):
    """A client tool call or a structured input has its answer; the first one wins."""

    code = "item.already_answered"

    def __init__(self, item_id: str) -> None:
        super().__init__(f"Item {item_id!r} is already answered.")


class ThreadBusyError(ConflictError):
    """The thread has a turn that is running or queued, and the message was to be refused then."""

    code = "turn.in_progress"

    def __init__(self, turn_id: str) -> None:
        super().__init__(f"Turn {turn_id!r} is in progress.")
        self.details = {"turn_id": turn_id}


class KeyReusedError(ConflictError):
    """The idempotency key was used for another request."""

    code = "idempotency_key.reused"

    def __init__(self, key: str) -> None:
        super().__init__(f"The idempotency key {key!r} was used for another request.")


class TooLargeError(ChatKitError):
    """More bytes than `limit`."""

    status = 413

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"The {what} is larger than {limit} bytes.", code=f"{what}.too_large")


class UnsupportedMediaTypeError(ChatKitError):
    """A content type that is not taken here."""

    status = 415

    def __init__(self, what: str, got: str, wanted: str) -> None:
        message = f"The {what} has content type {got!r}; {wanted} is taken here."
        super().__init__(message, code=f"{what}.unsupported_media_type")


class InvalidRequestError(ChatKitError):
    """The JSON is not a request that the server knows. `field` is the path of the first wrong part."""

    status = 422
    code = "request.invalid"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field


class QueueFullError(ChatKitError):
    """Too many turns wait in this thread."""

    status = 429
    code = "thread.queue_full"

    def __init__(self, thread_id: str, limit: int) -> None:
        super().__init__(f"{limit} turns already wait in thread {thread_id!r}.")


class NotSupportedError(ChatKitError):
    """This server, or its store, does not have the feature."""

    status = 501

    def __init__(self, feature: str, how: str = "") -> None:
        message = f"{feature} is not supported here." + (f" {how}" if how else "")
        super().__init__(message, code=f"{feature}.not_supported")


class ShuttingDownError(ChatKitError):
    """The server takes no new turns."""

    status = 503
    code = "server.shutting_down"

    def __init__(self) -> None:
        super().__init__("The server is shutting down.")


class InvalidEventError(ChatKitError):
    """`respond` yielded something that is not an event, or an event that fits no item."""

    code = "turn.invalid_event"


class LeaseLostError(ChatKitError):
    """The turn is not this process's any more: it writes nothing for it."""

    code = "turn.lease_lost"

    def __init__(self, turn_id: str) -> None:
        super().__init__(f"Turn {turn_id!r} is not this process's any more.")


class MissingExtraError(ImportError):
    """An optional dependency is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an extra: pip install 'chatkit-core[{extra}]'")
        self.extra = extra


class ErrorCode(StrEnum):
    """Codes of `error` events that a ChatKit client translates. More may come."""

    STREAM_ERROR = "stream.error"


DEFAULT_STATUS: dict[ErrorCode, int] = {ErrorCode.STREAM_ERROR: 500}
DEFAULT_ALLOW_RETRY: dict[ErrorCode, bool] = {ErrorCode.STREAM_ERROR: True}


class BaseStreamError(ABC, Exception):
    """Base of the errors that `respond` raises to tell the client of its failure."""

    allow_retry: bool


class StreamError(BaseStreamError):
    """A failure with a code, which the client shows in the user's language.

    Args:
        code: which failure.
        allow_retry: whether the client offers a retry; by default as `DEFAULT_ALLOW_RETRY` says.
    """

    def __init__(self, code: ErrorCode, *, allow_retry: bool | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.status_code = DEFAULT_STATUS.get(code, 500)
        self.allow_retry = DEFAULT_ALLOW_RETRY.get(code, False) if allow_retry is None else allow_retry


class CustomStreamError(BaseStreamError):
    """A failure with a message of its own, already in the user's language.

    Args:
        message: what the user reads.
        allow_retry: whether the client offers a retry.
    """

    def __init__(self, message: str, *, allow_retry: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.allow_retry = allow_retry
