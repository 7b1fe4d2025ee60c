# pip install "chatkit-core[serve]"
# uvicorn --app-dir examples owners:app
"""Users who sign in: each has threads of their own, and for everybody else these do not exist."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import Request

from chatkit_core import ChatServer
from chatkit_core.errors import UnauthorizedError
from chatkit_core.types import ThreadMetadata, UserMessageItem
from chatkit_stores.sqlite import SQLiteStore


@dataclass
class User:
    user_id: str
    """The store takes the owner from here."""
    name: str


# In an app of yours: sessions, or tokens whose signature is checked.
USERS = {
    "ada-secret": User("user_1", "Ada"),
    "bob-secret": User("user_2", "Bob"),
}


class Assistant(ChatServer[User]):
    async def get_context(self, request: Request) -> User:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        user = USERS.get(token) if scheme.lower() == "bearer" else None
        if user is None:
            raise UnauthorizedError
        return user

    async def respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None, context: User
    ) -> AsyncIterator[str]:
        yield f"Hello, {context.name}."


app = Assistant(SQLiteStore("chat.db"))
