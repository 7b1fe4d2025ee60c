"""`openai-chatkit` behind starlette, with a store that keeps everything in dicts, as its documentation shows it."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit import types
from chatkit.server import ChatKitServer, StreamingResult
from chatkit.store import NotFoundError, Store
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from benchmarks.apps.cpu import with_cpu
from benchmarks.apps.objects import objects
from benchmarks.apps.script import Script


class DictStore(Store[Any]):
    """What is streamed needs only these."""

    def __init__(self) -> None:
        self.threads: dict[str, Any] = {}
        self.items: dict[str, dict[str, Any]] = {}

    async def load_thread(self, thread_id: str, context: Any) -> Any:
        if thread_id not in self.threads:
            raise NotFoundError(thread_id)
        return self.threads[thread_id].model_copy(deep=True)

    async def save_thread(self, thread: Any, context: Any) -> None:
        self.threads[thread.id] = types.ThreadMetadata(**thread.model_dump(exclude={"items"}))
        self.items.setdefault(thread.id, {})

    async def add_thread_item(self, thread_id: str, item: Any, context: Any) -> None:
        self.items[thread_id][item.id] = item

    async def save_item(self, thread_id: str, item: Any, context: Any) -> None:
        self.items[thread_id][item.id] = item

    async def load_thread_items(self, thread_id: str, after: str | None, limit: int, order: str, context: Any) -> Any:
        return types.Page(data=list(self.items[thread_id].values())[:limit])

    async def load_item(self, thread_id: str, item_id: str, context: Any) -> Any:
        return self.items[thread_id][item_id]

    async def load_threads(self, limit: int, after: str | None, order: str, context: Any) -> Any:
        raise NotImplementedError

    async def delete_thread(self, thread_id: str, context: Any) -> None:
        raise NotImplementedError

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Any) -> None:
        raise NotImplementedError

    async def save_attachment(self, attachment: Any, context: Any) -> None:
        raise NotImplementedError

    async def load_attachment(self, attachment_id: str, context: Any) -> Any:
        raise NotImplementedError

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        raise NotImplementedError


class Assistant(ChatKitServer[Any]):
    def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[Any]:
        script = Script.parse(input_user_message.content[0].text)
        return objects(types, script, thread.id, self.store.generate_item_id("message", thread, context))


async def answer(request: Request) -> Response:
    result = await server.process(await request.body(), {})
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")


server = Assistant(DictStore())
app = with_cpu(Starlette(routes=[Route("/", answer, methods=["POST"])]))
