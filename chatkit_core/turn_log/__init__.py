"""The turn log: the contract for backends, and the form in which a turn's events are kept."""

from chatkit_core.turn_log.contract import TurnLog, TurnRecord
from chatkit_core.turn_log.entries import Entries, Entry, EventEntry, TextEntry

__all__ = ["Entries", "Entry", "EventEntry", "TextEntry", "TurnLog", "TurnRecord"]
