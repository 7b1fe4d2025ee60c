"""Servers with a few threads and their clients."""

import asyncio
import json
from contextlib import AsyncExitStack, suppress
from typing import Any

from comparing import difference, load_turns, polled
from driven_server import ADA, DrivenServer, Stage
from thread_clients import Client
from thread_model import Thread
from thread_place import Place
from turn_model import Item, Turn

from chatkit_core.errors import ChatKitError, NotFoundError
from chatkit_core.server import NonStreamingResult, StreamingResult
from chatkit_core.store import Store

SECONDS = 4
"""How long the server may take until it is at rest."""


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
        self._tasks_before = asyncio.all_tasks()
        for server in self.servers:
            await self._open.enter_async_context(server.lifespan())

    def turn_to(self, number: int) -> None:
        """Ask another server from now on."""
        self.number = number
        for place in self.places:
            place.model.server = number

    async def lose_lease(self) -> None:
        """The server that is asked loses its clients, and its lease once all that its turns say is in the log."""
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
        left = asyncio.all_tasks() - self._tasks_before
        left.discard(asyncio.current_task())
        if left:
            await asyncio.wait(left, timeout=SECONDS)
        assert all(task.done() for task in left), left

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
        await load_turns(place, self.server)
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

    # Rest

    async def settle(self, place: Place) -> None:
        """Return once the thread is as the model says, for the server and for all who read."""
        found: object = None
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    self._changed.clear()
                    found = await difference(place, self.server, self.stage)
                    if found is None:
                        break
                    with suppress(TimeoutError):  # what nobody hears of is looked at now and then
                        await asyncio.wait_for(self._changed.wait(), 0.1)
        except TimeoutError:
            raise AssertionError(found) from None
        place.model.has_lost_turns = False
        for client in [client for client in place.clients if client.ended]:
            await self.drop(place, client)


def answer_to(question: Item) -> tuple[str, dict[str, Any]]:
    """Return the op that answers the question, and its params."""
    if question.kind == "call":
        return "threads.add_client_tool_output", {"result": 1}
    return "threads.add_structured_input", {"input": {"answers": {question.text: {"values": ["yes"]}}}}
