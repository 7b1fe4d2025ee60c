"""The lifespan of an ASGI app that is called in this process."""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE = 5.0
"""Seconds that an app may take to end once it has said that it has shut down."""

Message = dict[str, Any]


class Lifespan:
    """Begins once and ends once. An app that knows no lifespan has none, and one that `is_open` already needs none."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self._beginning: asyncio.Lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._failure: str | None = None
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()

    async def begin(self) -> None:
        """Have the app start, unless it has.

        Raises:
            RuntimeError: it does not start.
        """
        async with self._beginning:
            if self._task is None and not getattr(self._app, "is_open", False):
                self._task = asyncio.create_task(self._run())
                answer = await self._ask("lifespan.startup")
                if answer is not None and answer["type"] == "lifespan.startup.failed":
                    self._failure = answer.get("message") or "it does not say why"
        if self._failure is not None:
            raise RuntimeError(f"the app did not start: {self._failure}")

    async def end(self) -> None:
        """Have the app shut down, if it was started here."""
        if self._task is not None and not self._task.done():
            await self._ask("lifespan.shutdown")
            await asyncio.wait({self._task}, timeout=PATIENCE)
            self._task.cancel()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {}}
        try:
            await self._app(scope, self._told.get, self._answers.put)
        except Exception:  # as apps do that know no lifespan; one that failed has said so
            return

    async def _ask(self, type: str) -> Message | None:
        """Tell the app something; return its answer, None if it knows no lifespan."""
        assert self._task is not None
        await self._told.put({"type": type})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        return None
