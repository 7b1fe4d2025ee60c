from visiting import message, renamed, visiting


async def test_the_page_is_at_the_root_beside_its_endpoint() -> None:
    async with visiting("page", "/chatkit") as visitor:
        page = await visitor.http.get("/")
        script = await visitor.http.get("/chatkit-chat.js")
        said = await visitor.say("Hi")
    assert "<title>My assistant</title>" in page.text
    assert 'endpoint="/chatkit"' in page.text
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    words = "You said: *Hi*. Reload this page, and I go on where I was. "
    assert said == [*message("<msg 2>", *[f"{word} " for word in words.split()]), renamed("Hi")]
