"""The turn log: the contract for backends, and the form in which a turn's events are kept."""

from chatkit_core.turn_log.contract import (
    ACTIVE,
    POLLING,
    Fence,
    Taken,
    TurnLog,
    TurnQuery,
    TurnRecord,
    Writer,
    writing_as,
)
from chatkit_core.turn_log.entries import Entries, Entry, EventEntry, TextEntry
from chatkit_core.turn_log.summary import Outcome, outcome_of, summary

__all__ = [
    "ACTIVE",
    "POLLING",
    "Entries",
    "Entry",
    "EventEntry",
    "Fence",
    "Outcome",
    "Taken",
    "TextEntry",
    "TurnLog",
    "TurnQuery",
    "TurnRecord",
    "Writer",
    "outcome_of",
    "summary",
    "writing_as",
]
