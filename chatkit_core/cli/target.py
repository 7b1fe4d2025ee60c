"""From `module:app` to the app."""

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

from chatkit_core.cli.failure import CommandError, last_line

ASGIApp = Any

_DEFAULT_NAME = "app"


def load_app(target: str) -> ASGIApp:
    """Import the module, the current directory first in the search path, and return its app.

    Args:
        target: `module:app`, `package.module:app`, `module:holder.app`; without a name it is `app`.

    Raises:
        CommandError: there is no such module or name, importing fails, or the name is not an ASGI app.
    """
    module_name, _, name = target.partition(":")
    if module_name.endswith(".py") or "/" in module_name:
        module_of_it = module_name.removesuffix(".py").replace("/", ".")
        raise CommandError(f"{module_name} is a file; name the module, such as {module_of_it}:app.")
    if not all(part.isidentifier() for part in module_name.split(".")):
        raise CommandError(f"{target!r} names no module; say it as in main:app.")
    found = _import(module_name)
    for part in (name or _DEFAULT_NAME).split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise CommandError(f"Module {module_name} has no {name or _DEFAULT_NAME}.") from None
    if inspect.isclass(found):
        raise CommandError(f"{target} is a class; name an instance of it.")
    if not _takes_asgi(found):
        raise CommandError(f"{target} is not an ASGI app, but {_kind(found)}.")
    return found


def _import(name: str) -> Any:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise CommandError(f"There is no module {name} here.") from None
        raise CommandError(f"Importing {name} failed: {last_line(error)}") from None
    except Exception as error:
        raise CommandError(f"Importing {name} failed: {last_line(error)}") from None


def _takes_asgi(found: Any) -> bool:
    """Return whether it can be called with a scope, a receive and a send."""
    if not callable(found):
        return False
    try:
        inspect.signature(found).bind("scope", "receive", "send")
    except TypeError:
        return False
    except ValueError:  # a builtin, which does not tell its signature
        return True
    return True


def _kind(found: Any) -> str:
    if inspect.isfunction(found):
        return "a function of other arguments"
    name = type(found).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
