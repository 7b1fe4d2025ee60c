"""An assistant that keeps what it is told."""

from collections.abc import AsyncIterator
from typing import Any

from chatkit_core import ChatServer, open_store
from chatkit_core.types import AudioInput, TranscriptionResult
from chatkit_stores.files import FileAttachmentStore


class Listening(ChatServer[Any]):
    """Keeps what it was told."""

    def __init__(self, files: FileAttachmentStore[Any] | None = None) -> None:
        super().__init__(open_store("memory://"), files)
        self.heard: list[dict[str, Any]] = []

    async def get_context(self, request: Any) -> Any:
        return {"user_id": "ada"}

    async def respond(self, thread: Any, input_user_message: Any, context: Any) -> AsyncIterator[str]:
        self.heard.append(input_user_message.model_dump(mode="json", exclude_none=True))
        yield "Light travels at 299 792 458 m/s."

    async def transcribe(self, audio_input: AudioInput, context: Any) -> TranscriptionResult:
        return TranscriptionResult(text=f"spoken as {audio_input.media_type}")

    @property
    def texts(self) -> list[str]:
        return ["".join(part["text"] for part in message["content"]) for message in self.heard]
