from visiting import message, refusal, renamed, titled, visiting


async def test_the_endpoint_streams_and_answers_for_whom_the_proxy_names() -> None:
    async with visiting("own_endpoint", "/chat", headers={"X-User": "ada"}) as visitor:
        assert await visitor.say("Hi") == [*message("<msg 2>", "Hello, ada."), renamed("Hi")]
        assert await visitor.ask("threads.list") == {"data": [titled("Hi")], "has_more": False}
        others = await visitor.post("threads.list", headers={"X-User": "bob"})
        unknown = await visitor.post("threads.get_by_id", thread_id="nowhere")
    assert others.json() == {"data": [], "has_more": False}
    assert refusal(unknown) == (404, "thread.not_found", "There is no thread 'nowhere'.")
