"""What a crew is told before it starts: what has failed, where, how likely, who waits, what comes after."""

from __future__ import annotations

from .briefing import Briefing, Following, briefing
from .elements import Element, element, kind_of_place
from .patrol import Suspected
from .rows import briefing_row

__all__ = [
    "Briefing",
    "Element",
    "Following",
    "Suspected",
    "briefing",
    "briefing_row",
    "element",
    "kind_of_place",
]
