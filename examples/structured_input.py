# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples structured_input:app
"""Questions in a form: the reply goes on once the user has answered them, or skipped them."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit_core import ChatServer, current_turn, reply
from chatkit_core.types import (
    StructuredInput,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)
from chatkit_stores.sqlite import SQLiteStore

SIZES = ["small", "large"]
QUESTIONS: list[StructuredInput] = [
    StructuredInputMultipleChoice(
        id="size",
        question="Which size?",
        options=[StructuredInputMultipleChoiceOption(value=size) for size in SIZES],
    ),
    StructuredInputFreeform(id="name", question="What name shall we write on the cup?"),
]


class Assistant(ChatServer):
    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent | str]:
        if message is not None:
            yield "One coffee. Two questions:"
            yield reply.structured_input(QUESTIONS)
            return  # and `respond` runs again, without a message, when the answers are there

        [form] = current_turn().answered
        assert isinstance(form, StructuredInputItem)
        answers = {question.id: question.answer.values for question in form.inputs if question.answer}
        size = answers["size"] or ["small"]
        name = answers["name"] or ["you"]
        yield f"A {size[0]} coffee for {name[0]}."


app = Assistant(SQLiteStore("chat.db"))
