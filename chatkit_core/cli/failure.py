"""What stops a command: one line for the user."""


class CommandError(Exception):
    """The command cannot do what it was asked; `str()` of it is the line that says why."""


def last_line(error: BaseException) -> str:
    """Return an exception as the last line of its traceback says it."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
