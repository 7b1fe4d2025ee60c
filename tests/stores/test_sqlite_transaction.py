"""What writes that share a transaction mean for each other, when one of them fails and when SQLite does."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chatkit_stores.sqlite.transaction import Work, do_together


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "notes.db", isolation_level=None, timeout=0)) as connection:
        connection.execute("CREATE TABLE notes (note TEXT NOT NULL UNIQUE)")
        yield connection


def note(text: str | None, insert: str = "INSERT") -> Work[int]:
    """Write a note, and return how many there are."""

    def work(connection: sqlite3.Connection) -> int:
        connection.execute(f"{insert} INTO notes VALUES (?)", (text,))
        return len(notes(connection))

    return work


def notes(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT note FROM notes ORDER BY rowid")]


def said(outcomes: list[Any]) -> list[Any]:
    return [str(outcome) if isinstance(outcome, Exception) else outcome for outcome in outcomes]


def test_what_succeeds_costs_no_savepoint(connection: sqlite3.Connection) -> None:
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    assert do_together(connection, [note("a"), note("b")]) == [1, 2]
    assert [statement for statement in seen if "notes" not in statement] == ["BEGIN IMMEDIATE", "COMMIT"]
    assert notes(connection) == ["a", "b"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_fails_fails_alone_wherever_it_stands(connection: sqlite3.Connection, place: int) -> None:
    works = [note("a"), note("b")]
    works.insert(place, note(None))
    expected: list[Any] = [1, 2]
    expected.insert(place, "NOT NULL constraint failed: notes.note")
    assert said(do_together(connection, works)) == expected
    assert notes(connection) == ["a", "b"]


def test_one_that_fails_half_done_leaves_nothing(connection: sqlite3.Connection) -> None:
    def half(connection: sqlite3.Connection) -> None:
        note("half")(connection)
        raise ValueError("half done")

    assert said(do_together(connection, [note("a"), half, note("b"), half])) == [1, "half done", 2, "half done"]
    assert notes(connection) == ["a", "b"]
    with pytest.raises(ValueError, match="half done"):
        do_together(connection, [half])
    assert notes(connection) == ["a", "b"]
    assert not connection.in_transaction


def test_one_alone_that_fails_is_not_done_again(connection: sqlite3.Connection) -> None:
    times = 0

    def fails(connection: sqlite3.Connection) -> None:
        nonlocal times
        times += 1
        note(None)(connection)

    with pytest.raises(sqlite3.IntegrityError):
        do_together(connection, [fails])
    assert times == 1
    assert not connection.in_transaction


def test_if_sqlite_undoes_everything_nothing_is_done_and_the_connection_goes_on(connection: sqlite3.Connection) -> None:
    do_together(connection, [note("a")])
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        do_together(connection, [note("b"), note("a", "INSERT OR ROLLBACK"), note("c")])
    assert notes(connection) == ["a"]
    assert do_together(connection, [note("d")]) == [2]


def test_while_another_process_writes_nothing_is_done(connection: sqlite3.Connection, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "notes.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            do_together(connection, [note("a"), note("b")])
        other.execute("ROLLBACK")
    assert do_together(connection, [note("a"), note("b")]) == [1, 2]


def test_a_commit_that_fails_undoes_all(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TABLE answers (note TEXT REFERENCES notes (note) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        do_together(connection, [note("a"), lambda c: c.execute("INSERT INTO answers VALUES ('none')").rowcount])
    assert notes(connection) == []
    assert not connection.in_transaction
