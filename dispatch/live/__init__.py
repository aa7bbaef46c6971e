"""The running day: events in, published plans out."""

from .callbacks import answer_callback, due_callbacks
from .crew_route import crew_route
from .desk import Desk, Refused, Who
from .entries import Entry, Logged
from .phone import KINDS, REASONS, Heard, Said, field_notes, hear, hear_photo
from .proposals import Comparison, Move

__all__ = [
    "KINDS",
    "REASONS",
    "Comparison",
    "Desk",
    "Entry",
    "Heard",
    "Logged",
    "Move",
    "Refused",
    "Said",
    "Who",
    "answer_callback",
    "crew_route",
    "due_callbacks",
    "field_notes",
    "hear",
    "hear_photo",
]
