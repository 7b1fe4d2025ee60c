"""Events that the log has before anybody hears them, and turns that rest or go on elsewhere."""

import asyncio

from client_model import Client, Speaker, decoded, item_of

from chatkit_core.engine.feed import Feed
from chatkit_core.types import (
    ClientEffectEvent,
    NoticeEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
)


def notice(message: str) -> NoticeEvent:
    return NoticeEvent(level="info", message=message)


def seqs(frames: bytes) -> list[int]:
    return [int(event.id.removeprefix("trn_1:")) for event in decoded(frames)]


def told(frames: bytes) -> list[str]:
    client = Client()
    client.take(frames)
    return client.state["told"]  # type: ignore[no-any-return]


def test_an_event_that_is_being_written_is_heard_once_it_is_written_and_others_wait_for_it() -> None:
    speaker = Speaker(Feed("trn_1"))
    feed = speaker.feed
    reader = feed.reader(turns=True)
    speaker.say(notice("before"))
    before = feed.take_unlogged()
    entry = speaker.about_to_say(notice("written"))
    speaker.say(notice("meanwhile"))

    assert told(reader.take()) == ["before"]

    feed.say_written(entry, logged=True)
    frames = reader.take()
    assert (told(frames), seqs(frames)) == (["written", "meanwhile"], [2, 3])
    assert [[entry.seq for entry in entries] for entries in (before, feed.take_unlogged())] == [[1], [3]]
    assert [entry.seq for entry in feed.said()] == [1, 2, 3]


def test_text_that_comes_while_an_event_is_written_waits_for_it_too() -> None:
    speaker = Speaker(Feed("trn_1"))
    feed = speaker.feed
    reader = feed.reader(turns=True)
    speaker.say(ThreadItemAddedEvent(item=item_of("assistant_message", "msg", content=[])))
    entry = speaker.about_to_say(notice("written"))
    speaker.say_text("msg", 0, "meanwhile")
    feed.say_written(entry, logged=False)
    client = Client()
    frames = reader.take()
    client.take(frames)

    assert seqs(frames) == [1, 2, 3]
    assert client.state == speaker.client.state
    assert [entry.seq for entry in feed.take_unlogged()] == [1, 2, 3]


def test_what_the_log_did_not_take_is_in_the_next_batch() -> None:
    speaker = Speaker(Feed("trn_1"))
    entry = speaker.about_to_say(notice("written"))
    speaker.feed.say_written(entry, logged=False)

    assert speaker.feed.take_unlogged() == [entry]


def test_what_is_forgone_is_never_heard_and_what_waited_for_it_is() -> None:
    speaker = Speaker(Feed("trn_1"))
    speaker.about_to_say(notice("written"))
    speaker.say(notice("meanwhile"))
    speaker.forgo()
    speaker.say(notice("later"))
    speaker.feed.say_written(speaker.about_to_say(notice("latest")), logged=True)
    frames = speaker.feed.reader(turns=True).take()

    assert (told(frames), seqs(frames)) == (["meanwhile", "later", "latest"], [1, 2, 3])


def test_nothing_that_is_being_written_is_said_after_the_end() -> None:
    speaker = Speaker(Feed("trn_1"))
    reader = speaker.feed.reader()
    entry = speaker.about_to_say(notice("written"))
    speaker.feed.end()
    speaker.feed.say_written(entry, logged=True)

    assert reader.take() == b""
    assert reader.at_end


async def test_a_reader_of_a_turn_that_rests_takes_the_rest_and_leaves_and_the_next_one_may_stay() -> None:
    speaker = Speaker(Feed("trn_1"))
    feed = speaker.feed
    there = feed.reader()
    waiting = asyncio.ensure_future(there.wait())
    await asyncio.sleep(0)
    feed.rest()
    await waiting
    assert there.at_end

    speaker.say(notice("before"))
    late = feed.reader()
    assert not late.at_end
    await late.wait()
    late.take()
    await late.wait()
    assert late.at_end

    feed.go_on()
    goes_on = feed.reader(after=1)
    assert not goes_on.at_end
    waiting = asyncio.ensure_future(goes_on.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    speaker.say(notice("after"))
    await waiting
    assert told(goes_on.take()) == ["after"]


def test_a_turn_that_goes_on_elsewhere_tells_a_reader_what_it_missed_and_says_no_number_again() -> None:
    speaker = Speaker(Feed("trn_1"))
    speaker.say(ThreadItemAddedEvent(item=item_of("assistant_message", "msg", content=[])))
    for text in "abc":
        speaker.say_text("msg", 0, text)
    known = speaker.feed.take_unlogged()
    speaker.say_text("msg", 0, "lost")

    speaker.go_on_with(Feed("trn_1", known, last_seq=104))
    feed = speaker.feed
    there = feed.reader(after=2, turns=True)
    frames = there.take()
    assert seqs(frames) == [4]
    assert there.seq == 104
    speaker.say(ThreadItemDoneEvent(item=speaker.client.item("msg")))
    frames = there.take()
    assert seqs(frames) == [105]

    for cursor in (0, 1, 3, 4, 104, 105):
        client = speaker.client_at(cursor)
        client.take(feed.reader(after=cursor).take())
        assert client.state == speaker.client.state
    assert feed.take_unlogged() == feed.said()[-1:]


def test_who_started_the_turn_hears_its_client_effects_also_those_from_before_it_reads() -> None:
    speaker = Speaker(Feed("trn_1"))
    speaker.say(ClientEffectEvent(name="early"))
    heard = []
    for joins in (True, False):
        client = Client()
        client.take(speaker.feed.reader(joins=joins).take())
        heard.append(client.effects)

    assert heard == [[], ["early"]]
