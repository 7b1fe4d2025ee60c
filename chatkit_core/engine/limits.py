"""The limits of a turn while it runs."""

import asyncio
from collections.abc import Callable

from chatkit_core.engine.live_turn import LiveTurn


class Limits:
    """Watches how long a turn runs, and hears what else it reaches.

    Args:
        reach: called with the name of a limit that is reached, such as `max_seconds`.
    """

    def __init__(self, turn: LiveTurn, reach: Callable[[str], None]) -> None:
        self._turn = turn
        self._reach = reach
        self._began: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The turn runs, for the first time or again."""
        loop, state = asyncio.get_running_loop(), self._turn.state
        self._began = loop.time()
        self._turn.on_limit = self._reach
        if state.limits.max_seconds is not None:
            left = max(state.limits.max_seconds - state.seconds, 0)
            self._timer = loop.call_later(left, self._reach, "max_seconds")

    def pause(self) -> None:
        """The turn rests, or has ended."""
        if self._began is not None:
            self._turn.state.seconds += asyncio.get_running_loop().time() - self._began
            self._began = None
        if self._timer is not None:
            self._timer.cancel()
