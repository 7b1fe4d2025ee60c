"""Features that ask: the page runs a tool, the user fills in questions; the answer comes with a turn of its own."""

from collections.abc import AsyncIterator

from chatkit_core import reply
from chatkit_core.types import (
    ClientToolCallItem,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)


async def tool(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """A tool that your page has: the reply goes on once it has run."""
    yield "I ask your page for its time zone."
    yield reply.client_tool_call("get_time_zone", {"format": "long"})


async def tool_answered(call: ClientToolCallItem) -> AsyncIterator[str]:
    """Go on with what the page's tool returned."""
    yield f"Your page says: {call.output}."


async def question(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent]:
    """Questions to fill in: the reply goes on with your answers."""
    colors = [StructuredInputMultipleChoiceOption(value=color) for color in ("red", "green", "blue")]
    yield reply.structured_input(
        [
            StructuredInputMultipleChoice(
                id="color", question="Which colors do you like?", options=colors, multiple=True
            ),
            StructuredInputFreeform(id="why", question="Why?", description="A word or two are enough."),
        ]
    )


async def question_answered(item: StructuredInputItem) -> AsyncIterator[str]:
    """Go on with what the user answered."""
    for asked in item.inputs:
        values = asked.answer.values if asked.answer else []
        yield f"- {asked.question} {', '.join(values) or '(skipped)'}\n"
