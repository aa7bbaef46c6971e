"""Shortages of supply: what-if, the rota that is used, its end with figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from ...service.figures import serving
from ...service.matters import Changed
from ...service.shortage import CANCELLED, ENDED, LONGEST, PLANNED, Shed, Unit, rota, units_of
from ..book import Book, Who
from ..grading import Grading
from ..refusals import Refused
from .guarantees import Guarantees
from .matters import Matters

USUAL_SPAN_MIN = 120.0
LARGEST_KW = 100_000_000.0
FACTS = ("industry", "load_type", "voltage_kv", "sources")
Row = Mapping[str, Any]


class Shortages(Matters):
    """What is shed when there is too little."""

    kind, prefix = "shedding", "S-"

    def __init__(self, book: Book, grading: Grading, guarantees: Guarantees) -> None:
        super().__init__(book, grading)
        self._guarantees = guarantees

    def what_if(self, asked_kw: float, begins: datetime, ends: datetime) -> Shed:
        """The rota for a shortage; nothing is kept and nobody is told.

        Raises
        ------
        Refused
            No kW are asked, or the time has passed, ends before it begins or is longer than a day.
        """
        now = self._book.clock()
        if not 0 < asked_kw <= LARGEST_KW or ends <= begins or ends <= now or ends - begins > LONGEST:
            raise Refused("shed_wrong")
        return self.rota_of(asked_kw, begins, ends)

    def rota_of(self, asked_kw: float, begins: datetime, ends: datetime) -> Shed:
        """The rota alone, whatever the time."""
        span = timedelta(minutes=float(self.figures().get("span_min") or USUAL_SPAN_MIN))
        units, protected = self._units()
        guarded = self._guarded(begins, ends)
        free = [each for each in units if each.feeder not in guarded]
        return rota(free, protected, asked_kw, begins, ends, span)

    def use(
        self,
        asked_kw: float,
        begins: datetime,
        ends: datetime,
        who: Who,
        reason: str = "",
        key: str | None = None,
    ) -> str:
        """Use a rota: customers are told of their turns. One that falls short needs a reason.

        Raises
        ------
        Refused
            As `what_if`; or the kW asked cannot be reached and no reason is given (the shortfall is named).
        """
        shed = self.what_if(asked_kw, begins, ends)
        if shed.short_kw and not reason.strip():
            asked, reached, short = (f"{kw:,.0f}" for kw in (asked_kw, shed.reached_kw, shed.short_kw))
            raise Refused("shed_short", asked=asked, reached=reached, short=short)
        with self._book.lock, self._book.store.writing() as connection:
            if (begun := self._begun(connection, key)) is not None:
                return begun
            data = shed.to_data() | {"begins": begins.isoformat(), "ends": ends.isoformat()}
            return self._begin(
                connection,
                who,
                key,
                state=PLANNED,
                words=reason.strip(),
                due_at=ends.isoformat(),
                data=data | {"reason": reason.strip() or None},
            )

    def end(self, id_: str, kw: float, note: str, who: Who, *, seen: int) -> int:
        """End a shortage with the kW that were measured."""
        if not note.strip() or not 0 <= kw <= LARGEST_KW:
            raise Refused("shed_report")
        to = {"state": ENDED, "ended_at": self._book.clock().isoformat()}
        changed = Changed(to=to, put={"measured_kw": kw, "report": note.strip()})
        return self.act(id_, "end", who, lambda *_: changed, seen=seen, text=note)

    def cancel(self, id_: str, reason: str, who: Who, *, seen: int) -> int:
        """It is not needed after all; whoever was told of a turn hears that."""
        if not reason.strip():
            raise Refused("reason_missing")
        to = {"state": CANCELLED, "ended_at": self._book.clock().isoformat()}
        return self.act(id_, "cancel", who, lambda *_: Changed(to=to), seen=seen, reason=reason)

    # -- inside ----------------------------------------------------------------

    def _units(self) -> tuple[list[Unit], dict[str, int]]:
        """What may be shed under the policy and the customers in force, worked out once for the same."""
        return self._book.kept("shedding units", ("standing", "policies"), self._worked_out)

    def _worked_out(self) -> tuple[list[Unit], dict[str, int]]:
        case = self._grading.case_under()
        table = case.customers.table
        columns = {name: table[name].to_numpy() for name in FACTS}
        columns |= {
            "grade": self._grading.grades.grade,
            "supply_guarantee": table["supply_guarantee"].to_numpy(),
        }
        columns["matter"] = np.full(len(table), self.kind, dtype=object)
        ranks = serving(case.policy).decide_many("service", columns)["shed_rank"]
        return units_of(case, np.asarray(ranks, dtype=np.float64))

    def _guarded(self, begins: datetime, ends: datetime) -> set[str]:
        """Feeders that an event is guaranteed at that time."""
        heads = set(self._book.case.grid.feeder_of_transformer.values())
        return {each for row in self._guarantees.over(heads, begins, ends) for each in row["data"]["feeders"]}
