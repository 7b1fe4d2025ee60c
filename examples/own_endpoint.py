# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples own_endpoint:app
"""An endpoint of your own, for an app that handles requests itself: `process` answers an op, whoever received it.

A proxy in front of this app signs users in, and says in `X-User` who asks.
"""

from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from chatkit_core import ChatServer
from chatkit_core.errors import ChatKitError
from chatkit_core.server import StreamingResult
from chatkit_core.types import ThreadMetadata, UserMessageItem
from chatkit_stores.sqlite import SQLiteStore

Context = dict[str, str]


class Assistant(ChatServer[Context]):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Context
    ) -> AsyncIterator[str]:
        yield f"Hello, {context['user_id']}."


server = Assistant(SQLiteStore("chat.db"))


async def chat(request: Request) -> Response:
    context = {"user_id": request.headers["X-User"]}
    try:
        result = await server.process(await request.body(), context)
    except ChatKitError as error:
        return JSONResponse({"error": {"code": error.code, "message": error.message}}, error.status)
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")


app = Starlette(routes=[Route("/chat", chat, methods=["POST"])], lifespan=server.lifespan)
