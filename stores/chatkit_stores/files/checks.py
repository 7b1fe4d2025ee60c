"""What a file may be called, and of which type it may be."""

import re
import unicodedata
from collections.abc import Collection

from chatkit_core.errors import InvalidRequestError, UnsupportedMediaTypeError

MAX_NAME_LENGTH = 255

_TOKEN = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(f"{_TOKEN}/{_TOKEN}")
_PATTERN = re.compile(rf"{_TOKEN}/(\*|{_TOKEN})")
_UNSAFE_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators

PREVIEWED_TYPES = frozenset(f"image/{subtype}" for subtype in ("apng", "avif", "bmp", "gif", "jpeg", "png", "webp"))
"""Images that browsers show and that are nothing but pixels. SVG is not one of them: it can hold scripts."""


def file_name(name: str, field: str) -> str:
    """Return the name without the folders that may stand before it.

    Args:
        name: as the client sent it.
        field: what an error names as the part that is wrong.

    Raises:
        InvalidRequestError: it is empty, too long, or has control characters.
    """
    name = re.split(r"[/\\]", name)[-1].strip()
    if name in ("", ".", ".."):
        raise InvalidRequestError(field, "a file needs a name")
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidRequestError(field, f"the name is longer than {MAX_NAME_LENGTH} characters")
    if any(unicodedata.category(char) in _UNSAFE_CATEGORIES for char in name):
        raise InvalidRequestError(field, "the name has control characters")
    return name


def essence(content_type: str) -> str:
    """Return the type without its parameters, in lower case; what a client cannot name is a stream of octets."""
    return content_type.partition(";")[0].strip().lower() or "application/octet-stream"


class MediaTypes:
    """The types that are taken: `image/png`, or with a wildcard `image/*`; None takes all.

    Raises:
        ValueError: one of them is not a type.
    """

    def __init__(self, patterns: Collection[str] | None) -> None:
        for pattern in patterns or ():
            if _PATTERN.fullmatch(pattern) is None:
                raise ValueError(f"{pattern!r} is not a media type such as 'image/png' or 'image/*'")
        self._patterns = None if patterns is None else frozenset(pattern.lower() for pattern in patterns)

    def check(self, content_type: str) -> str:
        """Return the type without its parameters.

        Raises:
            UnsupportedMediaTypeError: it is malformed, or not taken.
        """
        media_type = essence(content_type)
        if _MEDIA_TYPE.fullmatch(media_type) is None:
            raise UnsupportedMediaTypeError("attachment", content_type[:100], "a type such as 'image/png'")
        if self._patterns is not None and self._patterns.isdisjoint(_patterns_of(media_type)):
            raise UnsupportedMediaTypeError("attachment", media_type, ", ".join(sorted(self._patterns)) or "none")
        return media_type


def _patterns_of(media_type: str) -> tuple[str, str]:
    return media_type, media_type.partition("/")[0] + "/*"
