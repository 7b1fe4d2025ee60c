"""What the engine asks of an app: the hooks that `ChatServer` hands on to its subclasses."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, ClassVar, Generic, Literal, cast

from chatkit_core.actions import Action
from chatkit_core.errors import NotSupportedError
from chatkit_core.store import TContext
from chatkit_core.turn_log import TurnRecord
from chatkit_core.types import (
    AudioInput,
    FeedbackKind,
    StreamOptions,
    SyncCustomActionResponse,
    ThreadItem,
    ThreadMetadata,
    ThreadStreamEvent,
    TranscriptionResult,
    TurnLimits,
    UserMessageItem,
    WidgetItem,
)


class Hooks(ABC, Generic[TContext]):
    """The app's part of every request."""

    on_disconnect: Literal["cancel", "continue"] = "cancel"
    """What becomes of a turn when the connection of a plain ChatKit client closes: "cancel" ends it if its stream
    options allow that; "continue" lets it run on, and the client finds the whole reply when it comes back."""
    cancel_grace: ClassVar[float] = 10.0
    """Seconds that `respond` and `handle_stream_cancelled` together have to end after a cancel."""
    end_grace: ClassVar[float] = 10.0
    """Seconds that may pass at a turn's end while what it leaves is saved and `generate_title` makes a title."""
    shutdown_grace: ClassVar[float] = 5.0
    """Seconds that running turns have to end by themselves when the server shuts down."""
    max_queued: ClassVar[int] = 20
    """How many turns may wait in a thread; one more is refused."""
    lease_seconds: ClassVar[float] = 10.0
    """Seconds for which the other processes believe that this one lives, after they have last heard of it. Do not block
    the event loop so long: the running turns end as interrupted then."""
    limits: ClassVar[TurnLimits] = TurnLimits()
    """What a turn may use; a client may ask for less. By default there is no limit."""
    retention: ClassVar[timedelta] = timedelta(hours=24)
    """How long the events of a turn are kept after its end, for those who follow it."""

    def context_for(self, turn: TurnRecord) -> TContext:
        """Return a context for work on a turn after its request: by default an object with the owner as `user_id`."""
        return cast(TContext, SimpleNamespace(user_id=turn.owner))

    @abstractmethod
    def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: TContext
    ) -> AsyncIterator[ThreadStreamEvent | str]:
        """Answer: yield events, or plain `str` for the text of an assistant message.

        Args:
            thread: the thread; what is changed here (its title, its metadata) is saved and told to the client.
            input_user_message: the message to answer; None when a client tool or a structured input was answered.
            context: the app's own object for this request.
        """

    def action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: TContext,
    ) -> AsyncIterator[ThreadStreamEvent | str]:
        """React to an action of a widget, or of the page: yield events as `respond` does.

        Args:
            sender: the widget that the action comes from; None if it comes from elsewhere on the page.
        """
        raise NotSupportedError("action", "Override action().")

    async def sync_action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: TContext,
    ) -> SyncCustomActionResponse:
        """React to an action without a stream: return the item that it changed, if any."""
        raise NotSupportedError("sync_action", "Override sync_action().")

    @abstractmethod
    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: TContext
    ) -> None:
        """Keep feedback on items, which are known to be there. By default the store keeps it."""

    async def transcribe(self, audio_input: AudioInput, context: TContext) -> TranscriptionResult:
        """Turn speech into the text that appears in the composer.

        Args:
            audio_input: the audio's bytes, and its MIME type (`media_type` is the type without parameters).
        """
        raise NotSupportedError("transcribe", "Override transcribe().")

    def get_stream_options(self, thread: ThreadMetadata, context: TContext) -> StreamOptions:
        """Return the options of the turn that begins. By default it can be cancelled."""
        return StreamOptions(allow_cancel=True)

    @abstractmethod
    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: TContext
    ) -> None:
        """Clean up after a turn that was cancelled.

        Afterwards each item that is still in `pending_items`, and is not empty, is saved: take out of the list what
        is not to be kept. By default a hidden note tells the model that the reply was cut off.

        Args:
            pending_items: the items that were still streaming, as they are now.
        """

    async def generate_title(self, thread: ThreadMetadata, message: UserMessageItem, context: TContext) -> str | None:
        """Return a title for a thread that has none at the end of its first turn; None to leave it without.

        Args:
            message: the thread's first message. By default its first line is the title, cut to 60 characters.
        """
        line = next((line.strip() for line in message.text.splitlines() if line.strip()), "")
        return (line if len(line) <= 60 else line[:59].rstrip() + "…") or None
