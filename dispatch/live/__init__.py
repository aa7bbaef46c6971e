"""The running day: events in, published plans out."""

from .book import Budget, Who
from .callbacks import answer_by_text, answer_callback, due_callbacks
from .crew_route import crew_route
from .damage import assessed_damage, confirm_damage, decline_damage
from .desk import Desk
from .entries import Entry, Logged
from .field_calls import answer_call, field_notes, open_calls, own_calls
from .gains import Gain, kind_of
from .handmade import Edit, Tried
from .parts import bound_together
from .phone import (
    KINDS,
    REASONS,
    Heard,
    Said,
    hear,
    hear_photo,
)
from .proposals import Comparison, Move
from .refusals import ANSWERABLE, Refused
from .signs import Neighbour, answered, hear_signs, neighbours
from .tickets import act_on, all_tickets, draft_tickets
from .urgent import Able, Offer

__all__ = [
    "ANSWERABLE",
    "KINDS",
    "REASONS",
    "Able",
    "Budget",
    "Comparison",
    "Desk",
    "Edit",
    "Entry",
    "Gain",
    "Heard",
    "Logged",
    "Move",
    "Neighbour",
    "Offer",
    "Refused",
    "Said",
    "Tried",
    "Who",
    "act_on",
    "all_tickets",
    "answer_by_text",
    "answer_call",
    "answer_callback",
    "answered",
    "assessed_damage",
    "bound_together",
    "confirm_damage",
    "crew_route",
    "decline_damage",
    "draft_tickets",
    "due_callbacks",
    "field_notes",
    "hear",
    "hear_photo",
    "hear_signs",
    "kind_of",
    "neighbours",
    "open_calls",
    "own_calls",
]
