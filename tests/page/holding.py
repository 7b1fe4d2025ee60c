"""Requests that wait on their way."""

import asyncio
import json

from playwright.async_api import Page, Route


class Held:
    """Requests of one op that wait, before the server has them or with its answer, until they are let go."""

    def __init__(self, op: str, *, answered: bool = False) -> None:
        self._op = op
        self._answered = answered
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()

    async def hold(self, page: Page) -> None:
        await page.route("**/chatkit", self._wait)

    async def _wait(self, route: Route) -> None:
        if json.loads(route.request.post_data or "{}").get("type") != self._op:
            await route.fallback()
            return
        answer = await route.fetch() if self._answered else None
        self.begun.set()
        await self.gate.wait()
        if answer:
            await route.fulfill(response=answer)
        else:
            await route.continue_()
