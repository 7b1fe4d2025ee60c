"""I5: for every reader, its state at its cursor, with the frames it gets applied, is the turn's state."""

from dataclasses import dataclass
from typing import Any

from client_model import Speaker, item_of
from follower import Follower
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatkit_core.engine.feed import MAX_BEHIND, MAX_BEHIND_BYTES, Feed
from chatkit_core.turn_log import Entries, Entry, EventEntry
from chatkit_core.turn_log.codec import decode_entries, encode_entries
from chatkit_core.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    ClientEffectEvent,
    CustomTask,
    GeneratedImage,
    GeneratedImageUpdated,
    NoticeEvent,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    WidgetComponentUpdated,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)
from chatkit_core.widgets import Card, Col, Text

texts = st.text(max_size=4)
small = st.integers(0, 3)
items = st.sampled_from(["msg", "wid", "flow", "img"])

ITEMS_BEGIN = 5
"""The seq from which on all items are there."""
GAP = 1_000


def card(*ids: str, value: str = "") -> Card:
    return Card(children=[Text(id=id, value=value) for id in ids])


@dataclass
class Writing:
    """An event that is written before it is said, and what of the batch was said before."""

    entry: EventEntry
    unlogged: list[Entry]


class Following(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.speaker = Speaker(Feed("trn_1"))
        self.followers: list[Follower] = []
        self.log: list[list[Entry]] = []
        self.taken: list[Entry] | None = None
        self.writing: Writing | None = None
        self.effects = 0
        self.went_elsewhere = False

    @property
    def feed(self) -> Feed:
        return self.speaker.feed

    @initialize()
    def items_begin(self) -> None:
        self.speaker.say_turn("started")
        content = {"text": "", "annotations": []}
        self.speaker.say(ThreadItemAddedEvent(item=item_of("assistant_message", "msg", content=[content] * 2)))
        self.speaker.say(ThreadItemAddedEvent(item=item_of("widget", "wid", widget=card("a", "b").model_dump())))
        self.speaker.say(
            ThreadItemAddedEvent(item=item_of("workflow", "flow", workflow={"type": "custom", "tasks": []}))
        )
        self.speaker.say(ThreadItemAddedEvent(item=item_of("generated_image", "img")))

    # What the turn says

    @rule(index=st.integers(0, 1), text=texts, times=st.sampled_from([1, 1, 1, 1, 5, MAX_BEHIND + 9]))
    def text(self, index: int, text: str, times: int) -> None:
        for _ in range(times):
            self.speaker.say_text("msg", index, text)

    @rule(size=st.sampled_from([17_000, MAX_BEHIND_BYTES + 1]))
    def much_text(self, size: int) -> None:
        self.speaker.say_text("msg", 0, "é" * size)

    @rule(text=texts)
    def part_begins_anew(self, text: str) -> None:
        part = AssistantMessageContentPartAdded(content_index=1, content=AssistantMessageContent(text=text))
        self.update("msg", part)

    @rule(ids=st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3), value=texts)
    def widget_root(self, ids: list[str], value: str) -> None:
        self.update("wid", WidgetRootUpdated(widget=card(*ids, value=value)))

    @rule(pick=small, text=texts, done=st.booleans())
    def widget_text(self, pick: int, text: str, done: bool) -> None:
        children = [child for child in self.speaker.client.item("wid").widget.children if child.type == "Text"]
        if children:
            id = children[pick % len(children)].id
            self.update("wid", WidgetStreamingTextValueDelta(component_id=id, delta=text, done=done))

    @rule(pick=small, wrapped=st.booleans(), value=texts)
    def widget_component(self, pick: int, wrapped: bool, value: str) -> None:
        children = self.speaker.client.item("wid").widget.children
        if children:
            id = children[pick % len(children)].id
            new = Text(id=id, value=value)
            component = Col(id=f"col-{id}", children=[new]) if wrapped else new
            self.update("wid", WidgetComponentUpdated(component_id=id, component=component))

    @rule(index=small, title=texts)
    def task_added(self, index: int, title: str) -> None:
        count = len(self.speaker.client.item("flow").workflow.tasks)
        self.update("flow", WorkflowTaskAdded(task_index=min(index, count), task=CustomTask(title=title)))

    @rule(index=small, title=texts)
    def task_updated(self, index: int, title: str) -> None:
        count = len(self.speaker.client.item("flow").workflow.tasks)
        if count:
            self.update("flow", WorkflowTaskUpdated(task_index=index % count, task=CustomTask(title=title)))

    @rule(url=texts)
    def image(self, url: str) -> None:
        self.update("img", GeneratedImageUpdated(image=GeneratedImage(id="1", url=url), progress=0.5))

    @rule(text=texts)
    def progress(self, text: str) -> None:
        self.speaker.say(ProgressUpdateEvent(text=text))

    @rule()
    def client_effect(self) -> None:
        self.effects += 1
        self.speaker.say(ClientEffectEvent(name=f"effect-{self.effects}"))

    @rule(message=texts)
    def notice(self, message: str) -> None:
        self.speaker.say(NoticeEvent(level="info", message=message))

    @rule(name=st.sampled_from(["waiting", "usage"]))
    def turn_event(self, name: str) -> None:
        self.speaker.say_turn(name)

    @rule(id=items, replaced=st.booleans())
    def done(self, id: str, replaced: bool) -> None:
        self.speaker.say(self.done_event(id, replaced))

    @precondition(lambda self: self.taken is None and self.writing is None)
    @rule(id=items, replaced=st.booleans())
    def done_is_written_first(self, id: str, replaced: bool) -> None:
        unlogged = self.feed.take_unlogged()
        self.writing = Writing(self.speaker.about_to_say(self.done_event(id, replaced)), unlogged)

    @precondition(lambda self: self.writing is not None)
    @rule(outcome=st.sampled_from(["logged", "logged", "not logged", "forgone"]))
    def done_is_written(self, outcome: str) -> None:
        writing, self.writing = self.writing, None
        assert writing is not None
        if outcome == "logged":
            self.log.append([*writing.unlogged, writing.entry])
        else:
            self.feed.put_back_unlogged(writing.unlogged)
        if outcome == "forgone":
            self.speaker.forgo()
        else:
            self.feed.say_written(writing.entry, logged=outcome == "logged")

    @rule(tasks=st.lists(texts, max_size=2))
    def removed_and_added_again(self, tasks: list[str]) -> None:
        self.speaker.say(ThreadItemRemovedEvent(item_id="flow"))
        workflow = {"type": "custom", "tasks": [{"type": "custom", "title": title} for title in tasks]}
        self.speaker.say(ThreadItemAddedEvent(item=item_of("workflow", "flow", workflow=workflow)))

    def update(self, item_id: str, update: Any) -> None:
        self.speaker.say(ThreadItemUpdatedEvent(item_id=item_id, update=update))

    # Who reads it

    @rule(part=st.floats(0, 1), from_the_start=st.booleans(), turns=st.booleans(), joins=st.booleans())
    def somebody_comes(self, part: float, from_the_start: bool, turns: bool, joins: bool) -> None:
        cursor = 0 if from_the_start else round(part * self.feed.last_seq)
        self.followers.append(Follower(self.speaker, cursor, turns, joins))

    @rule(pick=st.integers(0, 20))
    def somebody_takes(self, pick: int) -> None:
        if self.followers:
            self.followers[pick % len(self.followers)].take(self.speaker)

    @rule(pick=st.integers(0, 20))
    def somebody_leaves(self, pick: int) -> None:
        if self.followers:
            self.followers.pop(pick % len(self.followers)).reader.close()

    @rule()
    def settle(self) -> None:
        self.feed.settle()

    # The log, and the turn's way from process to process

    @precondition(lambda self: self.taken is None and self.writing is None)
    @rule()
    def a_batch_is_written(self) -> None:
        self.log.append(self.feed.take_unlogged())

    @precondition(lambda self: self.taken is None and self.writing is None)
    @rule()
    def a_batch_is_taken(self) -> None:
        self.taken = self.feed.take_unlogged()

    @precondition(lambda self: self.taken is not None)
    @rule(written=st.booleans())
    def the_batch_is_written_or_put_back(self, written: bool) -> None:
        assert self.taken is not None
        if written:
            self.log.append(self.taken)
        else:
            self.feed.put_back_unlogged(self.taken)
        self.taken = None

    @rule(rests=st.booleans())
    def it_rests_or_goes_on(self, rests: bool) -> None:
        if rests:
            self.feed.rest()
        else:
            self.feed.go_on()

    @precondition(lambda self: self.taken is None and self.writing is None)
    @rule(crash=st.booleans())
    def it_goes_on_elsewhere(self, crash: bool) -> None:
        if not crash:
            self.log.append(self.feed.take_unlogged())
        known = self.from_log()
        last = max((entry.seq for entry in known), default=0)
        if last < ITEMS_BEGIN:
            return
        self.went_elsewhere = True
        earlier, self.followers = self.followers, []
        self.speaker.go_on_with(Feed("trn_1", known, last_seq=last + (GAP if crash else 0)))
        for follower in earlier:
            if follower.reader.seq <= last:
                self.followers.append(Follower(self.speaker, follower.reader.seq, follower.turns, joins=False))

    @invariant()
    def every_event_has_its_number(self) -> None:
        if self.writing is None:
            assert self.feed.last_seq == len(self.speaker.said)

    def done_event(self, id: str, replaced: bool) -> ThreadItemDoneEvent | ThreadItemReplacedEvent:
        item = self.speaker.client.item(id)
        return ThreadItemReplacedEvent(item=item) if replaced else ThreadItemDoneEvent(item=item)

    def from_log(self) -> Entries:
        entries = Entries()
        for batch in self.log:
            entries.extend(decode_entries(encode_entries(batch)))
        return entries

    def teardown(self) -> None:
        if self.writing is not None:
            self.done_is_written("logged")
        if self.taken is not None:
            self.the_batch_is_written_or_put_back(written=False)
        for follower in self.followers:
            follower.take(self.speaker)
        self.log.append(self.feed.take_unlogged())
        entries = self.from_log()
        for cursor in {0, self.feed.last_seq // 2, self.feed.last_seq}:
            from_log = b"".join(
                b"id: trn_1:%d\ndata: %b\n\n" % (seq, data) for seq, _, data in entries.after(cursor, joined_at=None)
            )
            client = self.speaker.client_at(cursor)
            client.take(from_log)
            assert client.state == self.speaker.client.state
            assert client.effects == self.speaker.client.effects
            assert client.turns == self.speaker.client.turns
        if not self.went_elsewhere:  # else texts may be merged that an event stood between, which was replaced since
            assert list(entries) == self.feed.said()


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
