"""What the parts of a client share."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from chatkit_core.client.frames import Op
from chatkit_core.client.ops import answer_op
from chatkit_core.client.transport import Transport
from chatkit_core.types import ClientToolCallItem, StructuredInputItem

Tool = Callable[..., Any]
"""Takes the call's arguments by name; returns JSON. It may be async; one that is not runs in a thread."""

Form = Callable[[StructuredInputItem], Any]
"""Takes the questions; returns the answers as `answer_op` takes them. It may be async, as a tool may."""


class Functions:
    """What answers client tool calls and forms."""

    def __init__(self) -> None:
        self.tools: dict[str, Tool] = {}
        self.form: Form | None = None

    async def answer(self, item: ClientToolCallItem | StructuredInputItem) -> Op | None:
        """Return the op that answers the item; None if there is no function for it.

        Raises:
            Exception: what the function raises.
        """
        if isinstance(item, ClientToolCallItem):
            tool = self.tools.get(item.name)
            return None if tool is None else answer_op(item, await call_function(tool, **item.arguments))
        return None if self.form is None else answer_op(item, await call_function(self.form, item))


async def call_function(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call an app's function, async or not; one that is not runs in a thread, so that it hinders nobody."""
    if inspect.iscoroutinefunction(function):
        return await function(*args, **kwargs)
    result = await asyncio.to_thread(function, *args, **kwargs)
    return await result if inspect.isawaitable(result) else result


_tasks: set[asyncio.Task[None]] = set()
"""The tasks of all clients: a loop by itself lets go of a task that nobody holds."""


@dataclass(frozen=True, slots=True)
class Link:
    """A client's way to its server.

    Args:
        transport: brings ops there.
        functions: answer what the server asks.
    """

    transport: Transport
    functions: Functions = field(default_factory=Functions)
    _own_tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def call(self, type: str, **params: Any) -> Any:
        """Send an op that is answered with JSON. Params that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return await self.transport.call({"type": type, "params": given})

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run it in a task that ends with the client."""
        task = asyncio.create_task(work)
        for tasks in (_tasks, self._own_tasks):
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        return task

    async def aclose(self) -> None:
        """End all tasks, and close the connections. Turns go on."""
        tasks = list(self._own_tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.transport.aclose()
