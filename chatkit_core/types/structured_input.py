"""Structured input: questions that the assistant asks in a form, and their answers."""

from typing import Annotated, Literal

from pydantic import Field

from chatkit_core.types._base import WireModel


class StructuredInputAnswer(WireModel):
    """The answer to one question, as it is kept."""

    values: list[str] = Field(default_factory=list)
    """Chosen options or typed text."""
    skipped: bool = False
    """The user passed this question over."""


class StructuredInputBase(WireModel):
    """What every question has."""

    id: str
    """The app's id of the question, which its answer comes back under."""
    question: str
    """What the user is asked."""
    answer: StructuredInputAnswer | None = None
    """Absent while the question is open."""


class StructuredInputMultipleChoiceOption(WireModel):
    """A choice to pick."""

    value: str
    """Both what the user reads and what the answer contains."""


class StructuredInputMultipleChoice(StructuredInputBase):
    """A question with choices; the user may type another answer instead."""

    type: Literal["multiple_choice"] = "multiple_choice"
    options: list[StructuredInputMultipleChoiceOption]
    multiple: bool = False
    """Whether more than one value may be answered."""


class StructuredInputFreeform(StructuredInputBase):
    """A question whose answer is typed."""

    type: Literal["freeform"] = "freeform"
    description: str | None = None
    """Explains the question."""


StructuredInput = Annotated[
    StructuredInputMultipleChoice | StructuredInputFreeform,
    Field(discriminator="type"),
]
"""Any question."""


class StructuredInputAnswerSubmission(WireModel):
    """The answer to one question, as the client sends it."""

    values: list[str] = Field(default_factory=list)
    """Chosen options or typed text."""
    skipped: bool = False
    """The user passed this question over."""


class StructuredInputSubmission(WireModel):
    """The answers to a structured input item, as the client sends them."""

    status: Literal["answered", "skipped"] = "answered"
    """`skipped`: the user passed the whole form over."""
    answers: dict[str, StructuredInputAnswerSubmission] = Field(default_factory=dict)
    """By the id of the question."""
