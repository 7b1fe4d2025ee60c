"""What all turns of a server share."""

from dataclasses import dataclass
from typing import Any

from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.lease import Lease
from chatkit_core.engine.log_writer import LogWriter
from chatkit_core.store import AttachmentStore, Store
from chatkit_core.turn_log import TurnLog


@dataclass(frozen=True, slots=True)
class Parts:
    """The app's hooks and stores, the turn log, who writes to it, and the lease of this process."""

    hooks: Hooks[Any]
    store: Store[Any]
    attachments: AttachmentStore[Any] | None
    log: TurnLog
    writer: LogWriter
    lease: Lease
