"""The one file of a multipart form, read while the form still arrives.

Starlette's form parser takes the whole body before it hands out a file, so no limit could stop it early. This one
holds no more than the piece of the body that was read last.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Self

from chatkit_core.errors import InvalidRequestError, MissingExtraError, TooLargeError, UnsupportedMediaTypeError

if TYPE_CHECKING:
    from python_multipart import MultipartParser

FIELD = b"file"
MAX_HEADER_BYTES = 8 * 1024
MAX_OTHER_BYTES = 64 * 1024
"""The most bytes that all other fields of the form may have; they are ignored."""


class FormFile:
    """The file in the field `file`: its name and type as the client sent them, and its bytes.

    Use `await FormFile.open(...)`, which reads up to where the bytes begin, then iterate over `chunks()` once.
    """

    name: str
    mime_type: str

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        self._parser = self._make_parser(content_type)
        self._body = body
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._header_bytes = 0
        self._other_bytes = 0
        self._data = bytearray()
        self._found = False
        self._in_file = False
        self._ended = False

    @classmethod
    async def open(cls, content_type: str, body: AsyncIterator[bytes]) -> Self:
        """Read the form up to the beginning of the file.

        Args:
            content_type: the request's, with the boundary.
            body: the request's, piece by piece.

        Raises:
            UnsupportedMediaTypeError: it is not `multipart/form-data`.
            InvalidRequestError: it is malformed, there is no file in the field, or the file has no name.
            TooLargeError: other fields fill too much of the form.
            MissingExtraError: `python-multipart` is not installed.
        """
        form = cls(content_type, body)
        while not form._found:
            if not await form._feed():
                raise InvalidRequestError("file", "the form has no such field")
        return form

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the file's bytes, and read the form to its end.

        Raises:
            InvalidRequestError: the form is malformed, is cut off, or has a second file in the field.
            TooLargeError: other fields fill too much of the form.
        """
        while True:
            if self._data:
                chunk, self._data = self._data, bytearray()
                yield bytes(chunk)
            if not await self._feed():
                return

    async def _feed(self) -> bool:
        """Parse the next piece of the body; return False if the form has ended."""
        from python_multipart.exceptions import FormParserError

        if self._ended:
            return False
        try:
            self._parser.write(await anext(self._body))
        except StopAsyncIteration:
            raise InvalidRequestError("", "the form is cut off") from None
        except FormParserError:
            raise InvalidRequestError("", "the body is not a well-formed multipart form") from None
        return True

    def _make_parser(self, content_type: str) -> "MultipartParser":
        try:
            from python_multipart import MultipartParser
            from python_multipart.exceptions import FormParserError
            from python_multipart.multipart import parse_options_header
        except ImportError:
            raise MissingExtraError("Uploading a form", "uploads") from None
        media_type, options = parse_options_header(content_type)
        if media_type != b"multipart/form-data":
            raise UnsupportedMediaTypeError("request", media_type.decode("latin-1"), "multipart/form-data")
        try:
            return MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_end": self._on_end,
                },
            )
        except (KeyError, FormParserError):
            raise InvalidRequestError("", "the content type has no usable boundary") from None

    def _on_part_begin(self) -> None:
        self._headers = {}
        self._header_bytes = 0

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count_header(end - start)
        self._header_value += data[start:end]

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MAX_HEADER_BYTES:
            raise InvalidRequestError("", f"a part of the form has more than {MAX_HEADER_BYTES} bytes of headers")

    def _on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._in_file = options.get(b"name") == FIELD
        if not self._in_file:
            return
        if self._found:
            raise InvalidRequestError("file", "the form has more than one")
        if not options.get(b"filename"):
            raise InvalidRequestError("file", "it is not a file with a name")
        self.name = options[b"filename"].decode(errors="replace")
        self.mime_type = self._headers.get(b"content-type", b"").decode("latin-1")
        self._found = True

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._data += data[start:end]
            return
        self._other_bytes += end - start
        if self._other_bytes > MAX_OTHER_BYTES:
            raise TooLargeError("request", MAX_OTHER_BYTES)

    def _on_end(self) -> None:
        self._ended = True
