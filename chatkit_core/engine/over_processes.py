"""A turn as the response reads it that has started it, also if another process has to bring it to its end."""

from collections.abc import Callable

from chatkit_core.engine.feed import Feed, Reader
from chatkit_core.engine.follow import Follow


class OverProcesses:
    """Reads the feed of a turn; once this process has lost the turn, what follows from elsewhere.

    Args:
        elsewhere: returns a reader of what follows a seq.
    """

    def __init__(self, reader: Reader, feed: Feed, elsewhere: Callable[[int], Follow]) -> None:
        self._reader: Reader | Follow = reader
        self._here = reader
        self._feed = feed
        self._elsewhere = elsewhere

    @property
    def at_end(self) -> bool:
        """Whether all was taken."""
        if self._reader is self._here and self._feed.lost and self._here.at_end:
            self._here.close()
            self._reader = self._elsewhere(self._here.seq)
        return self._reader.at_end

    def take(self) -> bytes:
        """Return the frames that are ready, `b""` if there are none."""
        return self._reader.take()

    async def wait(self) -> None:
        """Return when there is more to take, when there is no more, or when `interrupt` is called."""
        await self._reader.wait()

    def interrupt(self) -> None:
        """Let `wait` return now."""
        self._reader.interrupt()

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()
