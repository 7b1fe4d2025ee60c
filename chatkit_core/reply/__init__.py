"""For authors of `respond`: what they would else write by hand.

Functions that return one event are yielded as they are; those that return several are iterated:

    yield reply.progress("Looking it up …")
    async for event in reply.text(model.stream(prompt)):
        yield event
"""

from .items import client_tool_call, hidden, progress, structured_input
from .text import text
from .widgets import widget
from .workflow import Workflow

__all__ = [
    "Workflow",
    "client_tool_call",
    "hidden",
    "progress",
    "structured_input",
    "text",
    "widget",
]
