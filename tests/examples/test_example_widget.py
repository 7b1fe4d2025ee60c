from typing import Any

from visiting import message, renamed, said, visiting


def widget(*children: Any) -> dict[str, Any]:
    return {
        "id": "<msg 2>",
        "thread_id": "<thr 1>",
        "created_at": "<time>",
        "type": "widget",
        "widget": {"type": "Card", "children": list(children)},
    }


def text(value: str, **rest: Any) -> dict[str, Any]:
    return {"id": "draft", "type": "Text", "value": value, **rest}


SEND = {
    "type": "Button",
    "label": "Send",
    "onClickAction": {
        "type": "draft.send",
        "payload": {"to": "Bob"},
        "handler": "server",
        "loadingBehavior": "auto",
        "streaming": True,
    },
}
SENT = widget({"type": "Text", "value": "Sent to Bob."})


async def test_a_draft_streams_into_a_card_and_its_button_sends_it() -> None:
    async with visiting("widget_action") as visitor:
        done = widget(text("Dear Bob, see you at noon."), SEND)
        updates = [
            *({"type": "widget.streaming_text.value_delta", "component_id": "draft", "delta": delta, "done": False}
              for delta in ("Dear", " Bob,", " see", " you", " at", " noon.")),
            {"type": "widget.root.updated", "widget": done["widget"]},
        ]  # fmt: skip
        assert await visitor.say("Bob") == [
            {"type": "thread.item.added", "item": widget(text("", streaming=True))},
            *({"type": "thread.item.updated", "item_id": "<msg 2>", "update": update} for update in updates),
            {"type": "thread.item.done", "item": done},
            renamed("Bob"),
        ]
        press = {"type": "draft.send", "payload": {"to": "Bob"}}
        params = {"thread_id": "<thr 1>", "item_id": "<msg 2>", "action": press}
        answer = message("<msg 3>", "Your message is on its way.")
        assert await visitor.stream("threads.custom_action", **params) == [
            {"type": "stream_options", "stream_options": {"allow_cancel": True}},
            {"type": "thread.item.replaced", "item": SENT},
            *answer,
        ]
        items = await visitor.ask("items.list", thread_id="<thr 1>", order="asc")
    assert items == {"data": [said("<msg 1>", "Bob"), SENT, answer[-1]["item"]], "has_more": False}


async def test_an_action_that_the_assistant_does_not_know_does_nothing() -> None:
    async with visiting("widget_action") as visitor:
        await visitor.say("Bob")
        params = {"thread_id": "<thr 1>", "item_id": "<msg 2>", "action": {"type": "draft.burn", "payload": {}}}
        events = await visitor.stream("threads.custom_action", **params)
    assert events == [{"type": "stream_options", "stream_options": {"allow_cancel": True}}]
