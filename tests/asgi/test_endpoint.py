"""The endpoint over HTTP: where it can be mounted, and what it says to requests that it does not like."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from serving import serve
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import Mount

from chatkit_core import ChatServer
from chatkit_core.errors import ForbiddenError, UnauthorizedError
from chatkit_core.types import AudioInput, TranscriptionResult
from chatkit_stores.memory import MemoryStore

HELLO = {
    "type": "threads.create",
    "params": {
        "input": {
            "content": [{"type": "input_text", "text": "Hello"}],
            "attachments": [],
            "inference_options": {},
        }
    },
}
LIST = {"type": "threads.list", "params": {}}


class Echo(ChatServer[Any]):
    async def get_context(self, request: Request) -> Any:
        return {"user_id": "ann"}

    async def respond(self, thread, message, context):
        yield message.text

    async def transcribe(self, audio_input: AudioInput, context: Any) -> TranscriptionResult:
        return TranscriptionResult(text=f"{len(audio_input.data)} bytes of {audio_input.media_type}")


def echo() -> Echo:
    return Echo(MemoryStore())


async def post(url: str, body: Any, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with httpx2.AsyncClient() as client:
        return await client.post(url, content=content, headers={"Content-Type": "application/json"} | headers)


def events(response: httpx2.Response) -> list[str]:
    return [json.loads(line[6:])["type"] for line in response.text.splitlines() if line.startswith("data: ")]


def error(response: httpx2.Response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "request_id"}
    return response.status_code, body["error"]["code"]


ANSWER = [
    "thread.created",
    "thread.item.done",
    "stream_options",
    "thread.item.added",
    "thread.item.updated",
    "thread.item.updated",
    "thread.item.updated",
    "thread.item.done",
    "thread.updated",
]


def under_a_path() -> Any:
    return Starlette(routes=[Mount("/api", app=echo())])


def inside_fastapi() -> Any:
    server = echo()
    app = FastAPI(lifespan=server.lifespan)
    app.router.routes.extend(server.routes("/chatkit"))
    return app


def inside_starlette() -> Any:
    server = echo()
    return Starlette(routes=server.routes("/chatkit"), lifespan=server.lifespan)


def inside_starlette_without_lifespan() -> Any:
    return Starlette(routes=echo().routes("/chatkit"))


@pytest.mark.parametrize(
    ("app", "path"),
    [
        (echo, "/"),
        (echo, ""),
        (under_a_path, "/api/"),
        (inside_fastapi, "/chatkit"),
        (inside_starlette, "/chatkit"),
        (inside_starlette_without_lifespan, "/chatkit"),
    ],
)
async def test_the_endpoint_answers_wherever_it_is_mounted_and_without_a_redirect(app: Any, path: str) -> None:
    async with serve(app()) as url:
        response = await post(url + path, HELLO)
        assert (response.status_code, events(response)) == (200, ANSWER)
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["chatkit-turn-id"].startswith("trn_")
        listed = await post(url + path, LIST)
        assert listed.headers["content-type"] == "application/json"
        assert [thread["title"] for thread in listed.json()["data"]] == ["Hello"]


async def test_a_page_of_another_origin_is_let_in_by_the_apps_own_cors_middleware() -> None:
    middleware = [
        Middleware(CORSMiddleware, allow_origins=["https://page.test"], allow_methods=["POST"], allow_headers=["*"])
    ]
    app = Starlette(routes=echo().routes("/chatkit"), middleware=middleware)
    async with serve(app) as url, httpx2.AsyncClient() as client:
        preflight = await client.options(
            url + "/chatkit",
            headers={
                "Origin": "https://page.test",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
        response = await post(url + "/chatkit", HELLO, Origin="https://page.test")
    assert preflight.status_code == 200
    assert response.headers["access-control-allow-origin"] == "https://page.test"
    assert events(response) == ANSWER


MISSING_INPUT = {"type": "threads.create", "params": {}}
NAMED = {"type": "threads.get_by_id", "params": {"thread_id": 7}}
NO_LIMIT = {"type": "threads.list", "params": {"limit": 0}}


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        (b"", 400, "request.invalid_json", "not JSON"),
        (b"{", 400, "request.invalid_json", "not JSON"),
        (b"\xff\xfe", 400, "request.invalid_json", "not JSON"),
        (b'{"type": "threads.list", "params": {"after": NaN}}', 400, "request.invalid_json", "not JSON"),
        (b'{"type": "threads.list", "params": {"after": "\\ud800"}}', 400, "request.invalid_json", "surrogate"),
        (b"[" * 100_000, 400, "request.invalid_json", "not JSON"),
        (b"[]", 422, "request.invalid", ""),
        (b"null", 422, "request.invalid", ""),
        (b"{}", 422, "request.invalid", "type"),
        ({"type": "threads.explode"}, 422, "request.invalid", "threads.explode"),
        (MISSING_INPUT, 422, "request.invalid", "params.input: Field required"),
        (NAMED, 422, "request.invalid", "params.thread_id: Input should be a valid string"),
        (NO_LIMIT, 422, "request.invalid", "params.limit"),
        ({"type": "turns.get", "params": {"turn_id": "trn_1"}}, 404, "turn.not_found", ""),
        (HELLO | {"params": HELLO["params"] | {"turn": {"on_busy": "panic"}}}, 422, "request.invalid", "params.turn"),
        ({"type": "threads.custom_action", "params": {}}, 422, "request.invalid", "params.thread_id"),
        ({"type": "attachments.delete", "params": {"attachment_id": "x"}}, 501, "attachments.not_supported", ""),
    ],
)
async def test_a_body_that_is_no_op_gets_an_error_that_says_why(body: Any, status: int, code: str, words: str) -> None:
    async with serve(echo()) as url:
        response = await post(url, body)
        listed = await post(url, LIST)
    assert error(response) == (status, code)
    assert words in response.json()["error"]["message"]
    assert listed.json() == {"data": [], "has_more": False}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_taken(content_type: str) -> None:
    async with serve(echo()) as url:
        assert error(await post(url, LIST, **{"Content-Type": content_type})) == (
            415,
            "request.unsupported_media_type",
        )


async def test_json_may_name_its_charset() -> None:
    async with serve(echo()) as url:
        response = await post(url, LIST, **{"Content-Type": "Application/JSON; charset=utf-8"})
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_refused_in_json(method: str) -> None:
    async with serve(echo()) as url, httpx2.AsyncClient() as client:
        assert error(await client.request(method, url)) == (405, "request.method_not_allowed")


async def test_a_path_that_nobody_serves_is_not_found_in_json() -> None:
    async with serve(echo()) as url:
        assert error(await post(url + "/nothing/here", LIST)) == (404, "not_found")


def two_mebibytes(op: str) -> bytes:
    audio = "A" * (2 * 1024 * 1024)
    return json.dumps({"type": op, "params": {"audio_base64": audio, "mime_type": "audio/webm;codecs=opus"}}).encode()


async def test_a_large_body_is_refused_unless_it_is_speech() -> None:
    async with serve(echo()) as url:
        assert error(await post(url, two_mebibytes("threads.list"))) == (413, "request.too_large")
        disguised = two_mebibytes("threads.list")[:-1] + b', "metadata": {"x": "input.transcribe"}}'
        assert error(await post(url, disguised)) == (413, "request.too_large")
        speech = await post(url, two_mebibytes("input.transcribe"))
    assert speech.json() == {"text": "1572864 bytes of audio/webm"}


async def test_the_limits_of_a_body_are_the_apps_to_set() -> None:
    server = echo()
    server.max_body, server.max_audio_body = 100, 1000
    async with serve(server) as url:
        assert (await post(url, LIST)).status_code == 200
        assert error(await post(url, HELLO | {"metadata": {"x": "y" * 100}})) == (413, "request.too_large")
        assert error(await post(url, two_mebibytes("input.transcribe"))) == (413, "request.too_large")


async def test_a_body_in_chunks_without_a_length_meets_the_same_limit() -> None:
    async def two_mebibytes() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65536

    async with serve(echo()) as url, httpx2.AsyncClient() as client:
        headers = {"Content-Type": "application/json"}
        response = await client.post(url, content=two_mebibytes(), headers=headers)
    assert error(response) == (413, "request.too_large")


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (UnauthorizedError(), 401, "auth.required"),
        (ForbiddenError(), 403, "auth.forbidden"),
        (HTTPException(401, "Log in first"), 401, "auth.required"),
        (HTTPException(418, "A teapot"), 418, "request.refused"),
    ],
)
async def test_get_context_can_refuse_a_request(raised: Exception, status: int, code: str) -> None:
    class Guarded(Echo):
        async def get_context(self, request: Request) -> Any:
            raise raised

    async with serve(Guarded(MemoryStore())) as url:
        assert error(await post(url, LIST)) == (status, code)


async def test_what_fails_unexpectedly_is_logged_under_the_id_that_the_client_gets_and_not_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Echo):
        async def get_context(self, request: Request) -> Any:
            raise ValueError("the password is swordfish")

    async with serve(Broken(MemoryStore())) as url:
        response = await post(url, LIST)
    assert error(response) == (500, "server.error")
    assert "swordfish" not in response.text
    [record] = [record for record in caplog.records if record.name == "chatkit_core"]
    assert response.json()["error"]["request_id"] in record.getMessage()
    assert "swordfish" in (caplog.text)


async def test_many_first_requests_open_the_store_once() -> None:
    class Counting(MemoryStore[Any]):
        opened = 0

        async def open(self) -> None:
            type(self).opened += 1
            await asyncio.get_running_loop().run_in_executor(None, lambda: None)

    app = Starlette(routes=Echo(Counting()).routes("/chatkit"))
    async with serve(app) as url:
        answers = await asyncio.gather(*[post(url + "/chatkit", LIST) for _ in range(8)])
    assert [answer.status_code for answer in answers] == [200] * 8
    assert Counting.opened == 1


async def test_a_store_that_does_not_open_keeps_the_server_from_starting() -> None:
    class Unopenable(MemoryStore[Any]):
        async def open(self) -> None:
            raise OSError("no such disk")

    server = Echo(Unopenable())
    with pytest.raises(OSError, match="no such disk"):
        async with server.lifespan():
            pass


async def test_a_server_can_be_opened_again_after_it_was_closed() -> None:
    server = echo()
    for _ in range(2):
        async with serve(server) as url:
            assert events(await post(url, HELLO)) == ANSWER
