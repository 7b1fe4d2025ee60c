import asyncio
from collections.abc import AsyncIterator

import pytest
from attachment_server import MAX_BYTES, Chat, chatting


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chat]:
    async with chatting(tmp_path_factory.mktemp("files"), max_bytes=MAX_BYTES) as chat:
        yield chat


@pytest.fixture
def chat(server: Chat) -> Chat:
    server.answered = asyncio.Queue()
    return server
