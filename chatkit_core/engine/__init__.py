"""What happens to a request, without HTTP: ops, turns, the pipeline from `respond` to the store and the readers."""

from .engine import Engine
from .feed import Reader
from .hooks import Hooks
from .live_turn import LiveTurn

__all__ = ["Engine", "Hooks", "LiveTurn", "Reader"]
