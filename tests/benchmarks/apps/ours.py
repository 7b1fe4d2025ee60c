"""Our server. Its environment has STORE, the URL of its store, and may have LOG, that of another turn log."""

import os
from collections.abc import AsyncIterator
from typing import Any

from benchmarks.apps.cpu import with_cpu
from benchmarks.apps.objects import objects, strings
from benchmarks.apps.script import Script
from chatkit_core import ChatServer, types
from chatkit_core.backends import open_store


class Assistant(ChatServer[Any]):
    def respond(self, thread: Any, message: Any, context: Any) -> AsyncIterator[Any]:
        script = Script.parse(message.text)
        if script.kind == "str":
            return strings(script)
        return objects(types, script, thread.id, self.store.generate_item_id("message", thread, context))

    async def generate_title(self, *args: Any) -> None:
        """The incumbent makes no titles."""


app = with_cpu(Assistant(open_store(os.environ["STORE"])))
