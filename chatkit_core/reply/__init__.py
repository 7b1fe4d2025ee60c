"""For authors of `respond`: what they would else write by hand.

Functions that return one event are yielded as they are; those that return several are iterated:

    yield reply.progress("Looking it up …")
    async for event in reply.text(model.stream(prompt)):
        yield event
"""

from chatkit_core.reply.asking import Answers, approval, ask
from chatkit_core.reply.items import client_tool_call, hidden, progress, structured_input
from chatkit_core.reply.text import text
from chatkit_core.reply.widgets import widget
from chatkit_core.reply.workflow import Workflow

__all__ = [
    "Answers",
    "Workflow",
    "approval",
    "ask",
    "client_tool_call",
    "hidden",
    "progress",
    "structured_input",
    "text",
    "widget",
]
