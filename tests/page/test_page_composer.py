"""What is written in the composer reaches `respond` as it was meant: text, choices, quotes, mentions, speech."""

from browsing import expect, site, tabs
from listening import Listening
from playwright.async_api import Browser


async def test_enter_sends_and_shift_enter_makes_a_line(browser: Browser) -> None:
    server = Listening()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await expect(tab.button("Send")).to_be_disabled()
        await tab.composer.press("Enter")
        await tab.composer.press_sequentially("First")
        await tab.composer.press("Shift+Enter")
        await tab.composer.press_sequentially("second")
        await tab.composer.press("Enter")
        await expect(tab.messages).to_have_text(["First\nsecond"])
        await expect(tab.composer).to_have_text("")
        await expect(tab.composer).to_be_focused()
        assert server.texts == ["First\nsecond"]


async def test_enter_that_picks_a_word_of_an_input_method_does_not_send(browser: Browser) -> None:
    server = Listening()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.composer.focus()
        keyboard = await window.context.new_cdp_session(tab.page)
        await keyboard.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
        await tab.page.keyboard.press("Enter")
        await keyboard.send("Input.insertText", {"text": "日本"})
        await expect(tab.composer).to_contain_text("日本")
        await expect(tab.messages).to_have_count(0)
        await tab.page.keyboard.press("Enter")
        await expect(tab.messages).to_have_count(1)
        assert server.texts == ["日本"]


async def test_the_tool_and_the_model_reach_respond(browser: Browser) -> None:
    composer = {
        "tools": [
            {"id": "search", "label": "Search the web", "placeholderOverride": "Message the web"},
            {"id": "draw", "label": "Draw", "pinned": True, "persistent": True},
        ],
        "models": [{"id": "quick", "label": "Quick", "default": True}, {"id": "deep", "label": "Deep"}],
    }
    server = Listening()
    async with tabs(browser, site(server, options={"composer": composer})) as window:
        tab = await window.open()
        await tab.button("Tools").click()
        await tab.page.get_by_role("menuitemradio", name="Search the web").click()
        await expect(tab.composer).to_have_attribute("data-placeholder", "Message the web")
        await tab.say("First")
        await expect(tab.replies).to_have_count(1)
        await tab.button("Draw").click()
        await tab.button("Model: Quick").click()
        await tab.page.get_by_role("menuitemradio", name="Deep").click()
        await tab.say("Second")
        await expect(tab.replies).to_have_count(2)
        await tab.say("Third")
        await expect(tab.replies).to_have_count(3)
        await tab.button("Draw").click()
        await tab.say("Fourth")
        await expect(tab.replies).to_have_count(4)
        assert [message["inference_options"] for message in server.heard] == [
            {"tool_choice": {"id": "search"}, "model": "quick"},
            {"tool_choice": {"id": "draw"}, "model": "deep"},
            {"tool_choice": {"id": "draw"}, "model": "deep"},
            {"model": "deep"},
        ]


REOPEN = """
    () => {
        const { shadowRoot } = document.querySelector("chatkit-chat");
        shadowRoot.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        shadowRoot.querySelector("[aria-label=Tools]").click();
    }
"""


async def test_a_menu_is_closed_by_its_button_a_click_beside_it_another_menu_and_escape(browser: Browser) -> None:
    composer = {"tools": [{"id": "search", "label": "Search the web"}], "models": [{"id": "quick", "label": "Quick"}]}
    async with tabs(browser, site(Listening(), options={"composer": composer})) as window:
        tab = await window.open()
        menu, tools, model = tab.page.get_by_role("menu"), tab.button("Tools"), tab.button("Model")
        for close in (tools.click, lambda: tab.page.mouse.click(700, 100), lambda: tab.page.keyboard.press("Escape")):
            await tools.click()
            await expect(menu.get_by_role("menuitemradio")).to_be_focused()
            await expect(tools).to_have_attribute("aria-expanded", "true")
            await close()
            await expect(menu).to_have_count(0)
            await expect(tools).to_have_attribute("aria-expanded", "false")
        await expect(tools).to_be_focused()
        await tools.click()
        await expect(menu.get_by_role("menuitemradio")).to_be_focused()
        await tab.page.evaluate(REOPEN)
        await expect(menu.get_by_role("menuitemradio")).to_be_focused()
        await expect(tools).to_have_attribute("aria-expanded", "true")
        await model.click()
        await expect(menu).to_have_count(1)
        await expect(menu).to_have_accessible_name("Model")
        await expect(tools).to_have_attribute("aria-expanded", "false")


async def test_a_part_of_a_reply_is_quoted(browser: Browser) -> None:
    server = Listening()
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.say("How fast?")
        await expect(tab.button("Copy")).to_be_attached()
        await tab.replies.locator("p").dblclick(position={"x": 5, "y": 5})
        await tab.button("Quote").click()
        await expect(tab.page.locator(".composer .quoted")).to_have_text("Light")
        await expect(tab.composer).to_be_focused()
        await tab.say("Is it?")
        await expect(tab.replies).to_have_count(2)
        await expect(tab.page.locator(".items .user blockquote").last).to_have_text("Light")
        assert [message.get("quoted_text", "") for message in server.heard] == ["", "Light"]


async def test_a_mention_is_sent_as_a_tag(browser: Browser) -> None:
    server = Listening()
    people = [{"id": "p1", "title": "Ada"}, {"id": "p2", "title": "Alan", "group": "People", "data": {"born": 1912}}]
    async with tabs(browser, site(server)) as window:
        tab = await window.open()
        await tab.page.locator("chatkit-chat").evaluate(
            "(chat, found) => chat.setOptions({ entities: { onTagSearch: async query => found.filter("
            "({ title }) => title.toLowerCase().startsWith(query)) } })",
            people,
        )
        await tab.composer.press_sequentially("Ask @a")
        options = tab.page.get_by_role("listbox", name="Mention").get_by_role("option")
        await expect(options).to_have_text(["Ada", "Alan"])
        await tab.composer.press("ArrowDown")
        await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        await tab.composer.press("Enter")
        await expect(options).to_have_count(0)
        await tab.composer.press_sequentially("please")
        await tab.composer.press("Enter")
        await expect(tab.messages.locator(".tag")).to_have_text("Alan")
        assert server.heard[0]["content"] == [
            {"type": "input_text", "text": "Ask "},
            {"type": "input_tag", "id": "p2", "text": "Alan", "data": {"born": 1912}, "group": "People"}
            | {"interactive": False},
            {"type": "input_text", "text": " please"},
        ]


async def test_a_draft_survives_a_reload_and_belongs_to_its_thread(browser: Browser) -> None:
    async with tabs(browser, site(Listening())) as window:
        tab = await window.open()
        await tab.say("Hello")
        await expect(tab.replies).to_have_count(1)
        await tab.composer.fill("Not yet\nsent")
        await tab.page.reload()
        await expect(tab.composer).to_have_text("Not yet\nsent")
        await tab.page.locator(".head").get_by_role("button", name="New chat").click()
        await expect(tab.composer).to_have_text("")
        await tab.page.go_back()
        await expect(tab.composer).to_have_text("Not yet\nsent")


async def test_speech_becomes_text_in_the_composer(browser: Browser) -> None:
    options = {"composer": {"dictation": {"enabled": True}}}
    async with tabs(browser, site(Listening(), options=options), permissions=["microphone"]) as window:
        tab = await window.open()
        await tab.composer.fill("It was")
        await tab.button("Dictate").click()
        await expect(tab.button("Stop dictating")).to_contain_text("0:01")
        await tab.button("Stop dictating").click()
        await expect(tab.composer).to_have_text("It was spoken as audio/webm")
        await expect(tab.button("Dictate")).to_be_enabled()


async def test_a_starter_prompt_is_sent(browser: Browser) -> None:
    server = Listening()
    start = {"greeting": "Ask away", "prompts": [{"label": "Light", "prompt": "How fast is light?", "icon": "bolt"}]}
    async with tabs(browser, site(server, options={"startScreen": start})) as window:
        tab = await window.open()
        await expect(tab.page.get_by_role("heading", name="Ask away")).to_be_visible()
        await tab.button("Light").click()
        await expect(tab.replies).to_have_count(1)
        await expect(tab.page.get_by_role("heading", name="Ask away")).to_be_hidden()
        assert server.texts == ["How fast is light?"]
