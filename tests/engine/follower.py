"""One who follows a turn from a cursor, and knows at any time what the turn's state is to it."""

from itertools import pairwise

from client_model import Speaker, decoded

from chatkit_core.engine.feed import Reader
from chatkit_core.types import ClientEffectEvent


class Follower:
    """A reader, and the client behind it, which knew the turn up to the cursor."""

    def __init__(self, speaker: Speaker, cursor: int, turns: bool, joins: bool) -> None:
        self.turns = turns
        self.reader: Reader = speaker.feed.reader(after=cursor, turns=turns, joins=joins)
        self.client = speaker.client_at(cursor)
        if cursor == 0 and joins:  # what client effects did so far belongs to its past
            self.client.effects = speaker.client_at(speaker.feed.last_seq).effects
        self.turns_before = self.client.turns[:]
        self.ids = [cursor]

    def take(self, speaker: Speaker) -> None:
        frames = self.reader.take()
        self.client.take(frames)
        for event in decoded(frames):
            if self.turns:
                turn_id, _, seq = event.id.rpartition(":")
                assert turn_id == speaker.feed.turn_id
                self.ids.append(int(seq))
            else:
                assert event.id == ""
        now = speaker.client_at(speaker.feed.last_seq)
        assert self.client.state == now.state
        assert self.client.effects == now.effects
        assert self.client.turns == (now.turns if self.turns else self.turns_before)
        assert all(earlier < later for earlier, later in pairwise(self.ids))
        assert self.reader.seq == speaker.feed.last_seq
        assert self.reader.at_end == speaker.feed.resting
        if self.turns:
            unheard = speaker.said[self.ids[-1] : speaker.feed.last_seq]
            assert all(event is None or isinstance(event, ClientEffectEvent) for event in unheard)
