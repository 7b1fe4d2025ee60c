"""The `chatkit` command."""

import sys

_EXTRA = {"typer", "rich", "uvicorn"}


def main() -> None:
    """Run the command. What stops it before it starts is one line on stderr, and exit code 2."""
    try:
        from chatkit_core.cli.commands import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("The chatkit command needs an extra: pip install 'chatkit-core[serve]'\n")
        sys.exit(2)
    sys.exit(run())


__all__ = ["main"]
