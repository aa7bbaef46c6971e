"""Appointments: slots that the plan can keep, taken by one caller, told again the day before, kept or missed.

agreed -> kept
  ^  \\-> missed -> agreed again, or cancelled
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ...service.matters import Changed, moment
from ...service.slots import day_windows, within
from ...store import Event, record
from ...store.matters import matters_under_way, one_matter, open_matters
from ...store.queries import request_rows
from ...store.request_list import key_is_known, one_request
from ..book import Book, Who
from ..calls import Calls
from ..grading import Grading
from ..refusals import Refused
from .ahead import Ahead, Tried, job_of
from .matters import Matters

AGREED, KEPT, MISSED, CANCELLED = "agreed", "kept", "missed", "cancelled"
ARRIVED = frozenset({"on_site", "safe", "restored", "done"})
# From this hour of the day before on customers are told again; never at night.
TOLD_FROM_HOUR = 9
LEAST_SPAN, USUAL_SPAN_MIN, USUAL_DAYS, USUAL_MANY = timedelta(minutes=15), 120.0, 3, 6
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A stretch of time that is offered to a caller.

    Parameters
    ----------
    id : which slot of which crew; whoever takes it first has it.
    starts : when work would begin by the plan.
    cost : what it costs all others and the crew, in the plan's cost, as the judge prices it.
    """

    id: str
    begins: datetime
    ends: datetime
    crew: str
    starts: datetime
    cost: float


class Appointments(Matters):
    """What customers have been promised a time for."""

    kind, prefix = "appointment", "A-"

    def __init__(self, book: Book, grading: Grading, calls: Calls, ahead: Ahead) -> None:
        super().__init__(book, grading)
        self._calls, self._ahead = calls, ahead

    def offers(self, request: str) -> tuple[Slot, ...]:
        """Slots that can be kept, the cheapest first.

        Raises
        ------
        Refused
            There is no such request, it has ended, or no crew need drive anywhere for it.
        """
        row = self._asked(request)
        told = self.figures(kind=self._calls.classified(row).kind, grade=self.grade_of(row["customer"]))
        span = timedelta(minutes=float(told.get("span_min") or USUAL_SPAN_MIN))
        most = int(told.get("how_many") or USUAL_MANY)
        promised = [each for each in open_matters(self._book.store, self.kind) if each["request"] != request]
        found: list[Slot] = []
        tried = False
        for when in self._days(int(told.get("ahead_days") or USUAL_DAYS)):
            opened = self._opened(when, request, promised)
            if opened is not None:
                tried = True
                found += self._slots(opened, when, max(LEAST_SPAN, span), promised)
        if not tried:
            raise Refused("no_visit", request=request)
        return tuple(sorted(found, key=lambda each: (round(each.cost, 1), each.begins))[:most])

    def take(self, request: str, slot: str, who: Who, reason: str = "", key: str | None = None) -> str:
        """Promise a slot to the caller of a request; agreeing on another one needs a reason.

        The window goes into the request, and with it into every later plan.

        Raises
        ------
        Refused
            The slot is not free any more (`slot_taken`), or the request has ended.
        """
        id_ = f"{self.prefix}{request}"
        with self._book.lock:
            if self._known(key):
                return id_
            found = next((each for each in self.offers(request) if each.id == slot), None)
            if found is None:
                raise Refused("slot_taken", request=request)
            with self._book.store.writing() as connection:
                # Another server on this database may have promised it meanwhile.
                if any(row["place"] == slot for row in matters_under_way(connection, self.kind)):
                    raise Refused("slot_taken", request=request)
                self._promise(connection, id_, request, found, who, reason, key)
        return id_

    def end(self, id_: str, state: str, who: Who, *, seen: int, reason: str = "") -> int:
        """Say that an appointment was kept, missed or called off; the last two with a reason."""

        def make(row: Row, _: Any) -> Changed:
            if state != KEPT and not reason.strip():
                raise Refused("reason_missing")
            return self._ended(row, state, self._book.clock())

        return self.act(id_, state, who, make, seen=seen, reason=reason)

    def look(self) -> None:
        """Tell customers again the day before; write down who was kept and who was missed."""
        now = self._book.clock()
        agreed = open_matters(self._book.store, self.kind)
        if not agreed:
            return
        jobs = {row["id"]: row for row in self._book.rows("jobs")}
        asked = request_rows(self._book.store, [row["request"] for row in agreed])
        withdrawn = {row["id"] for row in asked if row["withdrawn"]}
        over = {row["id"] for row in asked if not row["open"]} - withdrawn
        for row in agreed:
            if row["state"] == MISSED and row["request"] in over:
                # Somebody came all the same, later: no other time is owed any more.
                ended = Changed(to={"ended_at": now.isoformat()})
                self.noted(row["id"], "came_later", ended, key=f"later/{row['id']}/{row['version']}")
                continue
            self._told_again(row, now)
            state = self._became(row, jobs.get(job_of(row["request"])), row["request"] in withdrawn, now)
            if state is not None:
                changed = self._ended(row, state, now)
                self.noted(row["id"], state, changed, key=f"{state}/{row['id']}/{row['version']}")

    # -- inside ----------------------------------------------------------------

    def _asked(self, request: str) -> Row:
        with self._book.store.reading() as connection:
            row = one_request(connection, request)
        if row is None:
            raise Refused("unknown_request", request=request)
        if not row["open"]:
            raise Refused("matter_ended", subject=request)
        return row

    def _known(self, key: str | None) -> bool:
        with self._book.store.reading() as connection:
            return key_is_known(connection, key)

    def _days(self, count: int) -> Iterator[date]:
        today = self._book.clock().astimezone(self._book.case.settings.zone).date()
        return (today + timedelta(days=each) for each in range(count + 1))

    def _opened(self, when: date, request: str, promised: Sequence[Row]) -> Tried | None:
        zone, now = self._book.case.settings.zone, self._book.clock()
        own = [
            row
            for row in promised
            if row["state"] == AGREED and row["due_at"].astimezone(zone).date() == when
        ]
        if when == now.astimezone(zone).date():
            return self._ahead.today(request, own)
        return self._ahead.later(when, request, own)

    def _slots(self, opened: Tried, when: date, span: timedelta, promised: Sequence[Row]) -> Iterator[Slot]:
        zone, origin = self._book.case.settings.zone, opened.day.origin
        spans = day_windows(when, span, zone, self._book.clock())
        held = Counter(str(row["place"]).rsplit("/", 1)[0] for row in promised)
        for (begins, ends), window in zip(spans, within(spans, origin), strict=True):
            fit = opened.fitter.best(window) if window[0] >= 0 else None
            if fit is None:
                continue
            place = f"{begins.isoformat(timespec='minutes')}/{fit.crew}"
            yield Slot(
                id=f"{place}/{held[place] + 1}",
                begins=begins,
                ends=ends,
                crew=fit.crew,
                starts=origin + timedelta(seconds=fit.start_s),
                cost=fit.cost,
            )

    def _promise(
        self, connection: Any, id_: str, request: str, slot: Slot, who: Who, reason: str, key: str | None
    ) -> None:
        asked, known = one_request(connection, request), one_matter(connection, id_)
        assert asked is not None
        to = {"state": AGREED, "place": slot.id, "due_at": slot.ends.isoformat(), "ended_at": None}
        put: dict[str, Any] = {
            "begins": slot.begins.isoformat(),
            "ends": slot.ends.isoformat(),
            "crew": slot.crew,
        }
        put |= {"cost": round(slot.cost, 1), "agreed_at": self._book.clock().isoformat()}
        if known is None:
            about = {"request": request, "customer": asked["customer"], "words": asked["words"], **to}
            self._begin(connection, who, key, id_, data=put | {"agreed": 1}, **about)
        else:
            if known["state"] == AGREED and not reason.strip():
                raise Refused("reason_missing")
            put |= {"agreed": int(known["data"].get("agreed", 1)) + 1, "reminded_at": None}
            data = {"act": "agree", "to": to, "put": put, "reason": reason.strip()}
            record(connection, self._book.event(who, "matter_changed", id_, data, key))
        record(connection, self._window(asked, slot.begins, slot.ends, who))

    def _window(self, asked: Row, begins: datetime, ends: datetime, who: Who) -> Event:
        """The request's own window, which every later plan keeps."""
        to = {"appointment_from": begins.isoformat(), "appointment_to": ends.isoformat()}
        was = {name: asked[name] and asked[name].isoformat() for name in to}
        data = {"what": "edited", "to": to, "was": was, "reason": "appointment"}
        return self._book.event(who, "request_changed", asked["id"], data)

    def _told_again(self, row: Row, now: datetime) -> None:
        """Once, on the day before; whoever agreed on that day itself knows."""
        begins = moment(row["data"].get("begins"))
        if row["state"] != AGREED or begins is None or row["data"].get("reminded_at"):
            return
        zone = self._book.case.settings.zone
        local, day = now.astimezone(zone), begins.astimezone(zone).date()
        agreed = moment(row["data"].get("agreed_at"))
        if agreed is not None and agreed.astimezone(zone).date() == local.date():
            return
        if local.date() == day - timedelta(days=1) and local.hour >= TOLD_FROM_HOUR:
            put = {"reminded_at": now.isoformat()}
            self.noted(row["id"], "remind", Changed(put=put), key=f"remind/{row['id']}/{begins.isoformat()}")

    def _became(self, row: Row, job: Row | None, withdrawn: bool, now: datetime) -> str | None:
        if withdrawn:
            return CANCELLED
        if job is not None and job["state"] in ARRIVED and row["state"] == AGREED:
            return KEPT if job["since"] <= row["due_at"] or now <= row["due_at"] else MISSED
        if row["state"] == AGREED and now > row["due_at"]:
            return MISSED
        return None

    def _ended(self, row: Row, state: str, now: datetime) -> Changed:
        if state == MISSED:
            missed = int(row["data"].get("missed", 0)) + 1
            return Changed(to={"state": MISSED, "due_at": None}, put={"missed": missed})
        return Changed(to={"state": state, "ended_at": now.isoformat()})
