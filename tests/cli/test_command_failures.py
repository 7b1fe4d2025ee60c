"""What cannot be done is one clear line on stderr, and exit code 2."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from chatkit_command import chatkit


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        yield port


def refusal(*arguments: str | Path, cwd: Path) -> str:
    """Run a command that is refused; return the one line that it says."""
    result = chatkit(*arguments, cwd=cwd)
    assert result.returncode == 2
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("nowhere:app", "chatkit: There is no module nowhere here."),
        ("broken:app", "chatkit: Importing broken failed: ZeroDivisionError: division by zero"),
        ("broken.py", "chatkit: broken.py is a file; name the module, such as broken:app."),
    ],
)
def test_an_app_that_cannot_be_imported(tmp_path: Path, target: str, line: str) -> None:
    (tmp_path / "broken.py").write_text("app = 1 / 0\n")

    assert refusal("serve", target, cwd=tmp_path) == line


@pytest.mark.parametrize("command", [["demo"], ["serve", "main"]])
def test_a_taken_port(tmp_path: Path, taken_port: int, command: list[str]) -> None:
    (tmp_path / "main.py").write_text("async def app(scope, receive, send): ...\n")

    line = refusal(*command, "--port", str(taken_port), cwd=tmp_path)

    assert line == f"chatkit: Port {taken_port} is taken; choose another with --port."
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["main.py"]


def test_a_host_that_is_not_there(tmp_path: Path) -> None:
    assert refusal("demo", "--host", "no such host", cwd=tmp_path) == "chatkit: There is no host no such host."


def test_a_demo_whose_database_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("These are my notes, and no database at all. " * 100)

    line = refusal("demo", "--db", "notes.db", "--port", "0", cwd=tmp_path)

    assert line.startswith("chatkit: The demo could not start: ")
    assert "file is not a database" in line


def test_a_demo_whose_folder_for_uploads_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "chatkit-demo-files").write_text("not a folder")

    line = refusal("demo", "--port", "0", cwd=tmp_path)

    assert line.startswith("chatkit: The demo cannot keep its files in chatkit-demo-files: ")


def test_an_app_whose_database_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "chat.db").mkdir()
    (tmp_path / "main.py").write_text(
        "from chatkit_core import ChatServer, open_store\n"
        "class Assistant(ChatServer):\n"
        "    async def respond(self, thread, message, context): yield 'hello'\n"
        "app = Assistant(open_store('sqlite:///chat.db'))\n"
    )

    line = refusal("serve", "main:app", "--port", "0", cwd=tmp_path)

    assert line.startswith("chatkit: main:app could not start: ")
    assert "unable to open database file" in line


def test_a_schema_that_cannot_be_written(tmp_path: Path) -> None:
    assert refusal("schema", "--output", tmp_path, cwd=tmp_path) == f"chatkit: Cannot write {tmp_path}: Is a directory"


@pytest.mark.parametrize("missing", ["typer", "rich", "uvicorn"])
def test_without_its_extra_the_command_says_what_to_install(missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; from chatkit_core.cli import main; main()"

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", timeout=30)

    assert (result.returncode, result.stdout, result.stderr) == (
        2,
        "",
        "The chatkit command needs an extra: pip install 'chatkit-core[serve]'\n",
    )
