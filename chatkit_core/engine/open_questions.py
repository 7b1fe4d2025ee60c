"""What a turn has asked of the client, and nobody has answered yet."""

from contextlib import suppress
from typing import Any

from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.questions import question_kind
from chatkit_core.errors import NotFoundError
from chatkit_core.store import Store
from chatkit_core.types import ThreadItem
from chatkit_core.types.turns import TurnQuestion


class OpenQuestions:
    """The questions of one turn."""

    def __init__(self, turn: LiveTurn, store: Store[Any]) -> None:
        self._turn = turn
        self._store = store
        self._asked = {question.item_id: question for question in turn.metadata.waiting_for or ()}

    def __bool__(self) -> bool:
        return bool(self._asked)

    def asked(self) -> list[TurnQuestion]:
        """Return them, oldest first."""
        return list(self._asked.values())

    def note(self, item: ThreadItem) -> None:
        """Look whether an item that was saved asks something, or asks it no more."""
        self.forget(item.id)
        kind = question_kind(item)
        if kind is not None:
            self._asked[item.id] = TurnQuestion(item_id=item.id, kind=kind)

    def forget(self, item_id: str) -> None:
        """The item is gone."""
        self._asked.pop(item_id, None)

    async def unanswered(self) -> list[ThreadItem]:
        """Return their items, as the store has them; forget those that were answered while the turn was running."""
        found: list[ThreadItem] = []
        for id in list(self._asked):
            with suppress(NotFoundError):
                item = await self._store.load_item(self._turn.thread.id, id, context=self._turn.context)
                if question_kind(item) is not None:
                    found.append(item)
                    continue
            del self._asked[id]
        return found
