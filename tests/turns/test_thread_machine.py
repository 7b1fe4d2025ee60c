"""Whatever clients and replies do to a thread, in whatever order, the server and all who read agree with the model."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from thread_place import Place
from thread_world import World, answer_to
from turn_model import Item, Turn, outcome

from chatkit_core.engine import answering, following, keeper, runner, turn_ops
from chatkit_core.store import Store
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

Run = Callable[[Coroutine[Any, Any, Any]], Any]

EXAMPLES = int(os.environ.get("THREAD_EXAMPLES", "25"))
STEPS = int(os.environ.get("THREAD_STEPS", "30"))
"""More of both finds more, and takes longer."""

places = st.sampled_from([0, 0, 0, 1])
"""Mostly one, so that what happens is in each other's way."""
picks = st.integers(0, 30)
showing = st.sampled_from(["item", "widget-open", "widget-update", "widget-close", "progress", "effect"])
steps = showing | st.sampled_from(["say", "call", "input", "ask", "fail", "complete", "complete"])


class ThreadMachine(RuleBasedStateMachine):
    def __init__(self, stores: list[Store[Any]], run: Run) -> None:
        super().__init__()
        self._run = run
        self._names = map(str, count(1))
        self._place: int | None = None
        """Which thread the last step was about; None for all."""
        self.world: World = run(self._make(stores))

    async def _make(self, stores: list[Store[Any]]) -> World:
        world = World(stores)
        await world.open()
        for _ in range(2):
            await world.add_thread()
        return world

    # Clients

    @rule(place=places, on_busy=st.sampled_from(["enqueue", "enqueue", "reject", "interrupt"]), turns=st.booleans())
    def send(self, place: int, on_busy: str, turns: bool) -> None:
        self._send(self.at(place), f"text {next(self._names)}", on_busy, turns, None)

    @rule(place=places, key=st.sampled_from(["k", "l"]), other=st.sampled_from(["", "", "other "]), turns=st.booleans())
    def send_with_key(self, place: int, key: str, other: str, turns: bool) -> None:
        self._send(self.at(place), f"{other}text of {key}", "enqueue", turns, f"{key} {place}")

    def _send(self, place: Place, text: str, on_busy: str, turns: bool, key: str | None) -> None:
        input = {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}
        params = {"input": input, "turn": {"on_busy": on_busy, "idempotency_key": key}}
        self.post(place, lambda: place.model.send(text, on_busy, key), "threads.add_user_message", turns, **params)

    @rule(place=places, pick=picks, turns=st.booleans())
    def retry(self, place: int, pick: int, turns: bool) -> None:
        at = self.at(place)
        messages = [item for item in at.model.items if item.kind == "user"]
        if messages:
            message = messages[-1 - pick % len(messages)]
            self.post(
                at, lambda: at.model.retry(message), "threads.retry_after_item", turns, item_id=self.id(at, message)
            )

    @rule(place=places, turns=st.booleans())
    def act(self, place: int, turns: bool) -> None:
        at = self.at(place)
        self.post(at, at.model.action, "threads.custom_action", turns, action={"type": "press"})

    @rule(place=places, pick=picks, turns=st.booleans())
    def answer(self, place: int, pick: int, turns: bool) -> None:
        at = self.at(place)
        questions = [item for item in at.model.items if item.is_pending or (item.status and pick % 5 == 0)]
        if questions:
            self._answer(at, questions[pick % len(questions)], turns)

    def _answer(self, at: Place, question: Item, turns: bool) -> None:
        op, params = answer_to(question)
        params["item_id"] = self.id(at, question)
        self.post(at, lambda: at.model.answer(question), op, turns, **params)

    @rule(place=places, turns=st.booleans())
    def answer_the_oldest_call(self, place: int, turns: bool) -> None:
        at = self.at(place)
        calls = [item for item in at.model.pending if item.kind == "call"]
        op, params = "threads.add_client_tool_output", {"result": 1}
        if calls:
            self.post(at, lambda: at.model.answer(calls[0]), op, turns, **params)
        else:
            assert self._run(self.world.refusal(op, thread_id=at.id, **params)) == "item.not_pending"

    @rule(place=places, pick=picks)
    def cancel(self, place: int, pick: int) -> None:
        at = self.at(place)
        turns = at.model.of_status("queued", "running", "waiting") if pick % 4 else at.model.turns
        if turns:
            turn = turns[pick % len(turns)]
            if turn.is_active:
                at.model.cancel(turn, "user")
            self._run(self.world.ask("turns.cancel", turn_id=at.id_of(turn)))

    @rule(place=places)
    def rename(self, place: int) -> None:
        at, title = self.at(place), f"title {next(self._names)}"
        assert self._run(self.world.ask("threads.update", thread_id=at.id, title=title))["title"] == title

    @rule(place=places, rarely=st.integers(0, 4))
    def delete(self, place: int, rarely: int) -> None:
        if rarely == 4:
            self._run(self.world.delete_thread(self.at(place)))

    @rule(place=places, pick=picks)
    def close_connection(self, place: int, pick: int) -> None:
        at = self.at(place)
        posts = [client for client in at.clients if client.posted]
        if not posts:
            return
        client = posts[pick % len(posts)]
        turn = next(turn for turn in at.model.turns if at.id_of(turn) == client.turn_id)
        rests = turn.status == "waiting" and not turn.is_answered
        if not client.turns and at.posts[at.id_of(turn)] is client and turn.is_active and not rests:
            at.model.cancel(turn, "disconnected")
        self._run(self.world.drop(at, client))

    # Replies

    @rule(place=places, what=steps)
    def go_on(self, place: int, what: str) -> None:
        at = self.at(place)
        turn = at.model.running
        if turn is None:
            return
        if what in ("widget-update", "widget-close") and not turn.has_widget:
            what = "widget-open"
        elif what == "widget-open" and turn.has_widget:
            what = "widget-close"
        text = next(self._names)
        at.model.do(turn, what, text)
        self._run(self._do(at, turn, what, text))

    async def _do(self, at: Place, turn: Turn, what: str, text: str) -> None:
        self.world.stage.replies[at.id_of(turn)].do(what, text)

    # Who follows

    @rule(place=places, pick=picks, by_thread=st.booleans(), wait=st.booleans())
    def follow(self, place: int, pick: int, by_thread: bool, wait: bool) -> None:
        at = self.at(place)
        if by_thread:
            self._run(self.world.follow(at, thread_id=at.id, wait=wait))
        elif at.model.turns:
            turn = at.model.turns[-1 - pick % len(at.model.turns)]
            self._run(self.world.follow(at, turn_id=at.id_of(turn)))

    @rule(place=places, pick=picks)
    def drop(self, place: int, pick: int) -> None:
        at = self.at(place)
        followers = [client for client in at.clients if not client.posted]
        if followers:
            self._run(self.world.drop(at, followers[pick % len(followers)]))

    @rule(place=places, pick=picks, back=st.integers(0, 3), by_thread=st.booleans(), wait=st.booleans())
    def come_back(self, place: int, pick: int, back: int, by_thread: bool, wait: bool) -> None:
        """A client goes on from a cursor that it has seen, mostly the last."""
        at = self.at(place)
        known = [client for client in at.gone + at.clients if client.turns and client.history]
        if not known:
            return
        history = known[-1 - pick % len(known)].history
        turn_id, seq, _ = history[max(len(history) - back * back, 1) - 1]
        known_of_turn = tuple(one for one in history if one[0] == turn_id and one[1] <= seq)
        what = {"thread_id": at.id} if by_thread else {"turn_id": turn_id}
        self._run(self.world.follow(at, after=f"{turn_id}:{seq}", history=known_of_turn, wait=wait, **what))

    @rule(place=places, pick=picks)
    def stop_reading(self, place: int, pick: int) -> None:
        clients = self.at(place).clients
        if clients:
            clients[pick % len(clients)].stop_reading()

    @rule(place=places)
    def read_on(self, place: int) -> None:
        for client in self.at(place).clients:
            client.may_read.set()

    # Servers

    @rule(number=st.integers(0, 1))
    def turn_to_another_server(self, number: int) -> None:
        self.world.turn_to(number % len(self.world.servers))

    @precondition(lambda self: len(self.world.servers) > 1)
    @rule()
    def lose_the_lease(self) -> None:
        self._place = None
        self._run(self.world.lose_lease())

    # What holds after every step

    @invariant()
    def all_agree(self) -> None:
        for place in self.world.places if self._place is None else [self.world.places[self._place]]:
            self._run(self.world.settle(place))
        assert all(most == 1 for most in self.world.stage.most_at_once.values())

    def teardown(self) -> None:
        self._run(self._end())

    async def _end(self) -> None:
        try:
            for place in self.world.places:
                for turn in place.model.places[::-1]:
                    if turn.is_active:
                        place.model.cancel(turn, "user")
                        await self.world.ask("turns.cancel", turn_id=place.id_of(turn))
                await self.world.settle(place)
        finally:
            await self.world.close()

    # Helpers

    def at(self, place: int) -> Place:
        self._place = place
        return self.world.places[place]

    def post(self, at: Place, change: Callable[[], Turn], op: str, turns: bool, /, **params: Any) -> None:
        """Send an op that the model answers with a turn, or refuses."""
        known = len(at.model.turns)
        turn, code = outcome(change)
        if turn is None:
            assert self._run(self.world.refusal(op, thread_id=at.id, **params)) == code
        else:
            repeats = len(at.model.turns) == known and op == "threads.add_user_message"
            self._run(self.world.post(at, turn, op, turns=turns, repeats=repeats, **params))

    @staticmethod
    def id(at: Place, item: Item) -> str:
        return at.items[at.model.items.index(item)].id


@pytest.fixture(params=["memory", "sqlite"])
def make_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], list[Store[Any]]]:
    """One process on a store in memory, or two on one file."""
    names = map(str, count())
    if request.param == "memory":
        return lambda: [MemoryStore()]

    def on_a_file() -> list[Store[Any]]:
        path = tmp_path / f"{next(names)}.db"
        return [SQLiteStore(path), SQLiteStore(path)]

    return on_a_file


@pytest.fixture(autouse=True)
def polling_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a step that another process hears of, or an answer to a turn that still runs, takes little time."""
    for module in (answering, following, keeper, runner, turn_ops):
        monkeypatch.setattr(module, "POLLING", 0.02)
    monkeypatch.setattr(answering, "SETTLING", 0.1)


@pytest.mark.timeout(600)
async def test_a_thread_is_what_the_model_says_whatever_happens_to_it(
    make_stores: Callable[[], list[Store[Any]]],
) -> None:
    loop = asyncio.get_running_loop()

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    await asyncio.to_thread(
        run_state_machine_as_test,
        lambda: ThreadMachine(make_stores(), run),  # type: ignore[arg-type]  # it is only called
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=set(Phase) - {Phase.explain},
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
