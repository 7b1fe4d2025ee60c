"""What happens to a request, without HTTP: ops, turns, the pipeline from `respond` to the store and the readers."""

from .engine import Engine
from .feed import Reader
from .hooks import Hooks
from .listing import DEFAULT_PAGE_SIZE
from .live_turn import LiveTurn
from .turn_run import DEFAULT_ERROR_MESSAGE

__all__ = ["DEFAULT_ERROR_MESSAGE", "DEFAULT_PAGE_SIZE", "Engine", "Hooks", "LiveTurn", "Reader"]
