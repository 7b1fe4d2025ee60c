# pip install "chatkit-core[serve]" "chatkit-core[client]"
# uvicorn --app-dir examples python_client:app
# python examples/python_client.py http://127.0.0.1:8000
"""A program that talks to a chat server: it prints the reply as it comes, and answers what the assistant asks of it."""

import asyncio
import platform
import sys
from collections.abc import AsyncIterator
from typing import Any

from chatkit_core import ChatServer, current_turn, reply
from chatkit_core.client import AsyncChatClient, TurnFailedError
from chatkit_core.types import (
    ClientToolCallItem,
    StructuredInputItem,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)
from chatkit_stores.sqlite import SQLiteStore


class Assistant(ChatServer):
    """Has the client look something up, and asks before it goes on."""

    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent | str]:
        if not current_turn().answered:
            yield "Let me see."
            yield reply.client_tool_call("get_version", {"of": "python"})
            return
        [call] = current_turn().answered
        assert isinstance(call, ClientToolCallItem)
        question = reply.approval(f"Shall I look up what is new since {call.output}?", yes="Yes", no="No")
        answer = await reply.ask(question)
        yield "Much is new." if answer.approved else "As you like."


app = Assistant(SQLiteStore("chat.db"))


def get_version(of: str) -> str:
    """Answer the assistant's tool call: its arguments come by name."""
    return platform.python_version() if of == "python" else "unknown"


def fill_in(form: StructuredInputItem) -> dict[str, str]:
    """Answer the assistant's questions: by the id of the question."""
    return {question.id: "Yes" for question in form.inputs}


async def main(url: str) -> str:
    """Send one message; return the whole reply."""
    async with AsyncChatClient(url) as chat:
        chat.on_tool("get_version", get_version)
        chat.on_input(fill_in)
        thread = await chat.threads.start()
        run = thread.run_streamed("What is new?")
        try:
            async for event in run:  # goes on over connections that break
                match event.type:
                    case "agent_message_delta":
                        sys.stdout.write(event.delta)
                    case "item_completed":
                        sys.stdout.write("\n")
            result = await run.result()
        except TurnFailedError as error:
            return error.message
        return result.text


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
