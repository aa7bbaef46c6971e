"""A letter as its reader wants it: language, way, not at night, not at all; signed by the utility."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..store.outbox import Letter
from ..store.wishes import USUAL, Wish, all_wishes, mark_of
from .house import House

# For the utility's own people: no name under it, at any hour, whatever they wish.
STAFF = frozenset({"planned_team", "promise", "alert", "escalated", "repeated", "urged", "route_unread"})
# What must be announced, and what warns of danger, reaches those too who want nothing any more.
ALWAYS = frozenset(
    {
        *("planned", "planned_important", "planned_cancelled", "outage_proposal", "received_hazard"),
        *("shedding", "shedding_cancelled"),
    }
)
# What can wait until the morning: nobody has just called, and nobody is in danger.
CAN_WAIT = frozenset(
    {
        *("etr", "changed", "restored", "callback", "callback_link"),
        *("planned", "planned_important", "complaint_answered"),
        *("appointment_reminder", "appointment_missed", "planned_cancelled", "outage_proposal"),
        *("visit_tomorrow", "visit_moved", "visit_off"),
    }
)


class Fitting:
    """Fits the letters of one event, inside its transaction."""

    def __init__(self, house: House, zone: ZoneInfo) -> None:
        self._house, self._zone = house, zone
        self._wishes: Mapping[str, Wish] = {}

    def begin(self, connection: Any) -> None:
        """Read how people want to be told, as it stands now."""
        self._wishes = all_wishes(connection)

    def language_of(self, contact: str, usual: str) -> str:
        """The language that somebody is written to in."""
        return self._of(contact).language or usual

    def fitted(self, letters: Iterable[Letter], now: datetime, language: str) -> Iterator[Letter]:
        """Those letters that are written at all, each as its reader wants it."""
        for letter in letters:
            if letter.kind in STAFF:
                yield letter
                continue
            wish = self._of(letter.recipient)
            if wish.stopped and letter.kind not in ALWAYS:
                continue
            spoken = wish.way == "voice" and letter.channel == "webhook"
            yield replace(
                letter,
                text=self._house.signed(letter.text, wish.language or language),
                channel="voice" if spoken else letter.channel,
                due_at=self._house.awake(now, self._zone) if letter.kind in CAN_WAIT else None,
            )

    def _of(self, contact: str) -> Wish:
        return self._wishes.get(mark_of(contact), USUAL) if self._wishes else USUAL
