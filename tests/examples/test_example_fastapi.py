from visiting import message, renamed, visiting

SHOP = {"Origin": "https://shop.example"}


async def test_the_assistant_answers_at_its_path_without_a_redirect_beside_the_routes_of_the_app() -> None:
    async with visiting("fastapi_app", "/chatkit") as visitor:
        assert await visitor.say("Hi") == [*message("<msg 2>", "You said: Hi"), renamed("Hi")]
        health = await visitor.http.get("/health")
    assert (health.status_code, health.json()) == (200, {"ok": True})


async def test_a_page_of_the_shop_may_ask_and_read_which_turn_answers() -> None:
    async with visiting("fastapi_app", "/chatkit") as visitor:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        allowed = await visitor.http.options("/chatkit", headers=SHOP | asked)
        body = {"type": "threads.list", "params": {}}
        answer = await visitor.http.post("/chatkit", json=body, headers=SHOP)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, SHOP["Origin"])
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, SHOP["Origin"])
    assert answer.headers["access-control-expose-headers"] == "ChatKit-Turn-Id"


async def test_a_page_from_elsewhere_may_not() -> None:
    async with visiting("fastapi_app", "/chatkit") as visitor:
        headers = {"Origin": "https://else.example", "Access-Control-Request-Method": "POST"}
        refused = await visitor.http.options("/chatkit", headers=headers)
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)
