"""What the author of `respond` makes of answers."""

import pytest

from chatkit_core import reply
from chatkit_core.reply.asking import Answers
from chatkit_core.types import (
    StructuredInput,
    StructuredInputAnswer,
    StructuredInputFreeform,
    StructuredInputItem,
    StructuredInputMultipleChoice,
    StructuredInputMultipleChoiceOption,
    utc_now,
)

SKIPPED = StructuredInputAnswer(skipped=True)


def answers(*inputs: StructuredInput) -> Answers:
    item = StructuredInputItem(
        id="msg_1", thread_id="thr_1", created_at=utc_now(), status="answered", inputs=list(inputs)
    )
    return Answers(item)


def typed(id: str, answer: StructuredInputAnswer | None) -> StructuredInputFreeform:
    return StructuredInputFreeform(id=id, question="?", answer=answer)


def chosen(*values: str) -> StructuredInputAnswer:
    return StructuredInputAnswer(values=list(values))


def test_the_answer_to_each_question_is_found_by_its_id() -> None:
    given = answers(typed("city", chosen("Oslo")), typed("date", SKIPPED), typed("guests", chosen("Ada", "Ben")))

    assert (given.text, given.skipped, given.approved) == ("Oslo", False, False)
    assert [given.values(id) for id in ("city", "date", "guests")] == [["Oslo"], [], ["Ada", "Ben"]]
    with pytest.raises(KeyError):
        given.values("hotel")


def test_several_choices_are_one_text_with_commas() -> None:
    assert answers(typed("guests", chosen("Ada", "Ben"))).text == "Ada, Ben"


@pytest.mark.parametrize("answer", [None, SKIPPED])
def test_a_question_without_an_answer_is_skipped(answer: StructuredInputAnswer | None) -> None:
    given = answers(typed("city", answer))

    assert (given.text, given.values("city"), given.skipped) == ("", [], True)


def test_an_approval_has_two_choices_to_pick_one_of() -> None:
    assert reply.approval("Send it?", yes="Send") == StructuredInputMultipleChoice(
        id="approval",
        question="Send it?",
        options=[StructuredInputMultipleChoiceOption(value=value) for value in ("Send", "Reject")],
        multiple=False,
    )


@pytest.mark.parametrize(
    ("answer", "approved"),
    [
        (chosen("Send"), True),
        (chosen("Leave it"), False),
        (chosen("send"), False),
        (chosen("Send it to Ben instead"), False),
        (chosen(), False),
        (SKIPPED, False),
        (None, False),
    ],
)
def test_only_the_first_choice_of_an_approval_approves(answer: StructuredInputAnswer | None, approved: bool) -> None:
    question = reply.approval("Send it?", yes="Send", no="Leave it").model_copy(update={"answer": answer})

    assert answers(question).approved is approved
    assert answers(typed("city", chosen("Send")), question).approved is approved
    assert answers(question.model_copy(update={"id": "other"})).approved is False


async def test_nobody_can_be_asked_outside_of_a_turn() -> None:
    with pytest.raises(LookupError):
        await reply.ask("Which city?")
