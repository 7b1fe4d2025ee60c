"""A turn as an iterator of frames, for whoever serves it without our HTTP."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from chatkit_core.engine import streaming


class Frames(AsyncGenerator[bytes, None]):
    """Yields the frames of a turn to its end; each time all that are ready.

    Args:
        reader: what is read.
        on_close: called when the iterator is closed, or its task is cancelled; also if nobody has begun to iterate.
    """

    def __init__(self, reader: streaming.Frames, on_close: Callable[[], None]) -> None:
        self._reader = reader
        self._on_close = on_close
        self._closed = False
        self._frames = self._read()

    async def asend(self, value: None) -> bytes:
        return await self._frames.asend(value)

    async def athrow(self, *error: Any) -> bytes:
        return await self._frames.athrow(*error)

    async def aclose(self) -> None:
        await self._frames.aclose()
        self._close()

    async def _read(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                if frames := self._reader.take():
                    yield frames
                elif not self._reader.at_end:
                    await self._reader.wait()
                elif then := self._reader.then():
                    self._reader.close()
                    self._reader = then
                else:
                    return
        finally:
            self._close()

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._reader.close()
            self._on_close()
