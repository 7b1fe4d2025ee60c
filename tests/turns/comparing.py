"""How a thread of a server is compared: with the model, with what its turns say, and with what its clients hear."""

import json
from typing import Any

from driven_server import ADA, DrivenServer, Reply, Stage, described
from thread_clients import Client, View, view_of
from thread_place import Place
from turn_model import Turn

from chatkit_core.engine.encoding import to_json
from chatkit_core.server import NonStreamingResult
from chatkit_core.turn_log import TurnQuery
from chatkit_core.types import is_hidden


async def difference(place: Place, server: DrivenServer, stage: Stage) -> object:
    """Return what is not as the model says; None if nothing."""
    await load_turns(place, server)
    model = place.model
    rows = dict(zip(model.turns, place.turns, strict=True))
    while candidates := model.candidates():
        begun = [turn for turn in candidates if rows[turn].status not in ("queued", "waiting")]
        if not begun:
            return "nobody goes on", [(turn.op, turn.status) for turn in candidates]
        model.start(begun[0])
    statuses = [(row.status, row.cancel_reason or (row.error and row.error.code) or "") for row in place.turns]
    if statuses != (expected := [(turn.status, turn.why) for turn in model.turns]):
        return "turns", statuses, "expected", expected
    for turn in model.of_status("running", "waiting"):
        reply = stage.replies.get(place.id_of(turn))
        if turn.status == "running" and not (reply and reply.is_idle and not reply.is_asking):
            return "respond is not at rest", turn
        if turn.status == "waiting" and not _is_where_it_may_be(reply, turn):
            return "respond waits, or not", turn
        if stage.runs[place.id_of(turn)] != turn.runs:
            return "respond was run", stage.runs[place.id_of(turn)], "times", turn
    return await _in_items(place, server) or await _in_events(place, server) or _for_clients(place)


def _is_where_it_may_be(reply: Reply | None, turn: Turn) -> bool:
    """Return whether the `respond` of a turn that waits is there, or not, as it must be.

    Where another server was given the answer, it may be there until the turn goes on.
    """
    is_asking = reply is not None and reply.is_asking
    return is_asking == turn.in_place or (is_asking and turn.is_answered)


async def _in_items(place: Place, server: DrivenServer) -> object:
    page = await server.store.load_thread_items(place.id, after=None, limit=1000, order="asc", context=ADA)
    place.items = [item for item in page.data if not is_hidden(item)]
    stored = [described(item) for item in place.items]
    if place.model.has_lost_turns:  # each server saves what some of them have left, in the order that they come to it
        place.model.items.sort(key=lambda item: stored.index(str(item)) if str(item) in stored else -1)
    if stored != (expected := [str(item) for item in place.model.items]):
        return "items", stored, "expected", expected
    return None


async def _in_events(place: Place, server: DrivenServer) -> object:
    for row, turn in zip(place.turns, place.model.turns, strict=True):
        answer = await polled(server, row.id)
        place.heard[row.id] = tuple((row.id, one["seq"], one["event"]) for one in answer["events"])
        place.views[row.id] = view = view_of(answer["events"])
        lasting = [one["seq"] for one in answer["events"] if one["event"]["type"] != "client_effect"]
        place.seqs[row.id] = range(max(lasting, default=0), answer["latest_seq"] + 1)
        if view.ended != ("" if turn.is_active else f"turn.{turn.status}"):
            return "end of turn", view.ended, turn
        if view.ended and view.open:
            return "left open", [view.items[id] for id in view.open], turn
    return _of_saved(place)


def _of_saved(place: Place) -> object:
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


def _for_clients(place: Place) -> object:
    for client in place.clients:
        if found := _for_client(client, place):
            return found
    return None


def _for_client(client: Client, place: Place) -> object:
    if client.failure:
        raise client.failure
    if not client.may_read.is_set() or (client.posted and client.was_slow and client.ended):
        return None  # a slow one may have ended when the turn rested
    turns = {row.id: turn for row, turn in zip(place.turns, place.model.turns, strict=True)}
    for id in _to_be_heard(client, place, turns):
        view, expected = client.views.get(id) or View(), place.views[id]
        if view.state != expected.state:
            return "view", differing(view.state, expected.state), client
        if client.turns and (client.last.get(id, 0) not in place.seqs[id] or view.ended != expected.ended):
            return "seen to", client.last.get(id), view.ended, "expected", place.seqs[id], expected.ended, client
    if client.ended != _is_over(client, place, turns):
        return "is over", client.ended, client
    return None


def _to_be_heard(client: Client, place: Place, turns: dict[str, Turn]) -> list[str]:
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


def _is_over(client: Client, place: Place, turns: dict[str, Turn]) -> bool:
    if client.turn_id is None:
        return not client.waits and not any(turn.is_active for turn in turns.values())
    turn = turns[client.turn_id]
    rests = turn.status == "waiting" and not turn.is_answered
    return not turn.is_active or (client.posted and rests)


async def load_turns(place: Place, server: DrivenServer) -> None:
    query = TurnQuery("ada", place.id)
    place.turns = [row.turn for row in await server.turn_log.list_turns(query, limit=1000, order="asc")]
    if len(place.turns) != len(place.model.turns):
        raise AssertionError(f"{len(place.turns)} turns, expected {len(place.model.turns)}")


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
