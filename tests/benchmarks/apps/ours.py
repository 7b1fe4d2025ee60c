"""Our server. Its environment has STORE, the URL of its store."""

import os
from typing import Any

from benchmarks.apps.assistant import Assistant
from benchmarks.apps.cpu import with_cpu
from chatkit_core.backends import open_store


class Somebodys(Assistant):
    async def get_context(self, request: Any) -> Any:
        return {"user_id": "somebody"}


app = with_cpu(Somebodys(open_store(os.environ["STORE"])))
