"""Pages of items as clients see them: hidden items are left out before paging, so a page is full if there is more."""

from typing import Any

from chatkit_core.engine.encoding import presented
from chatkit_core.errors import InvalidRequestError
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.types import Page, ThreadItem, UserMessageItem, is_hidden

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


def page_size(limit: int | None) -> int:
    """Return how long a page is: what the client asked for, at most 100; 20 if it did not say.

    Raises:
        InvalidRequestError: the client asked for less than 1.
    """
    if limit is None:
        return DEFAULT_PAGE_SIZE
    if limit < 1:
        raise InvalidRequestError("params.limit", "must be at least 1")
    return min(limit, MAX_PAGE_SIZE)


async def visible_items(
    store: Store[Any],
    attachments: AttachmentStore[Any] | None,
    thread_id: str,
    *,
    after: str | None,
    limit: int,
    order: str,
    context: Any,
) -> Page[ThreadItem]:
    """Return a page of the items that clients may see.

    Raises:
        NotFoundError: there is no such thread for this owner, or `after` is not an item of it.
    """
    found: list[ThreadItem] = []
    cursor = after
    while True:
        page = await store.load_thread_items(
            thread_id, after=cursor, limit=limit + 1 - len(found), order=order, context=context
        )
        found += [_shown(item, attachments) for item in page.data if not is_hidden(item)]
        if len(found) > limit or not page.has_more:
            break
        cursor = page.after
    data = found[:limit]
    has_more = len(found) > limit
    return Page(data=data, has_more=has_more, after=data[-1].id if has_more else None)


def _shown(item: ThreadItem, attachments: AttachmentStore[Any] | None) -> ThreadItem:
    if attachments is None or not isinstance(item, UserMessageItem):
        return item
    return presented(item, attachments)
