import pytest
from visiting import message, refusal, renamed, said, titled, visiting

ADA, BOB = {"Authorization": "Bearer ada-secret"}, {"Authorization": "Bearer bob-secret"}


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer of-nobody", "Basic ada-secret"])
async def test_who_does_not_sign_in_gets_no_answer(authorization: str) -> None:
    async with visiting("owners", headers={"Authorization": authorization}) as visitor:
        answer = await visitor.post("threads.list")
    assert refusal(answer) == (401, "auth.required", "Authentication is required.")


async def test_each_user_sees_only_threads_of_their_own() -> None:
    async with visiting("owners", headers=ADA) as ada:
        assert await ada.say("Hi") == [*message("<msg 2>", "Hello, Ada."), renamed("Hi")]
        answer = message("<msg 2>", "Hello, Ada.")[-1]["item"]
        assert (await ada.post("threads.list", headers=BOB)).json() == {"data": [], "has_more": False}
        thread_id = ada.real("<thr 1>")
        unknown = await ada.post("threads.get_by_id", thread_id=thread_id, headers=BOB)
        assert refusal(unknown) == (404, "thread.not_found", f"There is no thread {thread_id!r}.")
        thread = await ada.ask("threads.get_by_id", thread_id="<thr 1>")
    assert thread == titled("Hi", [said("<msg 1>", "Hi"), answer])
