"""A server with a few threads and their clients, and how all that is compared with the model."""

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from driven_server import ADA, DrivenServer, Reply, Stage, described
from thread_clients import Client, View, view_of
from thread_model import Thread, Turn

from chatkit_core.engine.encoding import to_json
from chatkit_core.errors import ChatKitError, NotFoundError
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_core.store import Store
from chatkit_core.turn_log import TurnQuery
from chatkit_core.types import ThreadItem, TurnMetadata, is_hidden

SECONDS = 5
"""How long the server may take until it is at rest."""


@dataclass(eq=False)
class Place:
    """A thread of the server, and what it must be."""

    id: str
    model: Thread
    turns: list[TurnMetadata] = field(default_factory=list)
    """As the model's turns, in the same order."""
    items: list[ThreadItem] = field(default_factory=list)
    """As the model's items, in the same order."""
    heard: dict[str, tuple[tuple[str, int, dict[str, Any]], ...]] = field(default_factory=dict)
    """By turn: what a client has heard that asks for all its events."""
    views: dict[str, View] = field(default_factory=dict)
    seqs: dict[str, range] = field(default_factory=dict)
    """By turn: what may be the last seq that a client has heard; who joins late hears of no client effects."""
    clients: list[Client] = field(default_factory=list)
    gone: list[Client] = field(default_factory=list)
    """Clients whose connection is closed."""
    skipped: dict[Client, set[str]] = field(default_factory=dict)
    """By who follows the thread: the turns that it needs not hear of."""
    posts: dict[str, Client] = field(default_factory=dict)
    """By turn: the connection that it belongs to."""
    unsaved: set[str] = field(default_factory=set)
    """Items that were said to be saved when they were not in the store."""

    def id_of(self, turn: Turn) -> str:
        return self.turns[self.model.turns.index(turn)].id


class World:
    """All of it, in one event loop."""

    def __init__(self, stores: list[Store[Any]]) -> None:
        self._open = AsyncExitStack()
        self._changed = asyncio.Event()
        self.stage = Stage(self._changed.set)
        self.servers = [DrivenServer(store, self.stage, number) for number, store in enumerate(stores)]
        self.number = 0
        """Which server is asked."""
        self.places: list[Place] = []

    @property
    def server(self) -> DrivenServer:
        return self.servers[self.number]

    async def open(self) -> None:
        for server in self.servers:
            await self._open.enter_async_context(server.lifespan())

    def turn_to(self, number: int) -> None:
        """Ask another server from now on."""
        self.number = number
        for place in self.places:
            place.model.server = number

    async def lose_lease(self) -> None:
        """The server that is asked loses its lease, once all that its turns have said is in the log; and its clients."""
        runner = self.server._engine.runner
        for place in self.places:
            if place.model.running:
                await self._logged(place.id_of(place.model.running))
        if runner.lease.held:
            await self.server.turn_log.release_lease(runner.lease.held)
        for place in self.places:
            place.model.lose(self.number)
            for client in place.clients[:]:
                if client.server == self.number:
                    await self.drop(place, client)
        self.stage.forget(self.number)

    async def _logged(self, turn_id: str) -> None:
        """Return once all that a turn has said is in the log."""
        said = max([(await polled(server, turn_id))["latest_seq"] for server in self.servers])
        async with asyncio.timeout(SECONDS):
            after = 0
            while after < said:
                await self.server.turn_log.wait(turn_id, after=after, seconds=0.02)
                after = max((entry.seq for entry in await self.server.turn_log.read(turn_id, 0)), default=0)

    async def close(self) -> None:
        for place in self.places:
            for client in place.clients:
                await client.close()
        await self._open.aclose()

    async def add_thread(self, index: int = -1) -> None:
        answer = await self.ask("threads.start")
        place = Place(answer["id"], Thread(self.number))
        self.places.insert(len(self.places) if index < 0 else index, place)
        await self.follow(place, thread_id=place.id, wait=True)

    async def delete_thread(self, place: Place) -> None:
        """Delete the thread, and let another one take its place; nothing is left of it, and all readers have ended."""
        ids = [place.id_of(turn) for turn in place.model.turns]
        await self.ask("threads.delete", thread_id=place.id)
        assert await self.refusal("items.list", thread_id=place.id) == "thread.not_found"
        for id in ids:
            assert await self.refusal("turns.get", turn_id=id) == "turn.not_found"
        for client in place.clients[:]:
            client.may_read.set()
            if client.turn_id or not client.waits:
                async with asyncio.timeout(SECONDS):
                    await client.over.wait()
            await self.drop(place, client)
        index = self.places.index(place)
        self.places.remove(place)
        await self.add_thread(index)

    # Requests

    async def ask(self, type: str, /, **params: Any) -> Any:
        result = await self.server.process(json.dumps({"type": type, "params": params}), ADA)
        assert isinstance(result, NonStreamingResult)
        return json.loads(result.json)

    async def refusal(self, type: str, /, **params: Any) -> str:
        """Return the code of the error that the op is refused with."""
        try:
            result = await self.server.process(json.dumps({"type": type, "params": params}), ADA)
        except ChatKitError as error:
            return error.code
        raise AssertionError(f"{type} {params} was answered with {result}")

    async def post(self, place: Place, turn: Turn, type: str, /, *, turns: bool, repeats: bool, **params: Any) -> None:
        """Send an op that starts the turn, or goes on with it; or follows it, if the op `repeats` an earlier one."""
        params["thread_id"] = place.id
        result = await self.server.process(json.dumps({"type": type, "params": params}), ADA, turns=turns)
        assert isinstance(result, StreamingResult)
        await self._load_turns(place)
        id = place.id_of(turn)
        heard = () if repeats else place.heard.get(id, ())
        client = self._client(place, result, id, turns=turns, posted=not repeats, history=heard)
        if not repeats:
            place.posts[id] = client

    async def follow(
        self, place: Place, *, after: str | None = None, history: Any = (), wait: bool = False, **what: str
    ) -> None:
        """Follow a turn or the thread."""
        params = {"after": after, "wait": wait, **what}
        op = {"type": "turns.follow", "params": params}
        result = await self.server.process(json.dumps(op), ADA, turns=True)
        assert isinstance(result, StreamingResult)
        client = self._client(place, result, what.get("turn_id"), turns=True, history=history)
        client.waits = wait
        place.skipped[client] = {place.id_of(turn) for turn in place.model.turns} - self._to_come(place, after)

    def _to_come(self, place: Place, after: str | None) -> set[str]:
        places = place.model.places
        turn_id = after and after.rpartition(":")[0]
        start = next((i for i, turn in enumerate(places) if place.id_of(turn) == turn_id), len(places))
        return {place.id_of(turn) for i, turn in enumerate(places) if turn.is_active or i >= start}

    def _client(self, place: Place, result: StreamingResult, turn_id: str | None, **options: Any) -> Client:
        async def heard(item_id: str | None) -> None:
            self._changed.set()
            if item_id is not None:
                try:
                    await self.server.store.load_item(place.id, item_id, context=ADA)
                except NotFoundError:
                    place.unsaved.add(item_id)

        client = Client(result, turn_id, heard, **options)
        client.server = self.number
        place.clients.append(client)
        return client

    async def drop(self, place: Place, client: Client) -> None:
        """Close a client's connection."""
        place.clients.remove(client)
        place.gone.append(client)
        await client.close()

    def reply(self, place: Place, turn: Turn) -> Reply:
        return self.stage.replies[place.id_of(turn)]

    # Rest

    async def settle(self, place: Place) -> None:
        """Return once the thread is as the model says, for the server and for all who read."""
        difference: object = None
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    self._changed.clear()
                    difference = await self._difference(place)
                    if difference is None:
                        break
                    with suppress(TimeoutError):  # what nobody hears of is looked at now and then
                        await asyncio.wait_for(self._changed.wait(), 0.1)
        except TimeoutError:
            raise AssertionError(difference) from None
        place.model.has_lost_turns = False
        for client in [client for client in place.clients if client.ended]:
            await self.drop(place, client)

    async def _difference(self, place: Place) -> object:
        """Return what is not as the model says; None if nothing."""
        await self._load_turns(place)
        model = place.model
        while candidates := model.candidates():
            begun = [turn for turn in candidates if self._row(place, turn).status not in ("queued", "waiting")]
            if not begun:
                return "nobody goes on", [(turn.op, turn.status) for turn in candidates]
            model.start(begun[0])
        statuses = [(row.status, row.cancel_reason or (row.error and row.error.code) or "") for row in place.turns]
        if statuses != (expected := [(turn.status, turn.why) for turn in model.turns]):
            return "turns", statuses, "expected", expected
        for turn in model.of_status("running", "waiting"):
            reply = self.stage.replies.get(place.id_of(turn))
            if turn.status == "running" and not (reply and reply.is_idle and not reply.is_asking):
                return "respond is not at rest", turn
            if turn.status == "waiting" and (reply is not None and reply.is_asking) != turn.in_place:
                return "respond waits, or not", turn
            if self.stage.runs[place.id_of(turn)] != turn.runs:
                return "respond was run", self.stage.runs[place.id_of(turn)], "times", turn
        return await self._difference_in_items(place) or await self._difference_for_clients(place)

    async def _difference_in_items(self, place: Place) -> object:
        page = await self.server.store.load_thread_items(place.id, after=None, limit=1000, order="asc", context=ADA)
        place.items = [item for item in page.data if not is_hidden(item)]
        stored = [described(item) for item in place.items]
        if place.model.has_lost_turns:  # each server saves what some of them have left, in the order that they come to it
            place.model.items.sort(key=lambda item: stored.index(str(item)) if str(item) in stored else -1)
        if stored != (expected := [str(item) for item in place.model.items]):
            return "items", stored, "expected", expected
        return None

    async def _difference_for_clients(self, place: Place) -> object:
        for row, turn in zip(place.turns, place.model.turns, strict=True):
            answer = await polled(self.server, row.id)
            place.heard[row.id] = tuple((row.id, one["seq"], one["event"]) for one in answer["events"])
            place.views[row.id] = view = view_of(answer["events"])
            lasting = [one["seq"] for one in answer["events"] if one["event"]["type"] != "client_effect"]
            place.seqs[row.id] = range(max(lasting, default=0), answer["latest_seq"] + 1)
            if view.ended != ("" if turn.is_active else f"turn.{turn.status}"):
                return "end of turn", view.ended, turn
            if view.ended and view.open:
                return "left open", [view.items[id] for id in view.open], turn
        for client in place.clients:
            if difference := self._difference_for(client, place):
                return difference
        unsaid = [
            str(item)
            for item, stored in zip(place.model.items, place.items, strict=True)
            if not (place.model.is_answer_to_come(item) or json.loads(to_json(stored)) in said(place, stored.id))
        ]
        if unsaid:
            return "stored, but not said", unsaid
        removed = {id for view in place.views.values() for id in view.removed}
        if unsaved := place.unsaved - removed:
            return "said done before it was saved", unsaved
        return None

    def _difference_for(self, client: Client, place: Place) -> object:
        if client.failure:
            raise client.failure
        if not client.may_read.is_set() or (client.posted and client.was_slow and client.ended):
            return None  # a slow one may have ended when the turn rested
        turns = {row.id: turn for row, turn in zip(place.turns, place.model.turns, strict=True)}
        for id in self._to_be_heard(client, place, turns):
            view, expected = client.views.get(id) or View(), place.views[id]
            if view.state != expected.state:
                return "view", differing(view.state, expected.state), client
            if client.turns and (client.last.get(id, 0) not in place.seqs[id] or view.ended != expected.ended):
                return "seen to", client.last.get(id), view.ended, "expected", place.seqs[id], expected.ended, client
        if client.ended != self._is_over(client, place, turns):
            return "is over", client.ended, client
        return None

    def _to_be_heard(self, client: Client, place: Place, turns: dict[str, Turn]) -> list[str]:
        """Return the turns that the client must have heard all of by now.

        What waits in the queue is in the log a little later; and who follows the thread reads turn after turn.
        """
        if client.turn_id:
            heard = [client.turn_id]
        elif place.model.running:
            heard = [place.id_of(place.model.running)]
        else:
            heard = [id for id in turns if id not in place.skipped[client]]
        return [id for id in heard if turns[id].status != "queued"]

    def _is_over(self, client: Client, place: Place, turns: dict[str, Turn]) -> bool:
        if client.turn_id is None:
            return not client.waits and not any(turn.is_active for turn in turns.values())
        turn = turns[client.turn_id]
        rests = turn.status == "waiting" and not turn.is_answered
        return not turn.is_active or (client.posted and rests)

    async def _load_turns(self, place: Place) -> None:
        query = TurnQuery("ada", place.id)
        place.turns = [row.turn for row in await self.server.turn_log.list_turns(query, limit=1000, order="asc")]
        if len(place.turns) != len(place.model.turns):
            raise AssertionError(f"{len(place.turns)} turns, expected {len(place.model.turns)}")

    def _row(self, place: Place, turn: Turn) -> TurnMetadata:
        return place.turns[place.model.turns.index(turn)]


async def polled(server: DrivenServer, turn_id: str) -> Any:
    """Return all that a turn has said, as the server has it."""
    op = {"type": "turns.events", "params": {"turn_id": turn_id, "limit": 1000}}
    result = await server.process(json.dumps(op), ADA)
    assert isinstance(result, NonStreamingResult)
    return json.loads(result.json)


def differing(here: Any, there: Any) -> Any:
    """Return where two JSON objects are not the same."""
    if not isinstance(here, dict) or not isinstance(there, dict):
        return here, there
    keys = here.keys() | there.keys()
    return {key: differing(here.get(key), there.get(key)) for key in keys if here.get(key) != there.get(key)}


def said(place: Place, item_id: str) -> list[Any]:
    """Return what the turns have said last of an item."""
    return [view.items[item_id] for view in place.views.values() if item_id in view.items]
