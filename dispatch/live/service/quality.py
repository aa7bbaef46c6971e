"""What customers say afterwards, what comes again, and closed orders that are looked at again (工单质量)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...service.figures import figures
from ...service.matters import Changed, Impossible
from ...store import Store
from ...store.matters import one_matter
from ...store.queries import newest_events
from ...store.request_list import one_order, one_request
from ...store.service_figures import (
    callers_again,
    complainers_again,
    ended_orders,
    levels_told,
    places_again,
)
from ..book import Book, Who
from ..calls import Calls
from ..grading import Grading
from ..refusals import Refused
from .matters import Matters

LOOKED_BACK = timedelta(days=7)
DRAWN, JUDGED, APPEALED, CLOSED = "drawn", "judged", "appealed", "closed"
RESULTS = ("good", "faults")
FAULTS = ("late", "times_wrong", "record_poor", "cause_wrong", "not_called_back", "manner")
LOWEST, HIGHEST = 1, 5
UNHAPPY = 2
FEW = 5
Row = Mapping[str, Any]
Found = Sequence[tuple[str, Sequence[str]]]
MEASURE = "repeat_measure"
COUNTED: Mapping[str, Callable[[Store, datetime, int], Found]] = {
    "outage": places_again,
    "report": callers_again,
    "complaint": complainers_again,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What came again: whose, what, how often within how many days, and what was done about it last."""

    kind: str
    whose: str
    ids: tuple[str, ...]
    days: float
    done: str | None = None
    done_by: str | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """What customers of a group said, 1 to 5; `few` answers tell little."""

    group: str
    name: str
    count: int
    mean: float
    few: bool


class Satisfaction(Matters):
    """How satisfied customers are, asked at the callback."""

    kind, prefix = "satisfaction", "F-"

    def __init__(self, book: Book, grading: Grading, calls: Calls) -> None:
        super().__init__(book, grading)
        self._calls = calls

    def rate(self, request: str, score: int, reason: str, who: Who) -> str:
        """Write down what a customer says: 1 to 5; 1 and 2 with the reason. Once per request.

        Raises
        ------
        Refused
            There is no such request, it was asked already, or the scale or the reason is missing.
        """
        if not LOWEST <= score <= HIGHEST or (score <= UNHAPPY and not reason.strip()):
            raise Refused("score_wrong")
        id_ = f"{self.prefix}{request}"
        with self._book.lock, self._book.store.writing() as connection:
            row = one_request(connection, request)
            if row is None:
                raise Refused("unknown_request", request=request)
            if one_matter(connection, id_) is not None:
                raise Refused("score_known", request=request)
            order = one_order(connection, row["order_id"]) if row["order_id"] else None
            call, now = self._calls.classified(row), self._book.clock().isoformat()
            data = {"area": call.area, "kind": call.kind, "crew": order["crew"] if order else None}
            about = {"state": "told", "level": score, "request": request, "customer": row["customer"]}
            return self._begin(
                connection, who, None, id_, words=reason.strip(), ended_at=now, data=data, **about
            )

    def means(self) -> list[Mean]:
        """By area, kind and crew; groups of few answers say so instead of standing in a league table."""
        scores: dict[tuple[str, str], list[int]] = {}
        for level, data in levels_told(self._book.store, self.kind):
            for group in ("area", "kind", "crew"):
                if data.get(group):
                    scores.setdefault((group, str(data[group])), []).append(level)
        return [
            Mean(
                group=group,
                name=name,
                count=len(each),
                mean=round(sum(each) / len(each), 2),
                few=len(each) < FEW,
            )
            for (group, name), each in sorted(scores.items())
        ]


class Quality(Matters):
    """Closed orders that are drawn by rule and judged; whoever answers for one may appeal."""

    kind, prefix = "quality", "Q-"

    def draw(self, who: Who) -> int:
        """Draw from the orders of the last week those that the policy's share falls on; how many are new.

        The draw is by the order's own number: nobody chooses, and drawing again draws the same.
        """
        new = 0
        for row in ended_orders(self._book.store, self._book.clock() - LOOKED_BACK):
            if zlib.crc32(row["id"].encode()) % 100 < self._share(row):
                new += self._take(row, who)
        return new

    def judge(self, id_: str, result: str, faults: tuple[str, ...], note: str, who: Who, *, seen: int) -> int:
        """Say what an order's record is worth; faults are named."""
        if (
            result not in RESULTS
            or any(each not in FAULTS for each in faults)
            or (result == "faults") != bool(faults)
        ):
            raise Refused("quality_wrong")

        def make(row: Row, _: Any) -> Changed:
            if row["state"] not in (DRAWN, APPEALED):
                raise Impossible("quality_judged")
            if row["owner"] == who.name:
                raise Impossible("quality_own")
            put = {"result": result, "faults": list(faults), "judge": who.name}
            if row["state"] == APPEALED or result == "good":
                return Changed(to={"state": CLOSED, "ended_at": self._book.clock().isoformat()}, put=put)
            return Changed(to={"state": JUDGED}, put=put)

        return self.act(id_, "judge", who, make, seen=seen, note=note, answer=result)

    def appeal(self, id_: str, reason: str, who: Who, *, seen: int) -> int:
        """Somebody does not agree: it is judged once more."""
        if not reason.strip():
            raise Refused("reason_missing")

        def make(row: Row, _: Any) -> Changed:
            if row["state"] != JUDGED:
                raise Impossible("quality_no_appeal")
            return Changed(to={"state": APPEALED})

        return self.act(id_, "appeal", who, make, seen=seen, reason=reason)

    def again(self) -> list[Again]:
        """Places without supply again and again (频繁停电), who reports (重复报修) or complains again."""
        return [again for kind, counted in COUNTED.items() for again in self._again(kind, counted)]

    def measure(self, kind: str, whose: str, text: str, who: Who) -> None:
        """Write down what is done so that it does not come again.

        Raises
        ------
        Refused
            Nothing of that kind comes again there, or nothing is said.
        """
        if not text.strip():
            raise Refused("note_missing")
        if (kind, whose) not in {(each.kind, each.whose) for each in self.again()}:
            raise Refused("repeat_unknown", whose=whose)
        self._book.note("noted", _again_subject(kind, whose), {"what": MEASURE, "note": text.strip()}, who)

    # -- inside ----------------------------------------------------------------

    def _again(self, kind: str, counted: Callable[[Store, datetime, int], Found]) -> list[Again]:
        about = {"kind": kind} if kind != "report" else {}
        told = figures(self._grading.case_under().policy, "repeat", **about)
        days, least = float(told.get("every_days") or 60), int(told.get("how_many") or 3)
        rows = counted(self._book.store, self._book.clock() - timedelta(days=days), least)
        return [self._with_measure(kind, whose, ids, days) for whose, ids in rows]

    def _with_measure(self, kind: str, whose: str, ids: Sequence[str], days: float) -> Again:
        told = newest_events(self._book.store, "noted", 1, _again_subject(kind, whose))
        about = {"kind": kind, "whose": whose, "ids": tuple(ids), "days": days}
        if not told:
            return Again(**about)  # type: ignore[arg-type]
        done = {"done": told[0].data.get("note"), "done_by": told[0].actor, "done_at": told[0].at}
        return Again(**about, **done)  # type: ignore[arg-type]

    def _share(self, row: Row) -> float:
        kind = "outage" if row["place"] else None
        return float(self.figures(kind=kind).get("share_percent") or 0)

    def _take(self, row: Row, who: Who) -> int:
        id_ = f"{self.prefix}{row['id']}"
        data = {
            **{"kind": self.kind, "state": DRAWN, "order_id": row["id"], "owner": row["responsible"]},
            **{"request": row["request"], "words": row["note"] or "", "data": {"crew": row["crew"]}},
        }
        with self._book.lock:
            return int(self._book.note("matter_opened", id_, data, who, key=f"quality/{row['id']}"))


def _again_subject(kind: str, whose: str) -> str:
    return f"repeat/{kind}/{whose}"[:120]
