"""The contracts of `Store` and `TurnLog` as classes of tests, for the backends of this project and for yours.

Subclass a contract and give it an async fixture, `store` or `turn_log`, that yields an open backend:

    class TestMyStore(StoreContract):
        @pytest.fixture
        async def store(self):
            async with my_store() as store:
                yield store

`StoreContract` is what every store promises. What a store may leave to the defaults of `Store` has a contract of its
own, to be added as a base class; `FullStoreContract` has them all. The tests leave data behind in the store, under
owners and ids that never repeat.
"""

from chatkit_core.errors import MissingExtraError

try:
    import hypothesis  # noqa: F401
    import pytest
except ImportError as error:
    raise MissingExtraError("chatkit_core.testing", "testing") from error

_STORE_PARTS = ("attachments", "features", "full_machine", "items", "machine", "owners", "threads")
_LOG_PARTS = ("asking", "base", "events", "fences", "forgetting", "leases", "machine", "model", "reading", "starts")
pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in _STORE_PARTS), *(f"{__name__}.turn_log_{part}" for part in _LOG_PARTS)
)

from chatkit_core.testing.features import (  # noqa: E402
    FullStoreContract,
    StoreCleaningContract,
    StoreFeedbackContract,
    StoreKeyContract,
    StoreOneStepContract,
    StoreSearchContract,
)
from chatkit_core.testing.store import StoreContract  # noqa: E402
from chatkit_core.testing.turn_log import TurnLogContract  # noqa: E402

__all__ = [
    "FullStoreContract",
    "StoreCleaningContract",
    "StoreContract",
    "StoreFeedbackContract",
    "StoreKeyContract",
    "StoreOneStepContract",
    "StoreSearchContract",
    "TurnLogContract",
]
