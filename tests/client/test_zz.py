from chatting import chatting, Gate, until
import asyncio, pytest
from chatkit_core import reply

async def test_run():
    async with chatting() as chat:
        thread = await chat.threads.start()
        result = await thread.run("Hi")
        print(result)
        assert result.text == "You said: Hi "
        run = thread.run_streamed("Hi")
        async for e in run:
            print(e)
        print(await run.result())

async def test_cancel():
    gate = Gate()
    async with chatting(gate.reply) as chat:
        thread = await chat.threads.start()
        with pytest.raises(TimeoutError):
            await thread.run("Hi", timeout=0.3)
        async for t in chat.turns.iterate(): print(t)
        run = thread.run_streamed("Hi")
        await until(run, "agent_message_delta")
        print(await thread.active_turn())
        await run.cancel()
        async for e in run: print(e)

async def asks(text):
    a = await reply.ask("Which?", key="a")
    b = await reply.ask("What?", key="b")
    yield f"{a.text} {b.text}"

async def tools(text):
    from chatkit_core import current_turn
    if current_turn().answered:
        yield f"{[i.output for i in current_turn().answered]}"
        return
    yield reply.client_tool_call("one", {"x": 1})
    yield reply.client_tool_call("two", {"x": 2})

async def test_ask():
    async with chatting(asks) as chat:
        thread = await chat.threads.start()
        r = await thread.run("Hi")
        print("WAIT", r)
        r = await thread.answer(r.waiting_for[0].item_id, {"answer": "yes"})
        print("WAIT", r)
        chat.on_input(lambda item: {"answer": "cool"})
        run = thread.run_streamed("Hi")
        async for e in run: print(e)
        r = await run.result()
        print("DONE", r.text)

async def test_tool():
    async with chatting(tools) as chat:
        thread = await chat.threads.start()
        r = await thread.run("Hi")
        print("WAIT", r.status, r.waiting_for)
        chat.on_tool("one", lambda x: x+1)
        run = thread.run_streamed("Hi")
        async for e in run: print(e)
        r = await run.result()
        print("WAIT", r.status, r.waiting_for)
        async def two(x): return x+2
        chat.on_tool("two", two)
        r = await thread.run("Hi")
        print("DONE", r.status, r.text)

async def test_app():
    from chatting import Assistant, echo, until
    from chatkit_core.client import AsyncChatClient
    from chatkit_core.client.local import run_local
    server = Assistant(echo)
    async with AsyncChatClient(app=server) as chat:
        thread = await chat.threads.start()
        r = await thread.run("Hi")
        print(r.text)
        run = thread.run_streamed("Hi")
        async for e in run: print(e.type)
    gate = Gate()
    server.reply = gate.reply
    async with AsyncChatClient(app=server) as chat:
        run = chat.turns.create_and_stream("Hi")
        await until(run, "agent_message_delta")
        await run.aclose()
        print(await chat.turns.get(run.turn_id))
        gate.open.set()
        print(await chat.turns.wait(run.turn_id))
    async with server.lifespan():
        run = await run_local(server, message="Hello", context={"user_id": "bob"})
        print(run.turn_id, run.thread_id, await run.result())
