"""What a thread must look like after anything that may happen to it: the simplest model of its turns and items."""

from turn_model import MAX_QUEUED, Item, RefusedError, Turn


class Thread:
    """A thread; what a `respond` does is told turn by turn, and what a client does by op."""

    def __init__(self, server: int = 0) -> None:
        self.server = server
        """Which server is asked."""
        self.turns: list[Turn] = []
        """In the order in which they were created."""
        self.places: list[Turn] = []
        """In the order in which they run."""
        self.items: list[Item] = []
        self.keys: dict[str, tuple[str, Turn]] = {}
        self.has_lost_turns = False
        """Whether a server has lost turns, and what they have left comes back in any order."""

    def of_status(self, *statuses: str) -> list[Turn]:
        return [turn for turn in self.places if turn.status in statuses]

    @property
    def running(self) -> Turn | None:
        return next(iter(self.of_status("running")), None)

    @property
    def pending(self) -> list[Item]:
        """What was asked since the last message and is not answered."""
        after = max((place for place, item in enumerate(self.items) if item.kind == "user"), default=-1)
        return [item for item in self.items[after + 1 :] if item.is_pending]

    def candidates(self) -> list[Turn]:
        """Return the turns of which one is to start, or to go on, now."""
        if self.running:
            return []
        ready = [turn for turn in self.of_status("waiting") if turn.is_answered]
        first = self.of_status("queued")[:1]
        if first and first[0].supersedes and self.of_status("waiting"):
            first = []
        return ready + first

    def is_answer_to_come(self, item: Item) -> bool:
        """Return whether the item is answered, and the turn that says so has yet to start, or is lost."""
        return any(item in turn.answered for turn in self.turns)

    # What clients ask for

    def send(self, text: str, on_busy: str, key: str | None) -> Turn:
        """Add a message; return its turn, which is an old one if the key is.

        Raises:
            RefusedError: the message is refused.
        """
        if key in self.keys:
            body, turn = self.keys[key]
            if body != text:
                raise RefusedError("idempotency_key.reused")
            return turn
        turn = self._create(Turn("message", Item("user", text)), on_busy)
        if key:
            self.keys[key] = text, turn
        for other in self.of_status("running", "waiting"):
            if other.status == "waiting":
                self.cancel(other, "superseded")
            elif on_busy == "interrupt":
                self.cancel(other, "interrupted")
        return turn

    def retry(self, message: Item) -> Turn:
        turn = self._create(Turn("retry", message), "interrupt")
        for other in self.of_status("queued", "running", "waiting"):
            if other is not turn:
                self.cancel(other, "retried")
        return turn

    def action(self) -> Turn:
        return self._create(Turn("action"), "enqueue")

    def answer(self, question: Item) -> Turn:
        """Answer a question; return the turn that goes on with it, or begins for it."""
        if not question.is_pending:
            raise RefusedError("item.already_answered")
        for turn in self.of_status("waiting"):
            if question in turn.questions:
                question.answer()
                turn.questions.remove(question)
                turn.in_place = turn.in_place and turn.server == self.server
                turn.server = self.server
                turn.is_answered = not turn.questions
                if turn.is_answered:
                    turn.answered.append(question)
                elif not turn.in_place:
                    self._keep(turn)
                return turn
        others = [item for item in self.pending if item.kind == "call" and item is not question]
        turn = self._create(Turn("answer", question, says_only=question.kind == "call" and bool(others)), "enqueue")
        question.answer()
        turn.answered.append(question)
        for other in self.turns:
            if question in other.questions:
                other.questions.remove(question)
        return turn

    def cancel(self, turn: Turn, reason: str) -> None:
        if turn.status == "running":
            self._undo_if_idle(turn)
            self._keep(turn)
        elif turn.status == "waiting":
            self._keep(turn)
        if turn.status != "queued":
            for question in turn.questions:
                question.supersede()
        self._end(turn, "cancelled", reason)

    # What happens in turns

    def do(self, turn: Turn, what: str, text: str) -> None:
        """The reply of the running turn takes a step."""
        match what:
            case "say":
                self.say(turn, text)
            case "item":
                self.done(turn, Item("said", text))
            case "widget-open":
                self._close(turn, turn.text)
                turn.open.append(Item("widget", text))
            case "widget-update":
                turn.widget.text = text
            case "widget-close":
                turn.widget.text = text
                self._close(turn, turn.widget)
            case "call" | "input":
                self.done(turn, Item(what, text, "pending"))
            case "ask":
                self.ask(turn, Item("input", text, "pending"))
            case "fail":
                self.fail(turn)
            case "complete":
                self.complete(turn)

    def start(self, turn: Turn) -> None:
        """Let a turn run, or go on."""
        turn.answered.clear()
        if turn.status == "waiting":
            turn.is_answered = False
            if not turn.in_place:
                turn.runs, turn.asked = turn.runs + 1, 0
                self._keep(turn)
            turn.in_place = False
        elif turn.supersedes:
            for question in self.pending if turn.op == "message" else []:
                question.supersede()
            assert turn.brings is not None
            if turn.op == "message":
                self.items.append(turn.brings)
            else:
                place = self.items.index(turn.brings) + 1
                turn.set_aside, self.items[place:] = self.items[place:], []
        turn.status, turn.runs = "running", turn.runs or 1
        if turn.says_only:
            self._end(turn, "completed")

    def say(self, turn: Turn, text: str) -> None:
        if turn.text is None:
            turn.open.append(Item("said", ""))
        assert turn.text is not None
        turn.text.text += text

    def done(self, turn: Turn, item: Item) -> None:
        """The turn says an item done that was not open."""
        self._close(turn, turn.text)
        self.items.append(item)
        turn.items_done += 1
        if item.is_pending:
            turn.questions.append(item)

    def ask(self, turn: Turn, question: Item) -> None:
        turn.asked += 1
        if turn.asked > turn.answers:
            self.done(turn, question)
            turn.answers += 1
            turn.status, turn.in_place = "waiting", True

    def complete(self, turn: Turn) -> None:
        self._close(turn, turn.text)
        self._keep(turn)
        if turn.questions:
            turn.status, turn.answers = "waiting", 0
        else:
            self._undo_if_idle(turn)
            self._end(turn, "completed")

    def fail(self, turn: Turn, code: str = "server.error") -> None:
        self._undo_if_idle(turn)
        self._keep(turn)
        self._end(turn, "failed", code)

    def lose(self, server: int) -> None:
        """A server has lost its lease: the turns that it has, but for those that rest."""
        self.has_lost_turns = True
        for turn in self.of_status("queued", "running", "waiting"):
            if turn.server != server or (turn.status == "waiting" and not turn.is_answered):
                continue
            if turn.status == "queued":
                if turn.op == "message" and turn.brings:
                    self.items.append(turn.brings)
                self._end(turn, "failed", "server.interrupted")
            else:
                self.fail(turn, "server.interrupted")

    def _create(self, turn: Turn, on_busy: str) -> Turn:
        queued, waiting = self.of_status("queued"), self.of_status("waiting")
        if on_busy == "reject" and (self.running or queued):
            raise RefusedError("turn.in_progress")
        blocked = self.running or queued or (waiting and turn.supersedes)
        if blocked and on_busy != "interrupt" and len(queued) >= MAX_QUEUED:
            raise RefusedError("thread.queue_full")
        first = on_busy == "interrupt" and queued
        turn.server = self.server
        self.places.insert(self.places.index(queued[0]) if first else len(self.places), turn)
        self.turns.append(turn)
        return turn

    def _close(self, turn: Turn, item: Item | None) -> None:
        if item is not None:
            turn.open.remove(item)
            self.items.append(item)
            turn.items_done += 1

    def _keep(self, turn: Turn) -> None:
        for item in turn.open[:]:
            self._close(turn, item)

    def _undo_if_idle(self, turn: Turn) -> None:
        if not (turn.items_done or turn.open):
            self.items += turn.set_aside
            turn.questions += [item for item in turn.set_aside if item.is_pending]

    def _end(self, turn: Turn, status: str, why: str = "") -> None:
        turn.status, turn.why, turn.is_answered, turn.in_place = status, why, False, False
        if why != "server.interrupted":
            turn.answered.clear()
