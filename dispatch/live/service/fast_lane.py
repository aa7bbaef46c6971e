"""The green channel (绿色通道): requests that the rules put into a fast lane are supervised at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from ...ground.case import OWN_CHANNEL
from ...service.figures import figures
from ...service.urging import Way
from ..book import Book
from ..calls import Calls
from ..grading import Grading
from ..refusals import Refused
from .matters import CLOCK
from .urging import Urging

LANE: Way = "fast_lane"
# Repairs have their own order of urgency: by what is out, for everybody alike.
REPAIRS = frozenset({"outage", "hazard"})
Row = Mapping[str, Any]


class FastLane:
    """Who is in the fast lane, and by when somebody must say what was done."""

    def __init__(self, book: Book, grading: Grading, calls: Calls, urging: Urging) -> None:
        self._book, self._grading, self._calls, self._urging = book, grading, calls, urging

    def look(self) -> int:
        """Supervise every open request that the rules put into the lane, once; how many are in it."""
        return self._book.kept("fast lane", ("requests", "policies", "standing"), self._supervised)

    def span(self, row: Row) -> timedelta | None:
        """The time in which somebody must act on a request; None where it is in no fast lane."""
        customers, customer = self._book.case.customers, row["customer"]
        if customer is None or customer not in customers or row["channel"] == OWN_CHANNEL:
            return None
        kind = self._calls.classified(row).kind
        if kind in REPAIRS:
            return None
        facts = customers.facts(customer)
        about = {name: facts.get(name) or None for name in ("industry", "load_type")}
        policy = self._grading.case_under().policy
        told = figures(policy, LANE, kind=kind, grade=self._grading.grade_of(customer), **about)
        minutes = told.get("span_min")
        return None if minutes is None else timedelta(minutes=float(minutes))

    def _supervised(self) -> int:
        """Look at each request once, as it stands and under the rules in force."""
        known: dict[tuple[str, int], bool] = self._book.kept("in the lane", ("policies", "standing"), dict)
        found = 0
        for row in self._book.rows("requests"):
            if row["open"] and not row["same_as"]:
                seen = row["id"], row["version"]
                if seen not in known:
                    known[seen] = self._watch(row)
                found += known[seen]
        return found

    def _watch(self, row: Row) -> bool:
        """Have somebody supervise a request if it is in the lane; whether it is."""
        span = self.span(row)
        if span is None:
            return False
        # What has ended since needs nobody any more.
        with suppress(Refused):
            words = (row["words"] or row["id"])[:500]
            self._urging.urge(row["id"], CLOCK, words, way=LANE, within=span, key=f"{LANE}/{row['id']}")
        return True
