"""What a process runs its turns under: a lease of the turn log, which it renews while it lives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chatkit_core.errors import LeaseLostError
from chatkit_core.turn_log import Fence, TurnLog

T = TypeVar("T")

_log = logging.getLogger("chatkit_core")

RENEWALS = 3.3
"""How often a lease is renewed in the time it runs for: every 3 of its 10 seconds."""


class Lease:
    """The lease that this process holds while it has turns. When it is lost, the next turn gets a new one.

    Args:
        seconds: how long it runs after each renewal.
        is_needed: whether this process has turns. When it has had none from one renewal to the next, and nobody has
            asked for the lease, it is released.
        on_lost: called with a lease that is lost.
    """

    def __init__(
        self, log: TurnLog, seconds: float, *, is_needed: Callable[[], bool], on_lost: Callable[[str], None]
    ) -> None:
        self._log = log
        self._seconds = seconds
        self._is_needed = is_needed
        self._on_lost = on_lost
        self._id: str | None = None
        self._used = False
        self._deadline = 0.0
        self._acquiring = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None

    @property
    def held(self) -> str | None:
        """The lease, if there is one."""
        return self._id

    async def acquire(self) -> str:
        """Return the lease that is held; a new one if there is none."""
        self._used = True
        if self._id is None:
            async with self._acquiring:
                if self._id is None:
                    deadline = self._now() + self._seconds
                    self._id, self._deadline = await self._log.acquire_lease(self._seconds), deadline
                    self._renewing = self._renewing or asyncio.create_task(self._renew_regularly())
        return self._id

    async def use(self, call: Callable[[str], Awaitable[T]]) -> T:
        """Return what the call returns, which gets the lease; it is made again if the lease is over by then."""
        while True:
            lease = await self.acquire()
            try:
                return await call(lease)
            except LeaseLostError:
                self.lose(lease)

    async def refresh(self) -> None:
        """Renew the lease, or lose it, if nobody has renewed it in time."""
        if self._id is not None and self._now() >= self._deadline:
            await self._renew(self._id)

    async def check(self, fence: Fence) -> None:
        """Check that a write may be made; at no cost while the lease is fresh.

        Raises:
            LeaseLostError: the lease is lost.
        """
        if self._now() >= self._deadline:
            await self.refresh()
        if fence.lease != self._id:
            raise LeaseLostError(fence.turn_id)

    def lose(self, lease: str) -> None:
        """Note that the log does not take this lease any more."""
        if lease == self._id:
            self._id = None
            _log.error("The lease on the turns of this process is lost; they end as interrupted.")
            self._on_lost(lease)

    async def release(self) -> None:
        """Give the lease up."""
        if self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None
        await self._release()

    async def _release(self) -> None:
        if self._id is not None:
            lease, self._id = self._id, None
            await self._log.release_lease(lease)

    async def _renew_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / RENEWALS)
            if self._id is not None:
                try:
                    needed, self._used = self._used or self._is_needed(), False
                    await (self._renew(self._id) if needed else self._release())
                except Exception:
                    _log.exception("The lease could not be renewed; it is tried again.")

    async def _renew(self, lease: str) -> None:
        deadline = self._now() + self._seconds
        if await self._log.renew_lease(lease, self._seconds):
            self._deadline = deadline
        else:
            self.lose(lease)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
