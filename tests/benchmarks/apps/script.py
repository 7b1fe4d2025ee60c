"""What a reply is to be, as the text of the message that asks for it says: `"objects 2000 50"`."""

import asyncio
from dataclasses import dataclass
from typing import Literal

WORD = "word "
"""The text of each delta."""


@dataclass(frozen=True, slots=True)
class Script:
    """A reply.

    Args:
        kind: whether it is of event objects, or of `str`.
        deltas: how many deltas it has.
        rate: deltas a second; 0 for as fast as they are taken.
    """

    kind: Literal["objects", "str"]
    deltas: int
    rate: float = 0

    @classmethod
    def parse(cls, text: str) -> "Script":
        """Return what a message asks for."""
        kind, deltas, rate = text.split()
        assert kind in ("objects", "str")
        return cls("objects" if kind == "objects" else "str", int(deltas), float(rate))

    def __str__(self) -> str:
        return f"{self.kind} {self.deltas} {self.rate}"


class Pace:
    """Lets deltas come at their rate, whatever each of them costs; the first comes at once."""

    def __init__(self, rate: float) -> None:
        self._time = asyncio.get_running_loop().time
        self._period = 1 / rate
        self._next = self._time()

    async def wait(self) -> None:
        """Return when the next delta is due."""
        await asyncio.sleep(self._next - self._time())
        self._next += self._period
