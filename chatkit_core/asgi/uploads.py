"""The routes that the bytes of attachments take.

PUT  <path>/attachments/<id>?token=…    the second phase of an upload                  204
POST <path>/attachments                 a multipart form with the field `file`         200, the record
GET  <path>/attachments/<id>            for the owner, or for anybody with `?token=…`  200, the bytes
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from chatkit_core.asgi.errors import Handler
from chatkit_core.asgi.multipart import FormFile
from chatkit_core.errors import NotFoundError, NotSupportedError
from chatkit_core.store import AttachmentStore, Store, UploadStore

INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""What a browser may show in place. All else is offered as a download, so that no page of an uploader's making ever
runs on the server's origin."""

DOWNLOAD_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=3600",
}


def upload_routes(
    path: str,
    store: Store[Any],
    attachments: AttachmentStore[Any] | None,
    get_context: Callable[[Request], Awaitable[Any]],
    wrap: Callable[[Handler], Handler],
) -> list[Route]:
    """Return the routes. They answer 501 if `attachments` is not an `UploadStore`.

    Args:
        path: the endpoint's path; `/attachments` comes after it.
        store: keeps the records.
        attachments: keeps the bytes.
        get_context: returns the context of a request, or raises if nobody may ask.
        wrap: goes around every handler; it turns the errors that a handler raises into answers.
    """
    uploads = _Uploads(store, attachments, get_context)
    collection = path.rstrip("/") + "/attachments"
    # "path" also takes ids with slashes, so that a wrong id has one answer whatever is in it.
    one = collection + "/{attachment_id:path}"
    return [
        Route(collection, wrap(uploads.post), methods=["POST"]),
        Route(one, wrap(uploads.put), methods=["PUT"]),
        Route(one, wrap(uploads.get), methods=["GET"]),
    ]


class _Uploads:
    def __init__(
        self,
        store: Store[Any],
        attachments: AttachmentStore[Any] | None,
        get_context: Callable[[Request], Awaitable[Any]],
    ) -> None:
        self._store = store
        self._attachments = attachments
        self._get_context = get_context

    async def put(self, request: Request) -> Response:
        await self._upload_store().receive(
            request.path_params["attachment_id"],
            request.query_params.get("token", ""),
            request.headers.get("content-type"),
            request.stream(),
        )
        return Response(status_code=204)

    async def post(self, request: Request) -> Response:
        uploads = self._upload_store()
        context = await self._get_context(request)
        form = await FormFile.open(request.headers.get("content-type", ""), request.stream())
        record = await uploads.receive_direct(form.name, form.mime_type, form.chunks(), context)
        try:
            await self._store.save_attachment(record, context=context)
        except BaseException:
            await uploads.discard([record.id])
            raise
        body = record.model_dump_json(by_alias=True, exclude_none=True, context={"exclude_metadata": True})
        return Response(body, media_type="application/json")

    async def get(self, request: Request) -> Response:
        uploads = self._upload_store()
        attachment_id = request.path_params["attachment_id"]
        token = request.query_params.get("token")
        if token is None:
            await self._check_owner(attachment_id, await self._get_context(request))
        else:
            uploads.verify(attachment_id, token)
        file = await uploads.stored_file(attachment_id)
        return FileResponse(
            file.path,
            headers=DOWNLOAD_HEADERS,
            media_type=file.mime_type,
            filename=file.name,
            content_disposition_type="inline" if file.mime_type in INLINE_TYPES else "attachment",
        )

    async def _check_owner(self, attachment_id: str, context: Any) -> None:
        try:
            await self._store.load_attachment(attachment_id, context=context)
        except NotFoundError:
            raise NotFoundError("attachment", attachment_id) from None

    def _upload_store(self) -> UploadStore[Any]:
        if not isinstance(self._attachments, UploadStore):
            raise NotSupportedError("attachments")
        return self._attachments
