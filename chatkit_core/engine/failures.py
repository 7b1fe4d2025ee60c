"""Why turns fail, and what their clients are told of it."""

from dataclasses import dataclass

from chatkit_core.engine.text import clean
from chatkit_core.errors import (
    BaseStreamError,
    ChatKitError,
    CustomStreamError,
    ErrorCode,
    StreamError,
    ThreadNotActiveError,
)
from chatkit_core.types import ErrorEvent, NoticeEvent, TurnError

DEFAULT_ERROR_MESSAGE = "Something went wrong while this reply was made."
"""What `turn.failed` says of an error that nobody foresaw; what it was stands in the server's log."""

_LIMITS = {
    "max_seconds": "The reply has taken too long, and was ended here.",
    "max_events": "The reply has become too long, and was ended here.",
    "max_steps": "The reply has taken too many steps, and was ended here.",
    "max_tokens": "The reply has used all the tokens that it may, and was ended here.",
    "max_cost_usd": "The reply has cost all that it may, and was ended here.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a turn failed, and the event that tells a plain client; None if it knows."""

    error: TurnError
    event: ErrorEvent | NoticeEvent | None


def failure_of(error: BaseException) -> Failure:
    """Return how a turn fails that an error ended."""
    told = isinstance(error, BaseStreamError)
    match error:
        case CustomStreamError():
            event = ErrorEvent(code="custom", message=clean(str(error.message)), allow_retry=error.allow_retry)
        case ThreadNotActiveError():
            event = ErrorEvent(code="custom", message=error.message, allow_retry=False)
        case StreamError():
            event = ErrorEvent(code=error.code, allow_retry=error.allow_retry)
        case _:
            event = ErrorEvent(code=ErrorCode.STREAM_ERROR, allow_retry=True)
    code = error.code if isinstance(error, ChatKitError) else str(event.code) if told else "server.error"
    return Failure(TurnError(code=code, message=event.message or DEFAULT_ERROR_MESSAGE), event)


def limit_reached(limit: str) -> Failure:
    """Return how a turn fails that has reached a limit, such as `max_seconds`."""
    message = _LIMITS[limit]
    return Failure(TurnError(code=f"limit.{limit}", message=message), NoticeEvent(level="warning", message=message))


def shut_down() -> Failure:
    """Return how a turn fails that the server's shutdown has ended."""
    return _server_failure("server.shutdown", "The server was shut down.")


def interrupted() -> Failure:
    """Return how a turn fails whose process is gone."""
    return _server_failure("server.interrupted", "The server was interrupted.")


def _server_failure(code: str, message: str) -> Failure:
    event = ErrorEvent(code=ErrorCode.STREAM_ERROR, allow_retry=True)
    return Failure(TurnError(code=code, message=message), event)
