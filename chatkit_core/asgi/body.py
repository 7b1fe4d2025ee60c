"""The body of a request, up to a limit."""

from starlette.requests import Request

from chatkit_core.errors import TooLargeError, UnsupportedMediaTypeError

_TRANSCRIBE = b'"input.transcribe"'


async def read_json_body(request: Request, *, limit: int, audio_limit: int) -> bytes:
    """Return the request's body.

    Args:
        limit: bytes that it may have.
        audio_limit: the same if it looks like `input.transcribe`; whoever parses it makes sure.

    Raises:
        UnsupportedMediaTypeError: the body is not announced as JSON.
        TooLargeError: the body is too large; the rest of it is not read.
    """
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaTypeError("request", content_type, "application/json")
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > max(limit, audio_limit):
        raise TooLargeError("request", limit)
    chunks: list[bytes] = []
    size = 0
    allowed = limit
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > allowed:
            if allowed == limit and _TRANSCRIBE in b"".join(chunks):
                allowed = max(limit, audio_limit)
            if size > allowed:
                raise TooLargeError("request", allowed)
    return b"".join(chunks)
