# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples page:app
"""A chat in the browser, with prompts to start from and a look of its own: open http://127.0.0.1:8000/."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from chatkit_core import ChatServer
from chatkit_core.types import ThreadMetadata, UserMessageItem
from chatkit_core.ui import ChatUI
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[str]:
        if message is not None:
            for word in f"You said: *{message.text}*. Reload this page, and I go on where I was.".split():
                yield word + " "
                await asyncio.sleep(0.1)


server = Assistant(SQLiteStore("chat.db"))

page = ChatUI(
    endpoint="/chatkit",
    title="My assistant",
    options={
        "startScreen": {"greeting": "Hello!", "prompts": [{"label": "Say something", "prompt": "Something"}]},
        "theme": {"color": {"accent": {"primary": "#0a7d57"}}, "radius": "soft"},
    },
)

app = Starlette(routes=[*server.routes("/chatkit"), Mount("/", page)], lifespan=server.lifespan)
