"""What happens to a request, without HTTP: ops, turns, the pipeline from `respond` to the store and the readers."""

from chatkit_core.engine.engine import Engine
from chatkit_core.engine.failures import DEFAULT_ERROR_MESSAGE
from chatkit_core.engine.hooks import Hooks
from chatkit_core.engine.listing import DEFAULT_PAGE_SIZE
from chatkit_core.engine.streaming import Streaming

__all__ = ["DEFAULT_ERROR_MESSAGE", "DEFAULT_PAGE_SIZE", "Engine", "Hooks", "Streaming"]
