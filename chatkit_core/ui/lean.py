"""What a browser gets of our own scripts and styles: all but comments and indentation, which are a quarter of them.

Lines stay where they are, so what the browser says of one is true of the source. This is no parser: a comment begins a
line, or is a JSDoc type, and no string of ours looks like either.
"""

import functools
import re
from pathlib import Path

_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/|^[ \t]*//[^\n]*|/\*\* @.*?\*/ ?|^[ \t]+", re.MULTILINE | re.DOTALL)


@functools.lru_cache(maxsize=128)
def lean(path: Path, changed: float) -> bytes:
    """Return the file's text without comments and indentation, line by line.

    Args:
        changed: when the file was changed last, in seconds since 1970: it is read again when that is new.
    """
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), path.read_text(encoding="utf-8")).encode()
