"""The `chatkit` command as a process of its own, and a client for what it serves."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

CHATKIT = Path(sys.executable).with_name("chatkit")

Event = dict[str, Any]


def chatkit(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([CHATKIT, *arguments], cwd=cwd, capture_output=True, encoding="utf-8", timeout=30)


@dataclass
class Serving:
    """A command that serves."""

    process: subprocess.Popen[str]
    url: str
    banner: str
    log: Path
    client: httpx2.Client

    def ask(self, op: str, **params: Any) -> Any:
        """Send an op that is answered with JSON."""
        answer = self.client.post(self.url, json={"type": op, "params": params})
        answer.raise_for_status()
        return answer.json()

    def stream(self, op: str, **params: Any) -> Iterator[Event]:
        """Send an op that is answered with events, to the end of the stream."""
        with self.client.stream("POST", self.url, json={"type": op, "params": params}) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def say(self, text: str, *, thread_id: str | None = None, attachments: list[str] | None = None) -> Iterator[Event]:
        """Send a message, to a new thread unless one is named."""
        content = [{"type": "input_text", "text": text}]
        message = {"content": content, "attachments": attachments or [], "inference_options": {}}
        if thread_id is None:
            return self.stream("threads.create", input=message)
        return self.stream("threads.add_user_message", input=message, thread_id=thread_id)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=10)


@contextmanager
def serving(*arguments: str | Path, cwd: Path) -> Iterator[Serving]:
    """Run a command that serves, on a free port, and wait until it says where."""
    log = cwd / "log.txt"
    command = [CHATKIT, *arguments, "--port", "0"]
    with (
        httpx2.Client(timeout=20, verify=False) as client,
        log.open("w") as stderr,
        subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8") as process,
    ):
        assert process.stdout is not None
        banner = ""
        while "Ctrl-C" not in banner:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the command did not start:\n{log.read_text()}")
            banner += line
        found = re.search(r"http://\S+/chatkit\b", banner) or re.search(r"http://\S+", banner)
        assert found is not None
        try:
            yield Serving(process, found[0], banner, log, client)
        finally:
            process.terminate()
            process.stdout.close()
