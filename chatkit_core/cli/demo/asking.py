"""Features that ask: the page runs a tool, the user fills in questions. The turn waits, and goes on with the answer."""

from collections.abc import AsyncIterator, Sequence

from chatkit_core import reply
from chatkit_core.turn import current_turn
from chatkit_core.types import (
    ClientToolCallItem,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    ThreadItem,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)


async def tool(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """A tool that your page has: the reply goes on once it has run."""
    if current_turn().answered:
        async for line in tell(current_turn().answered):
            yield line
        return
    yield "I ask your page for its time zone."
    yield reply.client_tool_call("get_time_zone", {"format": "long"})


async def question(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[ThreadStreamEvent | str]:
    """Questions to fill in: the reply goes on with your answers."""
    if current_turn().answered:
        async for line in tell(current_turn().answered):
            yield line
        return
    colors = [StructuredInputMultipleChoiceOption(value=color) for color in ("red", "green", "blue")]
    yield reply.structured_input(
        [
            StructuredInputMultipleChoice(
                id="color", question="Which colors do you like?", options=colors, multiple=True
            ),
            StructuredInputFreeform(id="why", question="Why?", description="A word or two are enough."),
        ]
    )


async def ask(thread: ThreadMetadata, message: UserMessageItem) -> AsyncIterator[str]:
    """Two questions in the middle of a reply: it waits for you, also if you restart the server meanwhile."""
    city = await reply.ask("Which city would you like to see?", key="city")
    if city.skipped:
        yield "Then you stay at home."
        return
    question = reply.approval(f"Shall I book a train to {city.text}?", yes="Book it", no="Not now")
    answer = await reply.ask(question, key="book")
    yield f"Your train to {city.text} is booked." if answer.approved else "I have booked nothing."


async def tell(answered: Sequence[ThreadItem]) -> AsyncIterator[str]:
    """Say what the page's tool returned, and what the user answered."""
    for item in answered:
        match item:
            case ClientToolCallItem():
                yield f"Your page says: {item.output}."
            case StructuredInputItem():
                for asked in item.inputs:
                    values = asked.answer.values if asked.answer else []
                    yield f"- {asked.question} {', '.join(values) or '(skipped)'}\n"
