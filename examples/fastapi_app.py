# pip install "chatkit-core[serve]" fastapi
# uvicorn --app-dir examples fastapi_app:app
"""An assistant at `/chatkit` of a FastAPI app, for pages of another origin."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from chatkit_core import ChatServer
from chatkit_core.types import ThreadMetadata, UserMessageItem
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[str]:
        if message is not None:
            yield f"You said: {message.text}"


server = Assistant(SQLiteStore("chat.db"))

app = FastAPI(lifespan=server.lifespan)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://shop.example"],
    allow_methods=["GET", "POST", "PUT"],
    allow_headers=["Authorization", "ChatKit-Turns"],
    expose_headers=["ChatKit-Turn-Id"],
)
# Not `app.mount`: a mounted app answers `POST /chatkit` with a redirect to `/chatkit/`.
app.router.routes.extend(server.routes("/chatkit"))


@app.get("/health")
async def health() -> dict[str, bool]:
    return {"ok": True}
