"""How a turn goes on, or begins, with the client's answer to a question: one class for each op that gives one."""

from abc import abstractmethod
from typing import Any

from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.openings import Answer, Opening
from chatkit_core.engine.pipeline import Pipeline
from chatkit_core.engine.questions import Question, answered, find_structured_input, find_tool_call
from chatkit_core.store import Store
from chatkit_core.types import StructuredInputItem, StructuredInputSubmission, ThreadMetadata


class AnswerOpening(Opening):
    """The client answers a question: the turn that put it goes on, or a new one begins if that has ended.

    The answer is saved before the request is answered, however long the turn has to wait: so the first one wins.

    Args:
        item_id: the question's item; None for the oldest pending client tool call.
    """

    def __init__(
        self, hooks: Hooks[Any], store: Store[Any], thread: ThreadMetadata, context: Any, item_id: str | None
    ) -> None:
        super().__init__(hooks, store, thread, context)
        self.item_id = item_id
        self.others_pending = False
        """Whether more has to be answered before the app goes on."""

    @abstractmethod
    async def find(self) -> Question:
        """Return the item that is answered, as it was before.

        Raises:
            NotFoundError, InvalidRequestError, ConflictError: there is none that could be answered.
        """

    @abstractmethod
    def answered(self, question: Question) -> Question:
        """Return the item with its answer."""

    async def prepare(self) -> None:
        self.item = self.answered(await self.find())
        await self.store.save_item(self.thread.id, self.item, context=self.context)

    async def begin(self, pipeline: Pipeline) -> None:
        key = self.state.asked.get(self.item.id)
        if key is not None and isinstance(self.item, StructuredInputItem):
            self.state.answers[key] = self.item
        self.state.answered.append(self.item)
        pipeline.turn.answered = self.state.answered[:]
        await pipeline.replaced(self.item)

    async def keep(self, pipeline: Pipeline) -> None:
        await pipeline.replaced(self.item)

    async def withdraw(self, pipeline: Pipeline) -> None:
        await pipeline.replaced(self.item)

    @property
    def is_answered(self) -> bool:
        return not self.others_pending

    def answer(self, thread: ThreadMetadata) -> Answer:
        return self.hooks.respond(thread, None, self.context)


class ToolOutput(AnswerOpening):
    """`threads.add_client_tool_output`: the call gets its output, and the app goes on once no other is pending."""

    op = "threads.add_client_tool_output"

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        item_id: str | None,
        output: Any,
    ) -> None:
        super().__init__(hooks, store, thread, context, item_id)
        self._output = output

    async def find(self) -> Question:
        call, self.others_pending = await find_tool_call(self.store, self.thread.id, self.item_id, self.context)
        return call

    def answered(self, question: Question) -> Question:
        return question.model_copy(update={"output": self._output, "status": "completed"})


class StructuredAnswer(AnswerOpening):
    """`threads.add_structured_input`: the item gets its answers, and the app goes on."""

    op = "threads.add_structured_input"
    needs_active_thread = True

    def __init__(
        self,
        hooks: Hooks[Any],
        store: Store[Any],
        thread: ThreadMetadata,
        context: Any,
        item_id: str,
        submission: StructuredInputSubmission,
    ) -> None:
        super().__init__(hooks, store, thread, context, item_id)
        self._submission = submission

    async def find(self) -> Question:
        assert self.item_id is not None
        return await find_structured_input(self.store, self.thread.id, self.item_id, self.context)

    def answered(self, question: Question) -> Question:
        assert isinstance(question, StructuredInputItem)
        return answered(question, self._submission)
