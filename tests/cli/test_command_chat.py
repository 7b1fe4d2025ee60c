"""`chatkit chat`, as its user sees it."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chatkit_command import CHATKIT, Serving, serving


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving("demo", cwd=tmp_path_factory.mktemp("chat")) as running:
        yield running


class Terminal:
    """A chat in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.seen = ""
        self._read = 0

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def until(self, text: str) -> str:
        """Read on until this is printed; return what was printed since the last time."""
        assert self.process.stdout is not None
        while text not in self.seen[self._read :]:
            character = self.process.stdout.read(1)
            assert character, self.seen
            self.seen += character
        end = self.seen.index(text, self._read) + len(text)
        part, self._read = self.seen[self._read : end], end
        return part

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def leave(self) -> str:
        """Press Ctrl-D; return the id of the thread."""
        rest, _ = self.process.communicate(timeout=10)
        assert self.process.returncode == 0, rest
        found = re.search(r"--thread (thr_\w+)", self.seen + rest)
        assert found is not None
        return found[1]


@contextmanager
def chat(url: str, *options: str) -> Iterator[Terminal]:
    command: list[Any] = [CHATKIT, "chat", url, *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, encoding="utf-8") as process:
        try:
            yield Terminal(process)
        finally:
            process.kill()


def test_a_reply_streams_and_the_thread_is_there_the_next_time(demo: Serving) -> None:
    with chat(demo.url) as terminal:
        terminal.type("good morning")
        terminal.until("You said: good morning")
        terminal.type("workflow")
        assert terminal.until("found.").count("- Searching") == 1
        thread_id = terminal.leave()
    with chat(demo.url.removeprefix("http://"), "--thread", thread_id, "--header", "X-Any: thing") as terminal:
        again = terminal.until("That is what I found.")
        assert "> good morning\nYou said: good morning" in again
        terminal.type("hello")
        terminal.until("You said: hello")
        assert terminal.leave() == thread_id


def test_questions_are_asked_one_by_one(demo: Serving) -> None:
    with chat(demo.url) as terminal:
        terminal.type("ask")
        terminal.until("Which city would you like to see?")
        terminal.type("Rome")
        assert "  1. Book it\n  2. Not now\n" in terminal.until("number, or text: ")
        terminal.type("1")
        terminal.until("Your train to Rome is booked.")
        terminal.type("question")
        terminal.until("numbers, or text: ")
        terminal.type("3, pink")
        terminal.until("Why?\n? ")
        terminal.type("")
        assert "blue, pink" in terminal.until("Why? (skipped)")


def test_a_question_is_still_there_after_leaving(demo: Serving) -> None:
    with chat(demo.url) as terminal:
        terminal.type("ask")
        terminal.until("Which city would you like to see?")
        thread_id = terminal.leave()
    with chat(demo.url, "--thread", thread_id) as terminal:
        assert terminal.until("\n? ") == "> ask\nWhich city would you like to see?\n? "
        terminal.type("Oslo")
        asked = terminal.until("number, or text: ")
        assert asked == "Shall I book a train to Oslo?\n  1. Book it\n  2. Not now\nnumber, or text: "


def test_what_only_a_page_can_answer_is_said_and_may_be_passed_over(demo: Serving) -> None:
    with chat(demo.url) as terminal:
        terminal.until("\n> ")
        terminal.type("tool")
        assert terminal.until("\n> ").splitlines() == [
            "I ask your page for its time zone.",
            "[get_time_zone(format='long')]",
            "That is for a page to answer; a new message goes on without it.",
            "> ",
        ]
        terminal.type("never mind")
        said = terminal.until("\n> ")
        assert said == "You said: never mind\n\nSay help to see what else I can do.\n> "


def test_an_interrupt_stops_the_reply_and_a_second_one_leaves(demo: Serving) -> None:
    with chat(demo.url) as terminal:
        terminal.type("slow")
        terminal.until("30")
        terminal.interrupt()
        terminal.until("Stopped.")
        terminal.type("hello")
        terminal.until("You said: hello")
        terminal.until("> ")
        terminal.interrupt()
        terminal.until("To go on: chatkit chat")
        assert terminal.process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    ("url", "options", "why"),
    [
        ("localhost:1/x", [], "The connection to the server broke"),
        ("ftp://x", [], "'ftp://x' is not the URL of a server"),
        (None, ["--thread", "thr_1"], "There is no thread 'thr_1'. (thread.not_found)"),
        (None, ["--header", "abc"], "'abc' is not a header; say it as 'Name: value'."),
    ],
)
def test_what_cannot_work_is_one_line(demo: Serving, url: str | None, options: list[str], why: str) -> None:
    ran = subprocess.run(
        [CHATKIT, "chat", url or demo.url, *options], capture_output=True, encoding="utf-8", timeout=20
    )
    assert (ran.returncode, ran.stderr.count("\n"), why in ran.stderr) == (2, 1, True)
