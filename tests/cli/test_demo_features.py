"""What the demo answers to each of its words."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chatkit_command import Event, Serving, serving

OPENING = ["thread.created", "done user_message", "stream_options"]
TEXT = [
    "added assistant_message",
    "updated assistant_message.content_part.added",
    "updated assistant_message.content_part.text_delta",
    "updated assistant_message.content_part.done",
    "done assistant_message",
]
TITLED = ["thread.updated"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving("demo", cwd=tmp_path_factory.mktemp("demo")) as running:
        yield running


def outline(events: Iterator[Event] | list[Event]) -> list[str]:
    """Say in a word or two what each event is; one line for several of a kind in a row."""
    kinds: list[str] = []
    for event in events:
        kind = event["type"].removeprefix("thread.item.")
        if "item" in event:
            kind += " " + event["item"]["type"]
        if "update" in event:
            kind += " " + event["update"]["type"]
        if kinds[-1:] != [kind]:
            kinds.append(kind)
    return kinds


def items(events: list[Event], type: str) -> list[dict[str, Any]]:
    return [event["item"] for event in events if "item" in event and event["item"]["type"] == type]


def text_of(events: list[Event]) -> str:
    [message] = [item for item in items(events, "assistant_message") if item["content"]]
    [part] = message["content"]
    text: str = part["text"]
    return text


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("good morning", [*TEXT, *TITLED]),
        ("help", [*TEXT, *TITLED]),
        ("options", [*TEXT, *TITLED]),
        ("hidden", [*TEXT, *TITLED]),
        ("attachment", [*TEXT, *TITLED]),
        ("feedback", [*TEXT, *TITLED]),
        ("notice", ["notice", *TEXT, *TITLED]),
        ("effect", ["client_effect", *TEXT, *TITLED]),
        ("progress", ["progress_update", *TEXT, *TITLED]),
        ("title My trip", [*TEXT[:3], "thread.updated", *TEXT[3:]]),
        ("lock", ["done widget", *TITLED]),
        ("form", ["done widget", *TITLED]),
        ("button", ["done widget", *TITLED]),
        ("list", ["done widget", *TITLED]),
        ("gallery", ["done widget", *TITLED]),
        (
            "widget",
            [
                "added widget",
                "updated widget.streaming_text.value_delta",
                "updated widget.root.updated",
                "done widget",
                *TITLED,
            ],
        ),
        ("tool", [*TEXT, "done client_tool_call", *TITLED]),
        ("question", ["done structured_input", *TITLED]),
        ("ask", ["done structured_input", *TITLED]),
        ("task", ["done task", "done end_of_turn", *TITLED]),
        ("image", ["added generated_image", "updated generated_image.updated", "done generated_image", *TITLED]),
        ("error", [*TEXT[:3], "done assistant_message", "error", *TITLED]),
        (
            "workflow",
            [
                "added workflow",
                "updated workflow.task.added",
                "updated workflow.task.updated",
                "updated workflow.task.added",
                "updated workflow.task.updated",
                "done workflow",
                *TEXT,
                *TITLED,
            ],
        ),
    ],
)
def test_a_word_shows_its_feature(demo: Serving, word: str, answer: list[str]) -> None:
    assert outline(demo.say(word)) == [*OPENING, *answer]


@pytest.mark.parametrize("word", ["sources", "annotations"])
def test_sources_are_annotated_in_the_text(demo: Serving, word: str) -> None:
    events = list(demo.say(word))

    [part] = items(events, "assistant_message")[-1]["content"]
    assert part["text"] == "Events stream as the notes say that Ada wrote."
    assert [(note["source"]["type"], note["index"]) for note in part["annotations"]] == [
        ("url", 13),
        ("file", 30),
        ("entity", 46),
    ]


def test_anything_else_is_answered_word_by_word(demo: Serving) -> None:
    events = list(demo.say("good morning"))

    deltas = [event["update"]["delta"] for event in events if event.get("update", {}).get("type", "").endswith("delta")]
    assert deltas[:4] == ["You", " said:", " good", " morning"]
    assert text_of(events) == "".join(deltas)


def test_help_lists_every_word(demo: Serving) -> None:
    lines = text_of(list(demo.say("help, please"))).splitlines()

    words = {line.split("**")[1] for line in lines if line.startswith("- **")}
    assert {"widget", "form", "workflow", "progress", "slow", "error", "tool", "question", "ask", "image"} <= words
    assert {"notice", "effect", "title", "lock", "attachment", "feedback", "sources", "help"} <= words
    assert all(line.partition(": ")[2] for line in lines if line.startswith("- **"))


def test_the_reply_goes_on_once_the_tool_has_run(demo: Serving) -> None:
    events = list(demo.say("tool"))
    [call] = items(events, "client_tool_call")

    answer = list(
        demo.stream("threads.add_client_tool_output", thread_id=call["thread_id"], item_id=call["id"], result="UTC")
    )

    assert outline(answer) == ["stream_options", "replaced client_tool_call", *TEXT]
    assert text_of(answer) == "Your page says: UTC."


def test_the_reply_goes_on_with_the_answers(demo: Serving) -> None:
    [asked] = items(list(demo.say("question")), "structured_input")

    answer = list(
        demo.stream(
            "threads.add_structured_input",
            thread_id=asked["thread_id"],
            item_id=asked["id"],
            input={"answers": {"color": {"values": ["red", "blue"]}, "why": {"skipped": True}}},
        )
    )

    assert outline(answer) == ["stream_options", "replaced structured_input", *TEXT]
    assert text_of(answer) == "- Which colors do you like? red, blue\n- Why? (skipped)\n"


@pytest.mark.parametrize(
    ("choice", "text"), [("Book it", "Your train to Rome is booked."), ("Not now", "I have booked nothing.")]
)
def test_the_reply_asks_and_goes_on_with_each_answer(demo: Serving, choice: str, text: str) -> None:
    [city] = items(list(demo.say("ask")), "structured_input")

    [_, question] = items(answer(demo, city, "answer", "Rome"), "structured_input")
    events = answer(demo, question, "approval", choice)

    assert question["inputs"][0]["question"] == "Shall I book a train to Rome?"
    assert outline(events) == ["stream_options", "replaced structured_input", *TEXT]
    assert text_of(events) == text


def test_a_reply_that_asks_goes_on_after_a_restart(tmp_path: Path) -> None:
    with serving("demo", cwd=tmp_path) as before:
        [city] = items(list(before.say("ask")), "structured_input")
    with serving("demo", cwd=tmp_path) as after:
        [_, question] = items(answer(after, city, "answer", "Rome"), "structured_input")

    assert question["inputs"][0]["question"] == "Shall I book a train to Rome?"


def answer(demo: Serving, item: dict[str, Any], question: str, value: str) -> list[Event]:
    """Answer one question of a form."""
    input = {"answers": {question: {"values": [value]}}}
    return list(
        demo.stream("threads.add_structured_input", thread_id=item["thread_id"], item_id=item["id"], input=input)
    )


def test_the_form_is_answered_by_a_receipt_in_its_place(demo: Serving) -> None:
    [form] = items(list(demo.say("form")), "widget")

    answer = list(
        demo.stream(
            "threads.custom_action",
            thread_id=form["thread_id"],
            item_id=form["id"],
            action={"type": "demo.order", "payload": {"drink": "tea", "milk": True}},
        )
    )

    assert outline(answer) == ["stream_options", "replaced widget", *TEXT]
    [receipt] = items(answer, "widget")
    assert receipt["id"] == form["id"]
    assert receipt["widget"]["children"] == [
        {"type": "Title", "value": "Ordered"},
        {"type": "Caption", "value": "tea with milk"},
    ]
    assert text_of(answer) == "Thank you! Your tea with milk is on its way."


def test_the_button_counts_without_a_stream(demo: Serving) -> None:
    [widget] = items(list(demo.say("button")), "widget")
    labels = [widget["widget"]["children"][0]["label"]]

    for _ in range(2):
        action = widget["widget"]["children"][0]["onClickAction"]
        widget = demo.ask(
            "threads.sync_custom_action",
            thread_id=widget["thread_id"],
            item_id=widget["id"],
            action={"type": action["type"], "payload": action["payload"]},
        )["updated_item"]
        labels.append(widget["widget"]["children"][0]["label"])

    assert labels == ["♥ 0", "♥ 1", "♥ 2"]
    assert demo.ask("items.list", thread_id=widget["thread_id"])["data"][0] == widget


def test_a_locked_thread_is_unlocked_by_its_button(demo: Serving) -> None:
    [widget] = items(list(demo.say("lock")), "widget")
    thread_id = widget["thread_id"]
    assert demo.ask("threads.get_by_id", thread_id=thread_id)["status"]["type"] == "locked"

    demo.ask("threads.sync_custom_action", thread_id=thread_id, item_id=widget["id"], action={"type": "demo.unlock"})

    assert demo.ask("threads.get_by_id", thread_id=thread_id)["status"] == {"type": "active"}
    assert outline(demo.say("good morning", thread_id=thread_id)) == ["done user_message", "stream_options", *TEXT]


def test_feedback_is_kept_and_told(demo: Serving) -> None:
    [*_, message] = items(list(demo.say("good morning")), "assistant_message")
    thread_id = message["thread_id"]

    demo.ask("items.feedback", thread_id=thread_id, item_ids=[message["id"]], kind="positive")

    assert text_of(list(demo.say("feedback", thread_id=thread_id))) == f"- {message['id']}: positive\n"


def test_an_upload_is_described(demo: Serving) -> None:
    uploaded = demo.client.post(demo.url + "/attachments", files={"file": ("notes.txt", b"twelve bytes", "text/plain")})

    answer = demo.say("What is this?", attachments=[uploaded.json()["id"]])

    assert text_of(list(answer)) == "- notes.txt: text/plain, 12 bytes\n"


def test_speech_becomes_text(demo: Serving) -> None:
    answer = demo.ask("input.transcribe", audio_base64="AAAA", mime_type="audio/webm;codecs=opus")

    assert answer == {"text": "(3 bytes of audio/webm)"}


def test_an_unknown_action_is_told_as_an_error(demo: Serving) -> None:
    [form] = items(list(demo.say("form")), "widget")

    answer = list(
        demo.stream("threads.custom_action", thread_id=form["thread_id"], action={"type": "nonsense", "payload": None})
    )

    assert answer[-1] == {
        "type": "error",
        "code": "custom",
        "message": "The demo has no action 'nonsense'.",
        "allow_retry": False,
    }


def test_the_root_is_the_page_and_its_script_says_what_the_page_can_do(demo: Serving) -> None:
    root = demo.url.removesuffix("chatkit")
    page = demo.client.get(root)
    script = demo.client.get(f"{root}demo.js")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<chatkit-chat endpoint="/chatkit"' in page.text
    assert '<script type="module" src="/demo.js"></script>' in page.text
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "onClientTool" in script.text


def test_the_curl_of_the_banner_streams_a_reply(demo: Serving) -> None:
    [command] = re.findall(r"^curl .*?}'$", demo.banner, re.MULTILINE | re.DOTALL)[:1]

    answer = subprocess.run(command, shell=True, capture_output=True, encoding="utf-8", timeout=20)

    events = [json.loads(line.removeprefix("data: ")) for line in answer.stdout.splitlines() if line]
    assert outline(events) == [*OPENING, *TEXT, *TITLED]
    assert text_of(events).startswith("Say one of these words:")


def test_the_demo_keeps_its_data_where_it_was_told(demo: Serving) -> None:
    folder: Path = demo.log.parent

    assert "It writes chatkit-demo.db and chatkit-demo-files/." in demo.banner
    assert (folder / "chatkit-demo.db").is_file()
    assert (folder / "chatkit-demo-files").is_dir()
