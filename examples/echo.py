# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples echo:app
"""The shortest assistant: it says back what you say, and keeps every conversation in `chat.db`."""

from chatkit_core import ChatServer
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    async def respond(self, thread, message, context):
        for word in f"You said: {message.text}".split():
            yield word + " "


app = Assistant(SQLiteStore("chat.db"))
