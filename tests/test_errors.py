"""The tree of errors: what each is called on the wire."""

import inspect

import pytest

from chatkit_core import errors
from chatkit_core.errors import (
    AlreadyAnsweredError,
    BaseStreamError,
    ChatKitError,
    ConflictError,
    CustomStreamError,
    ErrorCode,
    ForbiddenError,
    GoneError,
    InvalidEventError,
    InvalidJSONError,
    InvalidRequestError,
    KeyReusedError,
    LeaseLostError,
    MethodNotAllowedError,
    MissingExtraError,
    NotFoundError,
    NotSupportedError,
    QueueFullError,
    ShuttingDownError,
    StreamError,
    ThreadBusyError,
    ThreadNotActiveError,
    TooLargeError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)

ANSWERS = [
    (InvalidJSONError("The body is not JSON."), 400, "request.invalid_json", "The body is not JSON."),
    (UnauthorizedError(), 401, "auth.required", "Authentication is required."),
    (UnauthorizedError("Sign in."), 401, "auth.required", "Sign in."),
    (ForbiddenError(), 403, "auth.forbidden", "This is not allowed."),
    (NotFoundError("thread", "thr_1"), 404, "thread.not_found", "There is no thread 'thr_1'."),
    (NotFoundError("Nothing here."), 404, "not_found", "Nothing here."),
    (NotFoundError(), 404, "not_found", "Not found."),
    (MethodNotAllowedError("PUT"), 405, "request.method_not_allowed", "PUT is not a method of this path."),
    (ConflictError("Busy."), 409, "conflict", "Busy."),
    (ConflictError("Busy.", code="thread.busy"), 409, "thread.busy", "Busy."),
    (ThreadNotActiveError("t", "locked"), 409, "thread.locked", "Thread 't' is locked."),
    (ThreadNotActiveError("t", "closed", "Done."), 409, "thread.closed", "Thread 't' is closed: Done."),
    (AlreadyAnsweredError("i"), 409, "item.already_answered", "Item 'i' is already answered."),
    (GoneError("turn"), 410, "turn.expired", "This turn has expired."),
    (TooLargeError("request", 9), 413, "request.too_large", "The request is larger than 9 bytes."),
    (
        UnsupportedMediaTypeError("request", "text/css", "application/json"),
        415,
        "request.unsupported_media_type",
        "The request has content type 'text/css'; application/json is taken here.",
    ),
    (InvalidRequestError("params.limit", "is wrong"), 422, "request.invalid", "params.limit: is wrong"),
    (InvalidRequestError("", "is not an object"), 422, "request.invalid", "is not an object"),
    (QueueFullError("t", 20), 429, "thread.queue_full", "20 turns already wait in thread 't'."),
    (NotSupportedError("action"), 501, "action.not_supported", "action is not supported here."),
    (NotSupportedError("a", "Do b."), 501, "a.not_supported", "a is not supported here. Do b."),
    (ShuttingDownError(), 503, "server.shutting_down", "The server is shutting down."),
    (ThreadBusyError("trn_1"), 409, "turn.in_progress", "Turn 'trn_1' is in progress."),
    (KeyReusedError("k"), 409, "idempotency_key.reused", "The idempotency key 'k' was used for another request."),
    (LeaseLostError("trn_1"), 500, "turn.lease_lost", "Turn 'trn_1' is not this process's any more."),
    (InvalidEventError("Not an event."), 500, "turn.invalid_event", "Not an event."),
    (ChatKitError("Broken."), 500, "server.error", "Broken."),
]


@pytest.mark.parametrize(
    ("error", "status", "code", "message"), ANSWERS, ids=lambda value: type(value).__name__ if value else ""
)
def test_an_error_has_a_status_a_code_and_a_message(error: ChatKitError, status: int, code: str, message: str) -> None:
    assert (error.status, error.code, error.message, str(error)) == (status, code, message, message)


def test_the_table_above_has_every_error_that_becomes_an_answer() -> None:
    classes = {cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, ChatKitError)}

    assert {type(error) for error, *_ in ANSWERS} == classes


def test_the_drawing_at_the_top_names_every_error_once() -> None:
    drawn = (errors.__doc__ or "").split()
    classes = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)]

    assert [drawn.count(cls.__name__) for cls in classes] == [1] * len(classes)


def test_a_code_that_is_given_to_one_error_is_not_given_to_the_next() -> None:
    ConflictError("Busy.", code="thread.busy")

    assert ConflictError("Busy.").code == "conflict"


def test_a_stream_error_offers_a_retry_as_its_code_says() -> None:
    by_code, own = StreamError(ErrorCode.STREAM_ERROR), StreamError(ErrorCode.STREAM_ERROR, allow_retry=False)

    assert (by_code.code, by_code.status_code, by_code.allow_retry) == ("stream.error", 500, True)
    assert own.allow_retry is False
    assert isinstance(own, BaseStreamError)


def test_a_custom_stream_error_has_its_own_message_and_offers_no_retry() -> None:
    error = CustomStreamError("Try later.")

    assert (error.message, error.allow_retry, str(error)) == ("Try later.", False, "Try later.")
    assert CustomStreamError("Again.", allow_retry=True).allow_retry


def test_a_missing_extra_says_what_to_install() -> None:
    error = MissingExtraError("The command line", "serve")

    assert isinstance(error, ImportError)
    assert error.extra == "serve"
    assert str(error) == "The command line needs an extra: pip install 'chatkit-core[serve]'"
