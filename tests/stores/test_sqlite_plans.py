"""What a page costs in SQLite: the same wherever it is, because an index leads to it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chatkit_core.testing.samples import new_thread, said
from chatkit_stores.sqlite import statements
from chatkit_stores.sqlite.schema import connect_writer

THREAD = new_thread()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect_writer(tmp_path / "chat.db", "NORMAL")) as connection:
        statements.save_thread(connection, statements.thread_row(THREAD, "ada"))
        for id in ("a", "b"):
            statements.save_item(connection, THREAD.id, statements.item_row(said(THREAD, "", id)), [], "ada")
        yield connection


def page(after: str | None, descending: bool) -> Callable[[sqlite3.Connection], Any]:
    return lambda c: statements.item_page(c, THREAD.id, after, 20, descending, "ada")


def thread_page(after: str | None, descending: bool, archived: bool | None) -> Callable[[sqlite3.Connection], Any]:
    return lambda c: statements.thread_page(c, after, 20, descending, "ada", archived=archived)


@pytest.mark.parametrize(
    "call",
    [
        *(page(after, descending) for after in (None, "a") for descending in (True, False)),
        *(
            thread_page(after, descending, archived)
            for after in (None, THREAD.id)
            for descending in (True, False)
            for archived in (None, False)
        ),
        lambda c: statements.load_item(c, THREAD.id, "a", "ada"),
        lambda c: statements.save_item(c, THREAD.id, statements.item_row(said(THREAD, "", "c")), ["atc_1"], "ada"),
        lambda c: statements.save_feedback(c, THREAD.id, ["a"], "positive", "ada"),
        lambda c: statements.remove_items_after(c, THREAD.id, "a", "ada"),
        lambda c: statements.delete_item(c, THREAD.id, "a", "ada"),
        lambda c: statements.delete_thread(c, THREAD.id, "ada"),
        lambda c: statements.find_thread(c, "key", "ada"),
        lambda c: statements.thread_attachments(c, THREAD.id, "ada"),
        lambda c: statements.drop_stale_attachments(c, 0.0),
    ],
)
def test_nothing_is_scanned_or_sorted(
    connection: sqlite3.Connection, call: Callable[[sqlite3.Connection], Any]
) -> None:
    ran: list[str] = []
    connection.set_trace_callback(ran.append)
    call(connection)
    connection.set_trace_callback(None)
    plans = [
        row[3]
        for statement in ran
        if not statement.startswith("--")
        for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    ]
    assert [step for step in plans if step.startswith("SCAN") or "TEMP B-TREE" in step] == []
