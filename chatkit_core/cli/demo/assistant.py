"""The demo assistant: the first word of a message that names a feature chooses it."""

import inspect
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request

from chatkit_core.actions import Action
from chatkit_core.cli.demo import asking, messages, page, widgets, work
from chatkit_core.cli.demo.gallery import gallery
from chatkit_core.cli.demo.uploads import describe
from chatkit_core.errors import CustomStreamError
from chatkit_core.server import ChatServer
from chatkit_core.turn import current_turn
from chatkit_core.types import (
    ActiveStatus,
    AudioInput,
    SyncCustomActionResponse,
    ThreadMetadata,
    ThreadStreamEvent,
    TranscriptionResult,
    UserMessageItem,
    WidgetItem,
)

Events = AsyncIterator[ThreadStreamEvent | str]
Feature = Callable[[ThreadMetadata, UserMessageItem], Events]


class DemoAssistant(ChatServer[dict[str, str]]):
    """Needs no model and no network."""

    shutdown_grace = 0.5

    async def get_context(self, request: Request) -> dict[str, str]:
        return {"user_id": "demo"}

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: dict[str, str]
    ) -> Events:
        turn = current_turn()
        message = turn.message  # which is there also when this runs again, because the client has answered
        answer = self._feature(message)(thread, message) if message else asking.tell(turn.answered)
        async for event in answer:
            yield event

    async def action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: dict[str, str],
    ) -> Events:
        match action.type, sender:
            case "demo.order", WidgetItem():
                async for event in widgets.ordered(sender, action.payload):
                    yield event
            case _:
                raise CustomStreamError(f"The demo has no action {action.type!r}.")

    async def sync_action(
        self,
        thread: ThreadMetadata,
        action: Action[str, Any],
        sender: WidgetItem | None,
        context: dict[str, str],
    ) -> SyncCustomActionResponse:
        match action.type, sender:
            case "demo.like", WidgetItem():
                changed = widgets.liked(sender, action.payload)
            case "demo.unlock", WidgetItem():
                changed = page.unlocked(sender)
                await self.store.update_thread(thread.id, {"status": ActiveStatus()}, context=context)
            case _:
                return SyncCustomActionResponse()
        await self.store.save_item(thread.id, changed, context=context)
        return SyncCustomActionResponse(updated_item=changed)

    async def transcribe(self, audio_input: AudioInput, context: dict[str, str]) -> TranscriptionResult:
        return TranscriptionResult(text=f"({len(audio_input.data)} bytes of {audio_input.media_type})")

    # Which feature

    @property
    def features(self) -> dict[str, Feature]:
        """The features by the word that asks for them."""
        return {
            "help": self._help,
            "markdown": messages.markdown,
            "long": messages.long,
            "slow": messages.slow,
            "sources": messages.sources,
            "annotations": messages.sources,
            "options": messages.options,
            "hidden": messages.hidden,
            "error": messages.error,
            "widget": widgets.weather,
            "list": widgets.reading_list,
            "button": widgets.button,
            "form": widgets.form,
            "gallery": gallery,
            "progress": work.progress,
            "workflow": work.workflow,
            "task": work.task,
            "image": work.image,
            "tool": asking.tool,
            "question": asking.question,
            "ask": asking.ask,
            "notice": page.notice,
            "effect": page.effect,
            "title": page.title,
            "lock": page.lock,
            "attachment": self._attachments,
            "feedback": self._feedback,
        }

    def _feature(self, message: UserMessageItem) -> Feature:
        if message.attachments:
            return self._attachments
        words = re.findall(r"[a-z]+", message.text.lower())
        return next((self.features[word] for word in words if word in self.features), messages.echo)

    # The features that need the stores

    async def _help(self, thread: ThreadMetadata, message: UserMessageItem) -> Events:
        """This list."""
        yield "Say one of these words:\n\n"
        for word, feature in self.features.items():
            yield f"- **{word}**: {inspect.getdoc(feature)}\n"

    async def _attachments(self, thread: ThreadMetadata, message: UserMessageItem) -> Events:
        """What files you attach to a message, and where to upload them."""
        async for event in describe(self.attachment_store, message.attachments):
            yield event

    async def _feedback(self, thread: ThreadMetadata, message: UserMessageItem) -> Events:
        """Thumbs that you gave to messages of this thread, which the store keeps."""
        kept = await self.store.load_feedback(thread.id, context=current_turn().context)
        if not kept:
            yield "You have given none yet. Give this message a thumb up or down, and say feedback again."
        for item_id, kind in kept.items():
            yield f"- {item_id}: {kind}\n"
