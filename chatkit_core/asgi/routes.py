"""The routes of a chat server: the endpoint, and the attachments below it."""

from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chatkit_core.asgi.body import read_json_body
from chatkit_core.asgi.errors import Handler, Responder, answering_errors
from chatkit_core.asgi.lifecycle import Lifecycle
from chatkit_core.asgi.stream import EventStream
from chatkit_core.asgi.uploads import upload_routes
from chatkit_core.engine import Engine
from chatkit_core.engine.parse import parse_op
from chatkit_core.errors import GoneError, InvalidRequestError, MethodNotAllowedError, TooLargeError
from chatkit_core.store import AttachmentStore, Store, endpoint_url
from chatkit_core.types import InputTranscribeReq, TurnFollowParams

TURNS_HEADER = "chatkit-turns"
MAX_KEY = 200
"""Characters that an idempotency key may have."""
_ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Server(Protocol):
    """What the routes need of a `ChatServer`."""

    heartbeat: float | None
    max_body: int
    max_audio_body: int
    store: Store[Any]
    attachment_store: AttachmentStore[Any] | None

    async def get_context(self, request: Request) -> Any: ...


def chat_routes(path: str, server: Server, engine: Engine, lifecycle: Lifecycle) -> list[BaseRoute]:
    """Return the routes of the endpoint at `path` and of the attachments below it."""
    base = "/" + path.strip("/")
    below = base.rstrip("/")
    endpoint = Endpoint(server, engine)

    def prepared(handler: Handler) -> Handler:
        named = handler if server.attachment_store is None else _naming_endpoint(below, handler)
        return answering_errors(_opening(lifecycle, named))

    return [
        Route(base, Responder(prepared(endpoint.answer)), methods=["GET", "POST"]),
        *upload_routes(below, server.store, server.attachment_store, server.get_context, prepared),
        Route(base, answering_errors(_refuse_method), methods=_ALL_METHODS),
        Route(below + "/attachments{rest:path}", answering_errors(_refuse_method), methods=_ALL_METHODS),
    ]


class Endpoint:
    """The one endpoint of the protocol."""

    def __init__(self, server: Server, engine: Engine) -> None:
        self._server = server
        self._engine = engine

    async def answer(self, request: Request) -> Response:
        """Answer an op; or, to a GET, what follows a cursor."""
        if request.method != "POST":
            return await self._follow(request)
        server = self._server
        context = await server.get_context(request)
        body = await read_json_body(request, limit=server.max_body, audio_limit=server.max_audio_body)
        op = parse_op(body)
        if len(body) > server.max_body and not isinstance(op, InputTranscribeReq):
            raise TooLargeError("request", server.max_body)
        turns = request.headers.get(TURNS_HEADER) == "1"
        answer = await self._engine.answer(op, context, turns=turns, key=_idempotency_key(request))
        if isinstance(answer, bytes):
            return Response(answer, media_type="application/json")
        return EventStream(answer, heartbeat=server.heartbeat)

    async def _follow(self, request: Request) -> Response:
        server = self._server
        context = await server.get_context(request)
        query = request.query_params
        params = TurnFollowParams(
            turn_id=query.get("turn_id"),
            thread_id=query.get("thread_id"),
            after=request.headers.get("last-event-id") or query.get("after"),
            wait=query.get("wait") == "1",
        )
        try:
            answer = await self._engine.follow(params, context)
        except GoneError:
            answer = None
        return Response(status_code=204) if answer is None else EventStream(answer, heartbeat=server.heartbeat)


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= MAX_KEY:
        raise InvalidRequestError("Idempotency-Key", f"must have 1 to {MAX_KEY} characters")
    return key


async def _refuse_method(request: Request) -> Response:
    raise MethodNotAllowedError(request.method)


def _opening(lifecycle: Lifecycle, handler: Handler) -> Handler:
    """Open the server, if nobody has, before the first request."""

    async def answer(request: Request) -> Response:
        await lifecycle.ensure_open()
        return await handler(request)

    return answer


def _naming_endpoint(below: str, handler: Handler) -> Handler:
    """Let whoever makes URLs know where the endpoint is."""

    async def answer(request: Request) -> Response:
        token = endpoint_url.set(str(request.base_url).rstrip("/") + below)
        try:
            return await handler(request)
        finally:
            endpoint_url.reset(token)

    return answer
