"""`ChatUI`: an ASGI app that serves the page and its files."""

import html
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from os import PathLike, stat_result
from pathlib import Path
from string import Template
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Receive, Scope, Send

from chatkit_core.ui.lean import lean
from chatkit_core.ui.policy import content_security_policy

_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "index.html").read_text(encoding="utf-8"))
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What browsers insist on; a machine's own registry may say something else."""


class ChatUI:
    """The page as an ASGI app, to be mounted after the endpoint: `app.mount("/", ChatUI(endpoint="/chatkit"))`.

    Below it, `chatkit-chat.js` is the script for `<chatkit-chat>` in other pages.

    Args:
        endpoint: the URL of the chat server's endpoint, as the browser sees it.
        title: of the page.
        lang: the language of the page, a BCP 47 tag such as `en`.
        options: for the element, what `setOptions` takes that JSON can say: `startScreen`, `composer`, `header` …
        image_sources: what images in replies may come from, beside the page's own host, as the policy `img-src` has it:
            `https://images.example.com`.
        script: the URL of a module of the app's own, on the page's host, which gives the element what JSON cannot say:
            client tools, effects, entity search … It is loaded after the element's.

    Raises:
        ValueError: a source is none that the policy could name.
        TypeError: the options cannot be said in JSON.
    """

    def __init__(
        self,
        endpoint: str = "/chatkit",
        *,
        title: str = "Chat",
        lang: str = "en",
        options: Mapping[str, Any] | None = None,
        image_sources: Iterable[str] = (),
        script: str | None = None,
    ) -> None:
        tag = f'<script type="module" src="{html.escape(script)}"></script>' if script else ""
        attributes = {"endpoint": endpoint, "options": json.dumps(dict(options or {}))}
        self._values = {
            name: html.escape(value) for name, value in {**attributes, "title": title, "lang": lang}.items()
        }
        self._script = tag
        self._headers = {
            "content-security-policy": content_security_policy(endpoint, image_sources),
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
            "cache-control": "no-cache",
        }
        router = Router([Route("/", self._page), Mount("/", _Files(directory=_HERE / "static"))])
        self._app = GZipMiddleware(ExceptionMiddleware(router), minimum_size=500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the page at the root of where this is mounted, and its files below."""
        await self._app(scope, receive, send)

    async def _page(self, request: Request) -> HTMLResponse:
        base = html.escape(request.scope.get("root_path", "").rstrip("/"))
        return HTMLResponse(_PAGE.substitute(self._values, base=base, script=self._script), headers=self._headers)


class _Files(StaticFiles):
    """The page's files, with types that do not depend on the machine; a browser asks each time whether one is new."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path = Path(full_path)
        response: Response = FileResponse(path, stat_result=stat_result)
        if path.suffix in (".js", ".css") and "vendor" not in path.parts:
            content = lean(path)
            response = Response(content, headers={"etag": f'"{sha256(content.encode()).hexdigest()}"'})
        if path.suffix in _MEDIA_TYPES:
            response.headers["content-type"] = _MEDIA_TYPES[path.suffix]
        response.headers["cache-control"] = "no-cache"
        response.headers["x-content-type-options"] = "nosniff"
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response
