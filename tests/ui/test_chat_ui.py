"""`ChatUI` serves the page and its files: their types, the policy, where it is mounted, bad arguments."""

import gzip
import json
import mimetypes
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
from serving import serve
from starlette.applications import Starlette
from starlette.routing import Mount

import chatkit_core.ui
from chatkit_core.ui import ChatUI
from chatkit_core.ui.lean import lean

STATIC = Path(chatkit_core.ui.__file__).parent / "static"


async def get(app: Any, path: str, **headers: str) -> httpx2.Response:
    """Return what a server of the app answers."""
    async with serve(app) as url, httpx2.AsyncClient() as client:
        return await client.get(url + path, headers=headers)


class Elements(HTMLParser):
    """The attributes of a page's elements, by tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[dict[str, str | None]]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, []).append(dict(attributes))


async def test_the_page_has_the_element_with_its_endpoint_and_options() -> None:
    options = {"startScreen": {"greeting": 'Say "hi" & <b>go</b>'}}
    app = ChatUI("/api/chat?x=1&y=2", title="A & B", lang="de", options=options, script="/handlers.js")

    page = Elements((await get(app, "/")).text).found

    [element] = page["chatkit-chat"]
    assert element["endpoint"] == "/api/chat?x=1&y=2"
    assert json.loads(element["options"] or "") == options
    assert [script["src"] for script in page["script"]] == ["/chatkit-chat.js", "/handlers.js"]
    assert page["html"] == [{"lang": "de"}]


async def test_the_page_forbids_what_comes_from_elsewhere() -> None:
    app = ChatUI("https://api.example.com:8443/chat", image_sources=["https://images.example.com", "https:"])

    headers = (await get(app, "/")).headers

    assert headers["content-security-policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob: https://images.example.com https:",
        "media-src 'self' blob:",
        "connect-src 'self' https://api.example.com:8443",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types lit-html dompurify",
    ]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("source", ["'unsafe-inline'", "https://a.example; script-src *", "two hosts", ""])
def test_a_source_of_images_that_would_change_the_policy_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="is no source of images"):
        ChatUI(image_sources=[source])


def test_options_that_json_cannot_say_are_refused() -> None:
    with pytest.raises(TypeError):
        ChatUI(options={"onClientTool": print})


async def test_files_have_their_types_whatever_the_machine_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: ("text/plain", None))
    app = ChatUI()

    types = {
        path: (await get(app, path)).headers["content-type"]
        for path in (
            "/chatkit-chat.js",
            "/vendor/markdown-it/markdown-it.umd.min.js",
            "/chatkit-chat.css",
            "/icon.svg",
        )
    }

    assert types == {
        "/chatkit-chat.js": "text/javascript; charset=utf-8",
        "/vendor/markdown-it/markdown-it.umd.min.js": "text/javascript; charset=utf-8",
        "/chatkit-chat.css": "text/css; charset=utf-8",
        "/icon.svg": "image/svg+xml",
    }


async def test_a_browser_that_has_a_file_is_told_so() -> None:
    app = ChatUI()
    first = await get(app, "/chatkit-chat.js")

    again = await get(app, "/chatkit-chat.js", **{"If-None-Match": first.headers["etag"]})

    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/nothing.js", "/../app.py", "/%2e%2e/app.py", "/vendor", "/index.html"])
async def test_nothing_else_is_served(path: str) -> None:
    assert (await get(ChatUI(), path)).status_code == 404


async def test_mounted_below_a_path_the_page_finds_its_files() -> None:
    app = Starlette(routes=[Mount("/chat", ChatUI())])

    page = Elements((await get(app, "/chat/")).text).found

    assert [script["src"] for script in page["script"]] == ["/chat/chatkit-chat.js"]
    assert (await get(app, "/chat/chatkit-chat.js")).status_code == 200


def test_the_files_are_small() -> None:
    """All that a browser may load, math apart: each as it is sent, compressed by itself."""
    scripts = [path for path in STATIC.rglob("*.js") if "katex" not in path.parts]
    files = [path.read_bytes() for path in scripts if "vendor" in path.parts]
    files += [lean(path).encode() for path in scripts if "vendor" not in path.parts]
    files.append(lean(STATIC / "chatkit-chat.css").encode())

    assert sum(len(gzip.compress(file, 9)) for file in files) < 150_000


async def test_the_style_sheets_come_as_one() -> None:
    imported = [path.read_text() for path in (STATIC / "styles").iterdir()]

    served = (await get(ChatUI(), "/chatkit-chat.css")).text

    firsts = [re.search(r"^(\S+) {", sheet, re.MULTILINE) for sheet in imported]
    assert len(firsts) == 4
    assert [first[1] for first in firsts if first and f"{first[1]}{{" not in served] == []
    assert "@import" not in served


@pytest.mark.parametrize(
    "path", sorted(STATIC.glob("[!v]*.js")) + sorted(STATIC.glob("widgets/*.js")), ids=lambda path: path.stem
)
def test_our_scripts_come_without_comments_on_the_lines_where_they_stand(path: Path) -> None:
    source, served = path.read_text().splitlines(), lean(path).splitlines()

    code = [line.startswith(("export ", "import ", "class ", "function ")) for line in source]
    assert [line if is_code else "" for line, is_code in zip(source, code, strict=True)] == [
        line if is_code else "" for line, is_code in zip(served, code, strict=True)
    ]
    assert not [line for line in served if "/** " in line or " // " in line or line.startswith(" ")]
