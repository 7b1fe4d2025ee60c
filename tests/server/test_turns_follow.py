"""Following: by turn and by thread, from any cursor; polling; waiting; and what a thread hears outside of turns."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from talking import DELTA, Assistant, Gate, Stream, Talk, message, op, over_http, said, saying, talking, types

from chatkit_core import sse
from chatkit_core.errors import GoneError
from chatkit_core.types import utc_now
from chatkit_stores.memory import MemoryStore
from chatkit_stores.sqlite import SQLiteStore

TURNS = {"ChatKit-Turns": "1"}


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "chat.db")


async def follow(talk: Talk, **params: Any) -> Stream:
    return await talk.start("turns.follow", **params)


async def test_a_turn_is_followed_from_its_start_while_it_runs_and_after_its_end(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create(turns=True)
        await first.until(DELTA)
        turn_id = first.seen[0]["turn"]["id"]
        late = await follow(talk, turn_id=turn_id)
        await late.until(DELTA)
        gate.open.set()
        assert said(await late.rest()) == said(await first.rest())
        assert (await (await follow(talk, turn_id=turn_id)).rest())[-1] == first.seen[-1]


async def test_a_thread_is_followed_through_its_turns_until_none_is_active(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create("one", turns=True)
        await first.until(DELTA)
        both = await follow(talk, thread_id=talk.thread_id)
        await both.until(DELTA)
        second = await talk.say("two", turns=True)
        gate.open.set()
        told = [await first.rest(), await second.rest()]
        heard = await both.rest()
        assert types(heard).count("turn.queued") == 2  # at once, without an id, and in its place
        heard.remove(next(event for event in heard if event["type"] == "turn.queued"))
        assert said(heard) == said(told[0] + told[1])


async def test_wait_holds_a_follow_open_until_there_is_a_turn(store: Any) -> None:
    async with talking(Assistant(saying("Hello."), store)) as talk:
        talk.thread_id = (await talk.ask("threads.start"))["id"]
        assert await (await follow(talk, thread_id=talk.thread_id)).rest() == []
        held = await follow(talk, thread_id=talk.thread_id, wait=True)
        reading = asyncio.create_task(held.until("turn.completed"))
        await (await talk.say("one", turns=True)).rest()
        await reading
        reading = asyncio.create_task(held.until("turn.completed"))
        told = await (await talk.say("two", turns=True)).rest()
        await reading
        assert held.seen[-len(told) :] == told
        await held.close()


async def test_a_rename_reaches_those_who_follow_the_thread_without_a_cursor() -> None:
    async with over_http(Assistant(saying("Hello."))) as client:
        thread_id = (await client.post("/", json=op("threads.start"))).json()["id"]
        async with client.stream("GET", f"/?thread_id={thread_id}&wait=1") as following:
            await client.post("/", json=op("threads.update", thread_id=thread_id, title="Renamed"))
            events = await read(following, 1)
    assert [(event.id, json.loads(event.data)["thread"]["title"]) for event in events] == [("", "Renamed")]


async def test_a_get_goes_on_after_the_last_event_id_which_wins_over_the_query() -> None:
    async with over_http(Assistant(saying("a", "b", "c"))) as client:
        whole = await client.post("/", json=op("threads.create", input=message("Hi")), headers=TURNS)
        events = sse.Decoder().feed(whole.content)
        turn_id = whole.headers["chatkit-turn-id"]
        for params in ({"turn_id": turn_id}, {"thread_id": json.loads(events[1].data)["thread"]["id"]}):
            for known in (3, 7, len(events) - 1):
                cursor = {"Last-Event-ID": events[known - 1].id}
                rest = await client.get("/", params=params | {"after": f"{turn_id}:1"}, headers=cursor)
                assert rest.headers["content-type"] == "text/event-stream; charset=utf-8"
                assert sse.Decoder().feed(rest.content)[-1] == events[-1]
                assert text(sse.Decoder().feed(rest.content)) == text(events[known:])
            over = await client.get("/", params=params, headers={"Last-Event-ID": events[-1].id})
            assert (over.status_code, over.content) == (204, b"")


async def test_what_cannot_be_followed_is_204_for_a_get_and_an_error_for_an_op(store: Any) -> None:
    server = Assistant(saying("Hello."), store)
    async with over_http(server) as client:
        created = await client.post("/", json=op("threads.create", input=message("Hi")), headers=TURNS)
        turn_id = created.headers["chatkit-turn-id"]
        await server._lifecycle.clean(utc_now() + server.retention * 2)
        assert (await client.get("/", params={"turn_id": turn_id})).status_code == 204
        purged = await client.post("/", json=op("turns.follow", turn_id=turn_id))
        assert (purged.status_code, purged.json()["error"]["code"]) == (410, "turn.expired")
        for params, status in [
            ({"turn_id": "trn_0"}, 404),
            ({"thread_id": "thr_0"}, 404),
            ({}, 422),
            ({"turn_id": turn_id, "after": "nonsense"}, 422),
            ({"turn_id": turn_id, "after": "other:1"}, 422),
            ({"turn_id": turn_id, "after": f"{turn_id}:-1"}, 422),
        ]:
            assert (await client.get("/", params=params)).status_code == status, params


async def test_a_poller_pages_through_what_a_turn_says_to_its_end(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create(turns=True)
        await first.until(DELTA)
        turn_id, events, after = first.seen[0]["turn"]["id"], [], 0
        while True:
            page = await talk.ask("turns.events", turn_id=turn_id, after_seq=after, limit=2)
            events += page["events"]
            assert after <= page["next_after_seq"] <= page["latest_seq"]
            after = page["next_after_seq"]
            if not page["has_more"]:
                break
        gate.open.set()
        await first.rest()
        page = await talk.ask("turns.events", turn_id=turn_id, after_seq=after)
        assert page["events"][-1]["event"] == first.seen[-1]
        assert "next_after_seq" not in page
        assert [event["seq"] for event in events + page["events"]] == list(range(1, len(first.seen) + 1))


async def test_waiting_for_a_turn_says_how_it_stands(store: Any) -> None:
    gate = Gate()
    async with talking(Assistant(gate.reply, store)) as talk:
        first = await talk.create(turns=True)
        turn_id = first.seen[0]["turn"]["id"]
        assert (await talk.ask("turns.wait", turn_id=turn_id, timeout=0))["status"] == "running"
        waiting = asyncio.create_task(talk.ask("turns.wait", turn_id=turn_id, timeout=20))
        gate.open.set()
        assert (await waiting)["status"] == "completed"


async def test_the_summary_counts_how_turns_ended(store: Any) -> None:
    async def failing(thread: Any, message: Any) -> Any:
        raise RuntimeError("oops")
        yield

    async with talking(Assistant(saying("Hello."), store)) as talk:
        await (await talk.create()).rest()
        for reply in (saying("Yes."), failing, failing):
            talk.server.reply = reply
            await (await talk.say()).rest()
        summary = await talk.ask("turns.summary", thread_id=talk.thread_id)
        assert 0 <= summary.pop("mean_seconds") <= summary.pop("p95_seconds") < 10
        assert summary == {
            "total": 4,
            "counts": {"completed": 2, "failed": 2},
            "failure_rate": 0.5,
            "errors": [{"code": "server.error", "count": 2}],
        }
        assert (await talk.ask("turns.summary", until="2020-01-01T00:00:00Z"))["total"] == 0


async def test_the_thread_names_its_active_turn_to_clients_that_know_turns() -> None:
    gate = Gate()
    async with over_http(Assistant(gate.reply)) as client:
        create = op("threads.create", input=message("Hi"))
        async with client.stream("POST", "/", json=create, headers=TURNS) as running:
            turn_id = running.headers["chatkit-turn-id"]
            [turn] = (await client.post("/", json=op("turns.list"))).json()["data"]
            get = op("threads.get_by_id", thread_id=turn["thread_id"])
            assert "active_turn" not in (await client.post("/", json=get)).json()
            active = (await client.post("/", json=get, headers=TURNS)).json()["active_turn"]
            assert (active["id"], active["status"], active["cursor"]) == (turn_id, "running", f"{turn_id}:0")
            gate.open.set()
            await running.aread()
        assert "active_turn" not in (await client.post("/", json=get, headers=TURNS)).json()


async def test_the_events_of_a_purged_turn_are_gone_and_its_row_stays(store: Any) -> None:
    async with talking(Assistant(saying("Hello."), store)) as talk:
        events = await (await talk.create(turns=True)).rest()
        turn = events[-1]["turn"]
        await talk.server._lifecycle.clean(utc_now() + talk.server.retention * 2)
        with pytest.raises(GoneError):
            await talk.ask("turns.events", turn_id=turn["id"])
        assert await talk.ask("turns.get", turn_id=turn["id"]) == turn


async def read(response: httpx2.Response, count: int) -> list[sse.ServerSentEvent]:
    """Read so many events."""
    decoder, events = sse.Decoder(), []
    async with asyncio.timeout(10):
        async for chunk in response.aiter_bytes():
            events += decoder.feed(chunk)
            if len(events) >= count:
                break
    return events


def text(events: list[sse.ServerSentEvent]) -> str:
    updates = [json.loads(event.data).get("update", {}) for event in events]
    return "".join(update.get("delta", "") for update in updates)
