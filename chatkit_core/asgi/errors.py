"""From exceptions to answers: `{"error": {"code": …, "message": …, "request_id": …}}`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatkit_core import _ids
from chatkit_core.errors import BaseStreamError, ChatKitError, CustomStreamError, MissingExtraError

_log = logging.getLogger("chatkit_core")

Handler = Callable[[Request], Awaitable[Response]]

_CODES = {401: "auth.required", 403: "auth.forbidden", 404: "not_found", 405: "request.method_not_allowed"}


def error_response(
    status: int, code: str, message: str, request_id: str | None = None, details: Mapping[str, str] | None = None
) -> Response:
    """Return the answer to a request that failed."""
    body = {"code": code, "message": message, "request_id": request_id or _ids.new_id("req"), **(details or {})}
    return Response(orjson.dumps({"error": body}), status_code=status, media_type="application/json")


def answering_errors(handler: Handler) -> Handler:
    """Wrap a handler so that whatever it raises becomes an answer; what nobody expected is logged, and not told."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ClientDisconnect:
            return error_response(400, "request.incomplete", "The connection closed before the request was whole.")
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return _answer(error, request)  # the app's code raised it; nobody has cancelled the request
        except Exception as error:
            return _answer(error, request)

    return answer


class Responder:
    """An ASGI endpoint that sends what a handler answers.

    It stands in for starlette's own wrapper of handlers, which keeps the request, and passes each event of a stream
    through functions of its own: a hot path.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._handler(Request(scope, receive, send))
        await response(scope, receive, send)


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request for a path that nobody serves."""
    if scope["type"] == "http":
        await error_response(404, "not_found", "There is nothing at this path.")(scope, receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})


def _answer(error: BaseException, request: Request) -> Response:
    request_id = _ids.new_id("req")
    match error:
        case ChatKitError() if error.status < 500 or error.status in (501, 503):
            response = error_response(error.status, error.code, error.message, request_id, error.details)
        case MissingExtraError():
            response = error_response(501, "server.missing_extra", str(error), request_id)
        case HTTPException():
            code = _CODES.get(error.status_code, "request.refused")
            response = error_response(error.status_code, code, str(error.detail), request_id)
            response.headers.update(error.headers or {})
        case BaseStreamError():
            code = "custom" if isinstance(error, CustomStreamError) else "stream.error"
            response = error_response(500, code, str(error), request_id)
        case _:
            _log.error("Request %s: %s %s failed.", request_id, request.method, request.url.path, exc_info=error)
            response = error_response(500, "server.error", "The server has failed.", request_id)
    return response
