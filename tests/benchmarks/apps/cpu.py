"""Lets a server say how much CPU its process has used."""

import time
from typing import Any


def with_cpu(app: Any) -> Any:
    """Return an app that answers `GET /cpu` with seconds of CPU, and leaves all else to `app`."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") != "/cpu":
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(time.process_time()).encode()})

    return answer
