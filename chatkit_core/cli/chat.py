"""A chat in the terminal."""

import contextlib
from collections.abc import Iterator

from rich.console import Console

from chatkit_core.cli.chat_view import View
from chatkit_core.cli.failure import CommandError
from chatkit_core.client import ChatClient, ChatClientError, ChatThread, Follow, Run
from chatkit_core.errors import MissingExtraError
from chatkit_core.types import StructuredInput, StructuredInputItem, StructuredInputMultipleChoice


def headers_of(lines: list[str]) -> dict[str, str]:
    """Return headers from lines such as `Authorization: Bearer …`.

    Raises:
        CommandError: a line has no colon.
    """
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not (colon and name.strip()):
            raise CommandError(f"{line!r} is not a header; say it as 'Name: value'.")
        headers[name.strip()] = value.strip()
    return headers


def talk(url: str, thread_id: str | None, headers: dict[str, str]) -> None:
    """Talk until the user leaves: by Ctrl-D, or by Ctrl-C when nothing runs.

    Raises:
        CommandError: there is no chat server at the URL, or no such thread.
    """
    if "://" not in url:
        url = f"http://{url}"
    with _refusals(url):
        client = ChatClient(url, headers=headers)
    with client:
        with _refusals(url):
            thread = client.threads.resume(thread_id) if thread_id else None
            client.threads.list(limit=1)
        terminal = _Terminal(client, thread)
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            terminal.run()
        terminal.leave(url)


@contextlib.contextmanager
def _refusals(url: str) -> Iterator[None]:
    try:
        yield
    except (ChatClientError, MissingExtraError, ValueError) as error:
        raise CommandError(f"Cannot chat with {url}: {error}") from None


class _Terminal:
    """A conversation. What the user interrupts is stopped; interrupting once more leaves."""

    def __init__(self, client: ChatClient, thread: ChatThread | None) -> None:
        self._client = client
        self._thread = thread
        self._console = Console()
        self._view = View(self._console)

    def run(self) -> None:
        if self._thread is not None:
            self._come_back(self._thread)
        else:
            self._view.note("Ctrl-C stops a reply, Ctrl-D leaves.")
        while True:
            text = self._console.input("[bold]> [/]").strip()
            if text:
                self._say(text)

    def leave(self, url: str) -> None:
        """Say how to come back."""
        self._view.end_line()
        if self._thread is not None:
            self._view.note(f"To go on: chatkit chat {url} --thread {self._thread.id}")

    def _say(self, text: str) -> None:
        try:
            if self._thread is None:
                self._thread = self._client.threads.start()
            self._watch(self._thread, self._thread.run_streamed(text))
        except ChatClientError as error:
            self._view.note(str(error), "red")

    def _come_back(self, thread: ChatThread) -> None:
        """Show what was said before, and go on with a turn that is still there."""
        turn = thread.active_turn()
        for item in thread.items():
            self._view.show_item(item)
        if turn is None:
            return
        try:
            if turn.status == "waiting":
                self._ask(thread)
            else:
                self._watch(thread, self._client.turns.follow(turn.id))
        except ChatClientError as error:
            self._view.note(str(error), "red")

    def _watch(self, thread: ChatThread, stream: Run | Follow) -> None:
        """Show a turn until it ends, or waits; then ask what it waits for."""
        stopping = waits = False
        while True:
            try:
                for event in stream:
                    self._view.show(event)
                    if waits := event.raw.get("type") == "turn.waiting":
                        break
                break
            except KeyboardInterrupt:
                if stopping:
                    raise
                stopping = True
                self._stop(stream)
        stream.close()
        self._view.end_line()
        if waits:
            self._ask(thread)

    def _stop(self, stream: Run | Follow) -> None:
        if isinstance(stream, Run):
            stream.cancel()
        elif stream.turn_id is not None:
            self._client.turns.cancel(stream.turn_id)

    def _ask(self, thread: ChatThread) -> None:
        """Have the user fill in the form that the turn waits for."""
        turn = thread.active_turn()
        waiting_for = {question.item_id for question in turn.waiting_for or ()} if turn else set()
        for item in thread.items():
            if item.id not in waiting_for:
                continue
            if isinstance(item, StructuredInputItem):
                answers = {question.id: self._answer(question) for question in item.inputs}
                self._watch(thread, thread.answer_streamed(item.id, answers))
                return
            self._view.note("That is for a page to answer; a new message goes on without it.")

    def _answer(self, question: StructuredInput) -> str | list[str] | None:
        """Return what the user answers; None if it is nothing."""
        self._view.note(question.question, "bold")
        if not isinstance(question, StructuredInputMultipleChoice):
            return self._console.input("? ").strip() or None
        options = [option.value for option in question.options]
        for number, option in enumerate(options, start=1):
            self._view.note(f"  {number}. {option}", "")
        typed = self._console.input("numbers, or text: " if question.multiple else "number, or text: ").strip()
        picked = [part.strip() for part in typed.split(",")] if question.multiple else [typed]
        chosen = [options[int(part) - 1] if part in _numbers(options) else part for part in picked if part]
        return chosen or None


def _numbers(options: list[str]) -> set[str]:
    return {str(number) for number in range(1, len(options) + 1)}
