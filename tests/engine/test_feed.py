"""Frames: who gets which, in which form, and how long they are kept."""

import asyncio

from client_model import Client, Speaker, decoded, item_of

from chatkit_core.engine.feed import MAX_BEHIND, MAX_BEHIND_BYTES, Feed
from chatkit_core.engine.lately import RUN
from chatkit_core.types import (
    ClientEffectEvent,
    GeneratedImage,
    GeneratedImageUpdated,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemUpdatedEvent,
    WidgetComponentUpdated,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
)
from chatkit_core.widgets import Card, Text


def card(*ids: str, value: str = "") -> Card:
    return Card(children=[Text(id=id, value=value) for id in ids])


def speaker_of(turn_id: str = "trn_1") -> Speaker:
    speaker = Speaker(Feed(turn_id))
    speaker.say(ThreadItemAddedEvent(item=item_of("assistant_message", "msg", content=[])))
    return speaker


def test_rejoining_a_turn_of_20_000_deltas_takes_25_frames_at_most() -> None:
    speaker = speaker_of()
    for number in range(20_000):
        speaker.say_text("msg", 0, f"{number} ")

    for cursor in (0, 1, 7_777, 19_000):
        client = speaker.client_at(cursor)
        frames = speaker.feed.reader(after=cursor, turns=True).take()
        client.take(frames)

        assert len(decoded(frames)) <= 25
        assert client.state == speaker.client.state
        assert decoded(frames)[-1].id == "trn_1:20001"


def test_a_reader_that_keeps_up_gets_each_event_as_a_frame_of_its_own() -> None:
    speaker = speaker_of()
    reader, plain = speaker.feed.reader(after=1, turns=True), speaker.feed.reader(after=1)
    for number in range(3):
        speaker.say_text("msg", 0, str(number))

    delta = '{"type":"thread.item.updated","item_id":"msg","update":{"type":"assistant_message.content_part.text_delta"'
    assert reader.take().decode().split("\n\n") == [
        f'id: trn_1:{number + 2}\ndata: {delta},"content_index":0,"delta":"{number}"}}}}' for number in range(3)
    ] + [""]
    assert plain.take().decode().split("\n\n") == [
        f'data: {delta},"content_index":0,"delta":"{number}"}}}}' for number in range(3)
    ] + [""]
    assert reader.take() == b""


def test_frames_are_let_go_when_all_have_taken_them_or_when_they_are_too_many() -> None:
    speaker = speaker_of()
    feed = speaker.feed
    quick, slow = feed.reader(), feed.reader()
    for _ in range(10_000):
        speaker.say_text("msg", 0, "word ")
        quick.take()
        assert feed.last_seq - (feed._lately.first_seq or feed.last_seq) < 2 * MAX_BEHIND + RUN
    slow.take()
    feed.settle()
    assert feed._lately.first_seq is None
    assert feed._lately.size == 0

    feed.reader(after=feed.last_seq)
    for _ in range(20):
        speaker.say_text("msg", 0, "x" * 30_000)
        assert 30_000 <= feed._lately.size <= 2 * MAX_BEHIND_BYTES + 31_000
    for _ in range(200):
        speaker.say_text("msg", 0, "x" * 1_000)
        assert feed._lately.size <= 2 * MAX_BEHIND_BYTES + 64_000


def test_no_frames_are_kept_when_nobody_reads() -> None:
    speaker = speaker_of()
    for _ in range(1_000):
        speaker.say_text("msg", 0, "word ")
    speaker.feed.settle()

    assert speaker.feed._lately.first_seq is None


def test_a_client_effect_is_told_to_those_who_were_there_and_to_those_who_go_on_not_to_those_who_join() -> None:
    speaker = speaker_of()
    there = speaker.feed.reader()
    speaker.say(ClientEffectEvent(name="early"))
    joins, goes_on = speaker.feed.reader(), speaker.feed.reader(after=1)
    speaker.say(ClientEffectEvent(name="late"))
    heard = []
    for reader in (there, joins, goes_on):
        client = Client()
        client.apply(speaker.said[0])
        client.take(reader.take())
        heard.append(client.effects)

    assert heard == [["early", "late"], ["late"], ["early", "late"]]


def test_a_plain_reader_hears_nothing_of_turns() -> None:
    feed = Feed("trn_1")
    plain, turns = feed.reader(), feed.reader(turns=True)
    Speaker(feed).say_turn("started")
    feed.end()
    late = feed.reader()

    assert [plain.take(), late.take()] == [b"", b""]
    assert turns.take() == b'id: trn_1:1\ndata: {"type":"turn.started","turn":"started"}\n\n'
    assert plain.at_end
    assert late.at_end
    assert turns.at_end


def test_of_updates_that_replace_each_other_the_last_is_told_to_who_joins_late() -> None:
    speaker = speaker_of()
    speaker.say(ThreadItemAddedEvent(item=item_of("widget", "wid", widget=card("a").model_dump())))
    speaker.say(ThreadItemAddedEvent(item=item_of("generated_image", "img")))
    for number in range(100):
        value = str(number)
        speaker.say(ProgressUpdateEvent(text=value))
        root = WidgetRootUpdated(widget=card("a", value=value))
        speaker.say(ThreadItemUpdatedEvent(item_id="wid", update=root))
        image = GeneratedImageUpdated(image=GeneratedImage(id="1", url=value))
        speaker.say(ThreadItemUpdatedEvent(item_id="img", update=image))

    events = decoded(speaker.feed.reader(turns=True).take())

    assert [int(event.id.removeprefix("trn_1:")) for event in events] == [1, 2, 3, 301, 302, 303]


def test_an_update_that_others_build_on_is_kept() -> None:
    speaker = speaker_of()
    speaker.say(ThreadItemAddedEvent(item=item_of("widget", "wid", widget=card("a").model_dump())))
    updates = [
        WidgetRootUpdated(widget=card("b")),
        WidgetStreamingTextValueDelta(component_id="b", delta="x", done=False),
        WidgetRootUpdated(widget=card("c")),
        WidgetRootUpdated(widget=card("d")),
        WidgetComponentUpdated(component_id="d", component=Text(id="e", value="")),
        WidgetStreamingTextValueDelta(component_id="e", delta="x", done=True),
    ]
    for update in updates:
        speaker.say(ThreadItemUpdatedEvent(item_id="wid", update=update))

    events = decoded(speaker.feed.reader(turns=True).take())

    seqs = [int(event.id.removeprefix("trn_1:")) for event in events]
    assert seqs == [1, 2, 3, 4, 6, 7, 8]  # not 5, which 6 replaced


def test_nothing_is_said_after_the_end() -> None:
    speaker = speaker_of()
    reader = speaker.feed.reader()
    speaker.feed.end()
    speaker.feed.say("notice", b"{}")

    assert len(decoded(reader.take())) == 1
    assert reader.at_end


async def test_a_reader_waits_until_there_is_more_or_the_turn_has_ended() -> None:
    speaker = speaker_of()
    feed = speaker.feed
    reader, other = feed.reader(), feed.reader()
    await reader.wait()
    reader.take()
    other.take()

    both = asyncio.gather(reader.wait(), other.wait())
    await asyncio.sleep(0)
    assert not both.done()
    speaker.say_text("msg", 0, "more")
    await both

    reader.take()
    waiting = asyncio.ensure_future(reader.wait())
    await asyncio.sleep(0)
    reader.interrupt()
    await waiting

    waiting = asyncio.ensure_future(reader.wait())
    await asyncio.sleep(0)
    feed.end()
    await waiting
    assert reader.at_end
    await reader.wait()
