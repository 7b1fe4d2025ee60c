"""Questions to a person, in the middle of a reply."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatkit_core.turn import current_turn
from chatkit_core.types import (
    StructuredInput,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
)

APPROVAL = "approval"
"""The id of the question that `approval` makes; its first choice is the one that approves."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user answered.

    Args:
        item: the questions, with their answers.
    """

    item: StructuredInputItem

    @property
    def skipped(self) -> bool:
        """Whether the user answered none of the questions."""
        return all(question.answer is None or question.answer.skipped for question in self.item.inputs)

    @property
    def text(self) -> str:
        """The answer to the first question; of several choices, with commas between them; `""` if it was skipped."""
        return ", ".join(self.values(self.item.inputs[0].id))

    @property
    def approved(self) -> bool:
        """Whether the user has said yes to `approval`."""
        return any(
            self.values(question.id) == [question.options[0].value]
            for question in self.item.inputs
            if question.id == APPROVAL and isinstance(question, StructuredInputMultipleChoice)
        )

    def values(self, question_id: str) -> list[str]:
        """Return the answer to a question: the text, or the choices; empty if it was skipped.

        Raises:
            KeyError: no question has this id.
        """
        for question in self.item.inputs:
            if question.id == question_id:
                return list(question.answer.values or ()) if question.answer else []
        raise KeyError(question_id)


async def ask(question: str | StructuredInput | Sequence[StructuredInput], *, key: str | None = None) -> Answers:
    """Put questions to the user, wait, and return the answers. The turn rests meanwhile, as long as that takes.

        answer = await reply.ask("Which city?")
        yield f"The weather in {answer.text} …"

    If the process that asks is gone when the answer comes, `respond` runs again from its beginning, without a message,
    and gets the answers that were given so far at once.

    Args:
        question: the questions; a string is one with a free answer. Their ids, unique among them, name the answers.
        key: under what the answer is kept for a `respond` that runs again; by default the number of this question in
            the turn, so give keys if the order of questions may differ then.

    Raises:
        LookupError: no turn is running here.
    """
    if isinstance(question, str):
        question = StructuredInputFreeform(id="answer", question=question)
    inputs = [question] if isinstance(question, StructuredInputFreeform | StructuredInputMultipleChoice) else question
    return Answers(await current_turn().ask(inputs, key=key))


def approval(question: str, *, yes: str = "Approve", no: str = "Reject") -> StructuredInputMultipleChoice:
    """Return a question to approve something; `answer.approved` tells whether the user did.

    Args:
        yes: what the user picks to approve.
        no: what the user picks to reject.
    """
    options = [StructuredInputMultipleChoiceOption(value=yes), StructuredInputMultipleChoiceOption(value=no)]
    return StructuredInputMultipleChoice(id=APPROVAL, question=question, options=options)
