"""How the commands start, restart and end."""

import signal
from pathlib import Path

import pytest
from chatkit_command import Serving, serving

ECHO = """
from chatkit_core import ChatServer, open_store

class Echo(ChatServer):
    async def respond(self, thread, message, context):
        yield f"You said: {message.text}"

app = Echo(open_store("memory://"))
"""


def text_of_thread(running: Serving, thread_id: str) -> list[str]:
    page = running.ask("threads.get_by_id", thread_id=thread_id)["items"]["data"]
    return ["".join(part["text"] for part in item["content"]) for item in page]


def test_threads_are_still_there_after_a_restart(tmp_path: Path) -> None:
    with serving("demo", "--db", "my chats #1.db", cwd=tmp_path) as running:
        [created, *_] = running.say("good morning")
        thread_id = created["thread"]["id"]
        before = running.ask("threads.get_by_id", thread_id=thread_id)
        assert running.end() == 0

    with serving("demo", "--db", "my chats #1.db", cwd=tmp_path) as running:
        assert running.ask("threads.get_by_id", thread_id=thread_id) == before
        assert len(before["items"]["data"]) == 2
    assert sorted(path.name for path in tmp_path.glob("my chats*") if path.suffix != ".db-wal") == [
        "my chats #1-files",
        "my chats #1.db",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_while_a_reply_streams(tmp_path: Path, number: signal.Signals) -> None:
    with serving("demo", cwd=tmp_path) as running:
        events = running.say("slow")
        created = next(events)
        next(event for event in events if event.get("update", {}).get("delta"))
        running.process.send_signal(number)
        rest = list(events)
        assert running.process.wait(timeout=10) == 0

    assert {"type": "error", "code": "stream.error", "allow_retry": True} in rest
    assert running.log.read_text() == ""
    with serving("demo", cwd=tmp_path) as running:
        [said, answered] = text_of_thread(running, created["thread"]["id"])
    assert said == "slow"
    assert answered.startswith("30 … ")


def test_a_chat_server_of_your_own_is_served_and_needs_no_name_if_it_is_app(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(ECHO)

    with serving("serve", "main", cwd=tmp_path) as running:
        [created, *_] = running.say("hello")
        assert text_of_thread(running, created["thread"]["id"]) == ["hello", "You said: hello"]
        assert running.end() == 0
    assert running.banner == f"\nmain at {running.url}\nCtrl-C ends it.\n"


def test_any_asgi_app_is_served(tmp_path: Path) -> None:
    (tmp_path / "site.txt").write_text("hello")
    (tmp_path / "pages.py").write_text(
        "from starlette.applications import Starlette\n"
        "from starlette.staticfiles import StaticFiles\n"
        "class Site:\n"
        "    files = StaticFiles(directory='.')\n"
    )

    with serving("serve", "pages:Site.files", cwd=tmp_path) as running:
        assert running.client.get(running.url + "/site.txt").text == "hello"
        assert running.end(signal.SIGINT) == 0
