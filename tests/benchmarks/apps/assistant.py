"""Our assistant, which replies as the message asks it to."""

from collections.abc import AsyncIterator
from typing import Any

from benchmarks.apps.objects import objects, strings
from benchmarks.apps.script import Script
from chatkit_core import ChatServer, types


class Assistant(ChatServer[Any]):
    """Replies by the script that is the message."""

    def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        script = Script.parse(message.text)
        if script.kind == "str":
            return strings(script)
        return objects(types, script, thread.id, self.store.generate_item_id("message", thread, context))

    async def generate_title(self, *args: Any) -> None:
        """The incumbent makes no titles."""
