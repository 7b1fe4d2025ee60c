"""What the documentation shows runs: its Python, the README's commands, its links."""

import builtins
import dis
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import httpx2
import pytest
from serving import serve
from visiting import ROOT, Visitor, message, renamed

from chatkit_core import sse
from chatkit_core.client import AsyncChatClient
from chatkit_core.types import TurnLimits, TurnUsage, json_schema

README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [README, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *DOCS]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


def run_blocks(path: Path) -> dict[str, Any]:
    """Run a page's Python, block after block, as one program; return its names."""
    names: dict[str, Any] = {"__name__": path.stem}
    for block in blocks(path, "python"):
        exec(compile(block, path, "exec"), names)
    return names


def globals_of(code: str | CodeType) -> Iterator[str]:
    """Yield the names that functions look up outside of themselves."""
    if isinstance(code, str):
        code = compile(code, "block", "exec")
    yield from (step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL")
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from globals_of(inner)


@pytest.mark.parametrize("path", [path for path in DOCS if blocks(path, "python")], ids=named)
def test_the_python_of_a_page_runs_and_its_functions_know_all_names_that_they_use(path: Path) -> None:
    known = run_blocks(path).keys() | vars(builtins).keys()
    assert [name for block in blocks(path, "python") for name in globals_of(block) if name not in known] == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_the_links_of_a_page_lead_somewhere(path: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\((?!https?:)([^)#]+)", prose)
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", [README, ROOT / "docs/quickstart.md"], ids=named)
def test_the_first_program_answers_its_curl_and_has_the_thread_after_a_restart(path: Path, folder: Path) -> None:
    (folder / "app.py").write_text(blocks(path, "python")[0])
    create, list_threads = (block for block in blocks(path, "sh") if block.startswith("curl"))
    with uvicorn_process("app:app") as url:
        events = [json.loads(event.data) for event in sse.Decoder().feed(curl(create, url).content)]
    with uvicorn_process("app:app") as url:
        page = curl(list_threads, url).json()
    said = [event["update"]["delta"] for event in events if event.get("update", {}).get("delta")]
    assert said == ["You ", "said: ", "Hello, ", "assistant! "]
    assert page == {"data": [events[-1]["thread"]], "has_more": False}
    assert page["data"][0]["title"] == "Hello, assistant!"


async def test_the_quickstarts_model_remembers_and_its_members_are_known(folder: Path) -> None:
    app = run_blocks(ROOT / "docs/quickstart.md")["app"]
    headers = {"Authorization": "Bearer ada-secret"}
    async with serve(app) as url, httpx2.AsyncClient(base_url=url, headers=headers) as http:
        visitor = Visitor(http, "/chatkit", {})
        first = await visitor.say("Hi")
        second = await visitor.say("Hi again", thread="<thr 1>")
        stranger = await visitor.post("threads.list", headers={"Authorization": "Bearer guess"})
    assert first == [*message("<msg 2>", "You have written 1 messages."), renamed("Hi")]
    assert second == message("<msg 4>", "You have written 2 messages.")
    assert stranger.status_code == 401


async def test_the_replies_of_the_guide_reach_the_client(folder: Path) -> None:
    app = run_blocks(ROOT / "docs/guides/replies.md")["app"]
    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as http:
        events = await Visitor(http, "/", {}).say("Please fail")
    done = [event["item"]["type"] for event in events if event["type"] == "thread.item.done"]
    assert (events[0]["type"], done) == ("progress_update", ["workflow", "assistant_message", "widget"])
    error = {"type": "error", "code": "custom", "message": "I cannot do that today.", "allow_retry": True}
    assert events[-2:] == [error, renamed("Please fail")]


async def test_the_turn_of_the_guide_goes_on_from_a_cursor_and_knows_what_it_has_used(folder: Path) -> None:
    guide = run_blocks(ROOT / "docs/guides/turns.md")
    after: list[Any] = []
    async with AsyncChatClient(app=guide["app"]) as chat:
        run = chat.turns.create_and_stream("one two three")
        events = [event async for event in run]
        first = next(event for event in events if event.type == "agent_message_delta")
        await guide["go_on"](chat, run.turn_id, first.cursor, after.append)
        usage = (await run.result()).usage
    assert after == [event.raw for event in events[events.index(first) + 1 :]]
    assert usage == TurnUsage(output_tokens=3)


async def test_the_clerk_of_the_guide_books_once_it_is_answered(folder: Path) -> None:
    guide = run_blocks(ROOT / "docs/guides/turns.md")
    async with AsyncChatClient(app=guide["clerk"]) as chat:
        chat.on_input(
            lambda form: {question.id: {"answer": "Rome"}.get(question.id, "Book it") for question in form.inputs}
        )
        result = await chat.turns.create_and_stream("Travel!").result()
    assert result.text == "Booked. You asked: Travel!"


async def test_the_server_that_moved_answers(folder: Path) -> None:
    app = run_blocks(ROOT / "docs/guides/moving-from-openai-chatkit.md")["app"]
    async with serve(app) as url, httpx2.AsyncClient(base_url=url, headers={"X-User": "ada"}) as http:
        events = await Visitor(http, "/chatkit", {}).say("Hi")
    assert events == [message("<msg 2>", "Hello.")[-1], renamed("Hi")]


async def test_the_attachments_of_the_guide_are_read(folder: Path) -> None:
    app = run_blocks(ROOT / "docs/guides/attachments.md")["app"]
    async with serve(app) as url, httpx2.AsyncClient(base_url=url) as http:
        record = (await http.post("/attachments", files={"file": ("a.pdf", b"%PDF", "application/pdf")})).json()
        events = await Visitor(http, "/", {}).say("Look", attachments=(record["id"],))
    assert events == [*message("<msg 2>", "a.pdf: application/pdf, 4 bytes. "), renamed("Look")]


def test_the_contract_of_the_guide_runs_without_any_configuration(folder: Path) -> None:
    (folder / "test_my_store.py").write_text(blocks(ROOT / "docs/guides/stores.md", "python")[-1])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "pages", "."]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=30)
    assert re.search(r"^\d+ passed, \d+ deselected", ran.stdout, re.MULTILINE), ran.stdout


def test_every_error_code_of_the_code_is_in_the_reference() -> None:
    """Those that are made of the kind of a thing, such as `thread.not_found`, are not looked for."""
    listed = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", (ROOT / "docs/reference/errors.md").read_text()))
    files = [path for folder in ("chatkit_core", "stores") for path in (ROOT / folder).rglob("*.py")]
    assigned = re.compile(r'(?:\bcode(?:: \w+)?\s?=\s?|\b_server_failure\()"([a-z_]+\.[a-z_]+)"')
    codes = {code for path in files for code in assigned.findall(path.read_text())}
    assert (codes | {f"limit.{name}" for name in TurnLimits.model_fields}) - listed == set()


def test_every_op_and_event_is_in_the_reference() -> None:
    page = (ROOT / "docs/reference/wire.md").read_text()
    schema = json_schema()["$defs"]
    types = {type for union in ("Op", "Event", "TurnEvent") for type in schema[union]["discriminator"]["mapping"]}
    assert (len(types), [type for type in types if f"`{type}`" not in page]) == (16 + 4 + 7 + 12 + 7, [])


@contextmanager
def uvicorn_process(target: str) -> Iterator[str]:
    """Run the README's command, on a free port, in the current folder; yield the URL."""
    command = [sys.executable, "-m", "uvicorn", target, "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, encoding="utf-8") as process:
        assert process.stderr is not None
        log = ""
        while (found := re.search(r"running on (http://\S+)", log)) is None:
            line = process.stderr.readline()
            assert line, log
            log += line
        try:
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)


def curl(command: str, url: str) -> httpx2.Response:
    """Send what the command would, to the server at `url`."""
    arguments = iter(shlex.split(command)[1:])
    headers, body, path = {}, "", ""
    for argument in arguments:
        match argument:
            case "-N":
                pass
            case "-H":
                name, _, value = next(arguments).partition(": ")
                headers[name] = value
            case "-d":
                body = next(arguments)
            case _:
                path = argument.removeprefix("http://127.0.0.1:8000")
    response = httpx2.post(url + path, content=body, headers=headers)
    response.raise_for_status()
    return response
