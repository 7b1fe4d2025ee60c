"""The client of a chat server: `AsyncChatClient`, and the same for code that is not async, `ChatClient`.

        async with AsyncChatClient("https://example.com/chatkit") as chat:
            thread = await chat.threads.start()
            result = await thread.run("Hello")

It needs the extra `client`.
"""

from chatkit_core.client.async_client import AsyncChatClient
from chatkit_core.client.blocking import ChatClient, ChatThread, Follow, Run
from chatkit_core.client.errors import (
    ChatClientError,
    ConnectionLostError,
    NotAllowedError,
    NotSignedInError,
    RefusedError,
    ThreadNotFoundError,
    TooManyTurnsError,
    TurnCancelledError,
    TurnEndedError,
    TurnExpiredError,
    TurnFailedError,
    TurnInProgressError,
    TurnNotFoundError,
    WrongRequestError,
)
from chatkit_core.client.events import (
    AgentMessageDelta,
    ApprovalResolved,
    Cancelled,
    Completed,
    Failed,
    ItemCompleted,
    ItemStarted,
    PlanUpdated,
    Raw,
    ReasoningDelta,
    RunEvent,
    SubagentProgress,
    SystemEvent,
    ToolArgumentsDelta,
    TurnStarted,
    UsageDelta,
)
from chatkit_core.client.local import run_local
from chatkit_core.client.results import RunResult
from chatkit_core.client.run import AsyncRun
from chatkit_core.client.streams import AsyncFollow
from chatkit_core.client.threads import AsyncChatThread

__all__ = [
    "AgentMessageDelta",
    "ApprovalResolved",
    "AsyncChatClient",
    "AsyncChatThread",
    "AsyncFollow",
    "AsyncRun",
    "Cancelled",
    "ChatClient",
    "ChatClientError",
    "ChatThread",
    "Completed",
    "ConnectionLostError",
    "Failed",
    "Follow",
    "ItemCompleted",
    "ItemStarted",
    "NotAllowedError",
    "NotSignedInError",
    "PlanUpdated",
    "Raw",
    "ReasoningDelta",
    "RefusedError",
    "Run",
    "RunEvent",
    "RunResult",
    "SubagentProgress",
    "SystemEvent",
    "ThreadNotFoundError",
    "TooManyTurnsError",
    "ToolArgumentsDelta",
    "TurnCancelledError",
    "TurnEndedError",
    "TurnExpiredError",
    "TurnFailedError",
    "TurnInProgressError",
    "TurnNotFoundError",
    "TurnStarted",
    "UsageDelta",
    "WrongRequestError",
    "run_local",
]
