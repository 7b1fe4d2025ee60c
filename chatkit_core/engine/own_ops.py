"""The ops that ChatKit's protocol does not have: an empty thread, archiving, modes."""

from typing import Any, assert_never

from chatkit_core.errors import ConflictError
from chatkit_core.store import RESERVED_METADATA_KEY, Store
from chatkit_core.types import (
    ThreadMetadata,
    ThreadReq,
    ThreadsArchiveReq,
    ThreadsSetModeReq,
    ThreadsStartReq,
    ThreadsUnarchiveReq,
    utc_now,
)


async def answer_own(op: ThreadReq, store: Store[Any], context: Any) -> ThreadMetadata:
    """Do what the op asks for, and return the thread as it is then.

    Raises:
        NotFoundError: there is no such thread for this owner.
        NotSupportedError: there is a key, and the store cannot look threads up by key.
    """
    match op:
        case ThreadsStartReq():
            return await _start(op, store, context)
        case ThreadsArchiveReq():
            return await _set(store, op.params.thread_id, "archived", True, context)
        case ThreadsUnarchiveReq():
            return await _set(store, op.params.thread_id, "archived", None, context)
        case ThreadsSetModeReq():
            return await _set(store, op.params.thread_id, "mode", op.params.mode, context)
        case _:
            assert_never(op)


async def _start(op: ThreadsStartReq, store: Store[Any], context: Any) -> ThreadMetadata:
    key = op.params.key
    found = None if key is None else await store.find_thread(key, context=context)
    if found is not None:
        return found
    thread = ThreadMetadata(
        id=store.generate_thread_id(context),
        created_at=utc_now(),
        title=op.params.title,
        metadata={} if key is None else {RESERVED_METADATA_KEY: {"key": key}},
    )
    try:
        await store.save_thread(thread, context=context)
    except ConflictError:  # somebody else has just made it
        found = None if key is None else await store.find_thread(key, context=context)
        if found is None:
            raise
        return found
    return thread


async def _set(store: Store[Any], thread_id: str, name: str, value: Any, context: Any) -> ThreadMetadata:
    changes = {"metadata": {RESERVED_METADATA_KEY: {name: value}}}
    return await store.update_thread(thread_id, changes, context=context)
