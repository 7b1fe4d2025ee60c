"""What the turn log costs in SQLite: the same however many turns there are, because an index leads to them."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chatkit_core.testing.samples import THEN
from chatkit_core.testing.turn_log_base import a_turn, ended
from chatkit_core.turn_log import Taken, TurnQuery
from chatkit_stores.sqlite import lease_statements, turn_queries, turn_statements
from chatkit_stores.sqlite.schema import connect_writer
from chatkit_stores.sqlite.turn_rows import row_of
from chatkit_stores.sqlite.turn_statements import Batch


class Log(NamedTuple):
    """A log with a turn that runs, one that is queued behind it, and one whose lease is over."""

    connection: sqlite3.Connection
    lease: str
    running: Taken
    queued: Taken
    lost: Taken


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with closing(connect_writer(tmp_path / "chat.db", "NORMAL")) as connection:
        lease, over = (lease_statements.acquire_lease(connection, 60) for _ in range(2))
        turns = [
            turn_statements.create(connection, a_turn(thread, key=key), held, "enqueue", False, 20)
            for thread, key, held in (("thr_1", "a", lease), ("thr_1", "b", lease), ("thr_2", "c", over))
        ]
        running, queued, lost = (turn for turn in turns if isinstance(turn, Taken))
        lease_statements.release_lease(connection, over)
        yield Log(connection, lease, running, queued, lost)


def create(on_busy: Any) -> Callable[[Log], Any]:
    return lambda log: turn_statements.create(log.connection, a_turn("thr_1", key="new"), log.lease, on_busy, False, 20)


def end(log: Log) -> None:
    row = row_of(ended(log.running.record))
    batch = Batch(log.running.fence.turn_id, 1, 2, b"")
    turn_statements.update(log.connection, row, log.running.fence, [batch], True)


def queries() -> Iterator[TurnQuery]:
    for thread_id, statuses, since, until in product((None, "thr_1"), ((), ("failed",)), (None, THEN), (None, THEN)):
        yield TurnQuery("ada", thread_id, frozenset(statuses), since, until)


def page(query: TurnQuery, first: bool, descending: bool) -> Callable[[Log], Any]:
    return lambda log: turn_queries.list_turns(
        log.connection, query, 20, None if first else log.running.fence.turn_id, descending
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda log: lease_statements.acquire_lease(log.connection, 60),
        lambda log: lease_statements.renew_lease(log.connection, log.lease, 60),
        lambda log: lease_statements.check_fence(log.connection, log.running.fence),
        create("enqueue"),
        create("interrupt"),
        lambda log: turn_statements.create(log.connection, a_turn("thr_1", key="a"), log.lease, "reject", False, 20),
        lambda log: turn_statements.start(log.connection, log.queued.fence, False),
        lambda log: turn_statements.take(log.connection, log.lost.fence.turn_id, log.lease),
        end,
        lambda log: turn_statements.append(log.connection, log.lease, [Batch(log.queued.fence.turn_id, 1, 2, b"")]),
        lambda log: turn_statements.discard(log.connection, log.queued.fence.turn_id),
        lambda log: turn_statements.request_cancel(log.connection, log.queued.fence.turn_id, "user"),
        lambda log: turn_statements.delete_thread(log.connection, "thr_1"),
        lambda log: (end(log), turn_statements.purge(log.connection, THEN.timestamp() + 1, 50)),
        lambda log: turn_queries.cancel_requests(log.connection, log.lease),
        lambda log: turn_queries.list_lost(log.connection),
        lambda log: turn_queries.load(log.connection, log.queued.fence.turn_id),
        lambda log: turn_queries.read(log.connection, log.queued.fence.turn_id, 7),
        lambda log: turn_queries.turns_of_thread(log.connection, "thr_1", None),
        lambda log: turn_queries.turns_of_thread(log.connection, "thr_1", log.running.fence.turn_id),
        *(
            page(query, first, descending)
            for query in queries()
            for first, descending in product((True, False), repeat=2)
        ),
        *(lambda log, query=query: turn_queries.summarize(log.connection, query) for query in queries()),
    ],
)
def test_nothing_is_scanned_or_sorted(log: Log, call: Callable[[Log], Any]) -> None:
    plans = [step for steps in plans_of(log, call) for step in steps]
    assert [step for step in plans if step.startswith("SCAN") or "TEMP B-TREE" in step] == []


def index_of(log: Log, call: Callable[[Log], Any]) -> list[str]:
    """The steps of the last statement."""
    return plans_of(log, call)[-1]


@pytest.mark.parametrize("query", list(queries()))
def test_a_page_reads_the_turns_of_its_thread_or_else_of_its_owner(log: Log, query: TurnQuery) -> None:
    column = "owner" if query.thread_id is None else "thread_id"
    index = "turns_by_creation" if query.thread_id is None else "turns_of_thread_by_creation"
    for first, descending in product((True, False), repeat=2):
        (step,) = index_of(log, page(query, first, descending))
        assert step.startswith(f"SEARCH turns USING INDEX {index} ({column}=?")


def test_the_active_turns_of_a_thread_are_found_among_those_that_ended(log: Log) -> None:
    assert index_of(log, lambda log: turn_queries.turns_of_thread(log.connection, "thr_1", None)) == [
        "SEARCH turns USING INDEX turns_active (thread_id=?)"
    ]


def test_who_has_nothing_to_end_reads_no_turn(log: Log) -> None:
    assert index_of(log, lambda log: turn_queries.cancel_requests(log.connection, log.lease)) == [
        "SEARCH turns USING INDEX turns_to_cancel (lease=?)"
    ]


def plans_of(log: Log, call: Callable[[Log], Any]) -> list[list[str]]:
    ran: list[str] = []
    log.connection.set_trace_callback(ran.append)
    call(log)
    log.connection.set_trace_callback(None)
    return [
        [row[3] for row in log.connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()]
        for statement in ran
        if not statement.startswith("--")
    ]
