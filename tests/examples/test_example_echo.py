from visiting import message, renamed, said, titled, visiting

WORDS = ("You ", "said: ", "Hi ", "there ")


async def test_echo_streams_what_was_said_word_by_word() -> None:
    async with visiting("echo") as visitor:
        input = {"content": [{"type": "input_text", "text": "Hi there"}], "attachments": [], "inference_options": {}}
        assert await visitor.stream("threads.create", input=input) == [
            {"type": "thread.created", "thread": titled(None)},
            {"type": "thread.item.done", "item": said("<msg 1>", "Hi there")},
            {"type": "stream_options", "stream_options": {"allow_cancel": True}},
            *message("<msg 2>", *WORDS),
            renamed("Hi there"),
        ]


async def test_the_conversation_goes_on_after_a_restart() -> None:
    async with visiting("echo") as visitor:
        first = await visitor.say("Hi there")
    async with visiting("echo", same=visitor) as visitor:
        assert await visitor.say("Again", thread="<thr 1>") == message("<msg 4>", "You ", "said: ", "Again ")
        thread = await visitor.ask("threads.get_by_id", thread_id="<thr 1>")
    answers = [message("<msg 2>", *WORDS)[-1]["item"], message("<msg 4>", "You ", "said: ", "Again ")[-1]["item"]]
    items = [said("<msg 1>", "Hi there"), answers[0], said("<msg 3>", "Again"), answers[1]]
    assert (first[:-1], thread) == (message("<msg 2>", *WORDS), titled("Hi there", items))
