"""Every error that the client raises.

ChatClientError
├── ConnectionLostError       the server could not be reached, or hung up too often
├── RefusedError              the server refused the op; has its status, code, message and request id
│   ├── NotSignedInError          401
│   ├── NotAllowedError           403
│   ├── ThreadNotFoundError       404   thread.not_found
│   ├── TurnNotFoundError         404   turn.not_found
│   ├── TurnExpiredError          410   turn.expired
│   ├── TurnInProgressError       409   turn.in_progress; names the turn
│   ├── WrongRequestError         422   request.invalid
│   └── TooManyTurnsError         429   thread.queue_full
└── TurnEndedError                 the turn has ended without its whole answer; has its result so far
    ├── TurnFailedError
    └── TurnCancelledError
"""

from collections.abc import Mapping
from typing import Any

from chatkit_core.client.results import RunResult


class ChatClientError(Exception):
    """Base of the errors that the client raises."""


class ConnectionLostError(ChatClientError):
    """The server could not be reached, or it hung up and did so again whenever the client came back."""


class RefusedError(ChatClientError):
    """The server refused the op.

    Args:
        status: the HTTP status.
        error: what the answer says: `code`, `message`, `request_id`, and what the code brings besides.
    """

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(error.get("code", "server.error"))
        self.message = str(error.get("message", f"The server answered with status {status}."))
        self.request_id: str | None = error.get("request_id")
        super().__init__(f"{self.message} ({self.code})")


class NotSignedInError(RefusedError):
    """The request does not say who asks, or says it wrongly."""


class NotAllowedError(RefusedError):
    """The one who asks may not."""


class ThreadNotFoundError(RefusedError):
    """There is no such thread, or it is somebody else's."""


class TurnNotFoundError(RefusedError):
    """There is no such turn, or it is somebody else's."""


class TurnExpiredError(RefusedError):
    """The turn's events are forgotten; the thread still has its items."""


class TurnInProgressError(RefusedError):
    """The thread has a turn that runs, and the message was to be refused then."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(status, error)
        self.turn_id: str = error.get("turn_id", "")


class WrongRequestError(RefusedError):
    """The server does not know the op, or a field of it is wrong; the message names it."""


class TooManyTurnsError(RefusedError):
    """Too many turns wait in the thread."""


class TurnEndedError(ChatClientError):
    """The turn has ended without its whole answer.

    Args:
        message: what happened.
        result: the turn, and what it has said so far.
    """

    def __init__(self, message: str, result: RunResult) -> None:
        super().__init__(message)
        self.result = result


class TurnFailedError(TurnEndedError):
    """The turn has failed."""

    def __init__(self, result: RunResult) -> None:
        error = result.turn.error
        self.code = error.code if error else "server.error"
        self.message = (error.message if error else None) or "The turn has failed."
        super().__init__(f"{self.message} ({self.code})", result)


class TurnCancelledError(TurnEndedError):
    """Somebody has stopped the turn; `reason` says why, such as `user` or `interrupted`."""

    def __init__(self, result: RunResult) -> None:
        self.reason = result.turn.cancel_reason
        super().__init__(f"The turn was cancelled: {self.reason}.", result)


_BY_CODE: dict[str, type[RefusedError]] = {
    "thread.not_found": ThreadNotFoundError,
    "turn.not_found": TurnNotFoundError,
    "turn.expired": TurnExpiredError,
    "turn.in_progress": TurnInProgressError,
    "request.invalid": WrongRequestError,
    "thread.queue_full": TooManyTurnsError,
}
_BY_STATUS: dict[int, type[RefusedError]] = {401: NotSignedInError, 403: NotAllowedError}


def refused(status: int, error: Mapping[str, Any]) -> RefusedError:
    """Return the error that the server's answer stands for."""
    kind = _BY_CODE.get(str(error.get("code"))) or _BY_STATUS.get(status, RefusedError)
    return kind(status, error)
