"""What happens to a request, without HTTP: ops, turns, the pipeline from `respond` to the store and the readers."""

from chatkit_core.engine.engine import Engine
from chatkit_core.engine.feed import Reader
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.listing import DEFAULT_PAGE_SIZE
from chatkit_core.engine.live_turn import LiveTurn
from chatkit_core.engine.turn_run import DEFAULT_ERROR_MESSAGE

__all__ = ["DEFAULT_ERROR_MESSAGE", "DEFAULT_PAGE_SIZE", "Engine", "Hooks", "LiveTurn", "Reader"]
