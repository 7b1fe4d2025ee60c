"""`module:app`: what is found, and what is said when it is not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatkit_core.cli.failure import CommandError
from chatkit_core.cli.target import load_app

SHOP = """
from chatkit_core import ChatServer

number = 1

def make_app():
    return app

async def app(scope, receive, send): ...

class Assistant(ChatServer): ...

class Site:
    async def __call__(self, scope, receive, send): ...

class Holder:
    site = Site()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stand in a folder with modules; afterwards none of them was imported."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "web.py").write_text(SHOP)
    (tmp_path / "no_app.py").touch()
    (tmp_path / "misspelt.py").write_text("import chatkitt")
    (tmp_path / "unfinished.py").write_text("app = print(")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    yield
    for name in sys.modules.keys() - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("target", "name"),
    [("shop.web:app", "app"), ("shop.web", "app"), ("shop.web:Holder.site", "Site")],
)
def test_an_app_is_found_below_the_current_directory(target: str, name: str) -> None:
    app = load_app(target)

    assert getattr(app, "__name__", type(app).__name__) == name


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("shop.nowhere:app", "There is no module shop.nowhere here."),
        ("shop.web.nowhere:app", "There is no module shop.web.nowhere here."),
        ("shop.web:nothing", "Module shop.web has no nothing."),
        ("shop.web:Holder.nothing", "Module shop.web has no Holder.nothing."),
        ("no_app", "Module no_app has no app."),
        ("shop/web.py:app", "shop/web.py is a file; name the module, such as shop.web:app."),
        (":app", "':app' names no module; say it as in main:app."),
        ("shop..web:app", "'shop..web:app' names no module; say it as in main:app."),
        ("shop.web:number", "shop.web:number is not an ASGI app, but an int."),
        ("shop.web:make_app", "shop.web:make_app is not an ASGI app, but a function of other arguments."),
        ("shop.web:Assistant", "shop.web:Assistant is a class; name an instance of it."),
        ("misspelt:app", "Importing misspelt failed: ModuleNotFoundError: No module named 'chatkitt'"),
        ("unfinished:app", "Importing unfinished failed: SyntaxError: '(' was never closed (unfinished.py, line 1)"),
    ],
)
def test_what_is_not_an_app_is_said_in_one_line(target: str, line: str) -> None:
    with pytest.raises(CommandError) as refused:
        load_app(target)

    assert str(refused.value) == line
