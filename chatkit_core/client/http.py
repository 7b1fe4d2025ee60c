"""Ops over HTTP."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from chatkit_core.client.errors import ConnectionLostError, RefusedError, refused
from chatkit_core.client.frames import Op
from chatkit_core.client.httpx import httpx2
from chatkit_core.client.transport import Stream
from chatkit_core.sse import Decoder, ServerSentEvent

_JSON = {"Content-Type": "application/json"}
_TURNS = {"ChatKit-Turns": "1"}
_ANY_NUMBER = httpx2.Limits(max_connections=None, max_keepalive_connections=20)
SILENCE = 60.0
"""Seconds without a byte after which a stream counts as broken; servers send a comment more often than that."""


class HTTPTransport:
    """Sends ops to an endpoint.

    Args:
        url: the endpoint's.
        headers: sent with every request to the endpoint's origin.
        timeout: seconds to connect, to send, and to get an answer that is not a stream.
        app: where requests go instead of the network.

    Raises:
        ValueError: this is no URL of a server.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        timeout: float,
        app: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = _endpoint(url)
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._client = httpx2.AsyncClient(transport=app, timeout=timeout, limits=_ANY_NUMBER, trust_env=app is None)

    async def call(self, op: Op, *, takes: float = 0.0) -> Any:
        timeout = httpx2.Timeout(self._timeout, read=self._timeout + takes)
        with _broken_connections():
            answer = await self._client.post(
                self._url, content=_encode(op), headers=self._own_headers(), timeout=timeout
            )
        return _answer(answer)

    @asynccontextmanager
    async def stream(self, op: Op) -> AsyncIterator[Stream]:
        timeout = httpx2.Timeout(self._timeout, read=SILENCE)
        request = self._client.build_request(
            "POST", self._url, content=_encode(op), headers=self._own_headers(), timeout=timeout
        )
        with _broken_connections():
            answer = await self._client.send(request, stream=True)
        try:
            if not _is_stream(answer):
                with _broken_connections():
                    await answer.aread()
                raise _refusal(answer)
            yield Stream(answer.headers.get("ChatKit-Turn-Id"), _events(answer))
        finally:
            await answer.aclose()

    async def upload(self, url: str, method: str, headers: Mapping[str, str], data: bytes) -> None:
        target = self._url.join(url)
        own = self._headers if _origin(target) == _origin(self._url) else {}
        with _broken_connections():
            answer = await self._client.request(method, target, content=data, headers={**own, **headers})
        if answer.is_error:
            raise _refusal(answer)

    async def aclose(self) -> None:
        await self._client.aclose()

    def _own_headers(self) -> dict[str, str]:
        return {**self._headers, **_JSON, **_TURNS}


def _endpoint(url: str) -> httpx2.URL:
    try:
        endpoint = httpx2.URL(url)
    except httpx2.InvalidURL:
        endpoint = httpx2.URL("")
    if endpoint.scheme not in ("http", "https") or not endpoint.host:
        raise ValueError(f"{url!r} is not the URL of a server, such as https://example.com/chatkit.")
    return endpoint


def _encode(op: Op) -> bytes:
    return json.dumps(op, allow_nan=False).encode()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_stream(answer: httpx2.Response) -> bool:
    return answer.status_code == 200 and answer.headers.get("content-type", "").startswith("text/event-stream")


async def _events(answer: httpx2.Response) -> AsyncIterator[ServerSentEvent]:
    decoder = Decoder()
    with _broken_connections():
        async for chunk in answer.aiter_bytes():
            for event in decoder.feed(chunk):
                yield event


@contextmanager
def _broken_connections() -> Iterator[None]:
    try:
        yield
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise ConnectionLostError(f"The connection to the server broke: {error or type(error).__name__}") from error


def _answer(answer: httpx2.Response) -> Any:
    if answer.is_success:
        try:
            return answer.json()
        except ValueError:
            pass
    raise _refusal(answer)


def _refusal(answer: httpx2.Response) -> RefusedError:
    try:
        error = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = None
    if not isinstance(error, dict):  # not ours: a proxy, or there is no ChatKit server at this URL
        what = answer.headers.get("content-type", "nothing").partition(";")[0]
        message = f"The server answered with status {answer.status_code} and {what}, not as a ChatKit server does."
        error = {"code": "server.error", "message": message}
    return refused(answer.status_code, error)
