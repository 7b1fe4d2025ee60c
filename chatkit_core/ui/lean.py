"""What a browser gets of our own scripts and styles: all but comments and indentation, which are a quarter of them.

The lines of a script stay where they are, so what the browser says of one is true of the source. This is no parser: a
comment begins a line, or ends one, or is a JSDoc type, and no string of ours looks like any of these. A style sheet
comes with those that it imports (one request instead of one after another, and they compress better together), and
without idle white space.
"""

import re
from pathlib import Path

_COMMENT = re.compile(
    r"^[ \t]*/\*.*?\*/[ \t]*|(?:^|[ \t])[ \t]*// [^\n]*|/\*\* @.*?\*/ ?|^[ \t]+", re.MULTILINE | re.DOTALL
)
_IMPORT = re.compile(r'^@import "(.+)";$', re.MULTILINE)
_SPACE = re.compile(r"\s*([{};,])\s*|(?<=:) ")


def lean(path: Path) -> str:
    """Return the file's text without what the browser does not need."""
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), path.read_text(encoding="utf-8"))
    if path.suffix != ".css":
        return text
    whole = _IMPORT.sub(lambda found: lean(path.parent / found[1]), text)
    return _SPACE.sub(lambda found: found[1] or "", whole)
