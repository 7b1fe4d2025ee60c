"""Server-sent events: encode and decode, without I/O.

The format is the HTML standard's, section 9.2: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from dataclasses import dataclass

PING = b": ping\n\n"
"""A comment: it keeps proxies from closing a silent connection, and says nothing."""

_BOM = b"\xef\xbb\xbf"


def encode(data: bytes, *, id: str | None = None) -> bytes:
    """Return one event as a frame.

    Args:
        data: the payload; UTF-8 in one line, as JSON without indentation is.
        id: what a client hands back as `Last-Event-ID`.
    """
    if id is None:
        return b"data: " + data + b"\n\n"
    return b"id: " + id.encode() + b"\ndata: " + data + b"\n\n"


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """A decoded event: its payload, and the last id that the stream has named so far (`""` for none)."""

    data: str
    id: str = ""


class Decoder:
    """Decodes a stream that comes in pieces of any size. One decoder a stream."""

    def __init__(self) -> None:
        self._buffer = b""
        self._at_start = True
        self._after_cr = False
        self._data: list[bytes] = []
        self._id = ""

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take the next bytes; return the events that they complete."""
        if not chunk:
            return []
        if self._after_cr:  # which has ended its line; a line feed belongs to it
            chunk = chunk.removeprefix(b"\n")
        text = self._buffer + chunk
        if self._at_start:
            if _BOM.startswith(text):
                self._buffer = text
                return []
            text = text.removeprefix(_BOM)
            self._at_start = False
        self._after_cr = text.endswith(b"\r")
        *lines, self._buffer = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        return [event for line in lines if (event := self._take(line)) is not None]

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode(errors="replace")
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        if not self._data:
            return None
        data = b"\n".join(self._data).decode(errors="replace")
        self._data.clear()
        return ServerSentEvent(data, self._id)
