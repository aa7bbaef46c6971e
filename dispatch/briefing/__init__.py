"""What a crew is told before it starts: what has failed, where, how likely, who waits, what comes after."""

from __future__ import annotations

from .briefing import Briefing, Following, briefing
from .elements import Element, element, kind_of_place
from .one_line import EdgeDevice, OneLine
from .patrol import Suspected
from .rows import briefing_row
from .said import Said

__all__ = [
    "Briefing",
    "EdgeDevice",
    "Element",
    "Following",
    "OneLine",
    "Said",
    "Suspected",
    "briefing",
    "briefing_row",
    "element",
    "kind_of_place",
]
