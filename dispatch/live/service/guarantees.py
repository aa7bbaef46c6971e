"""Supply guarantee for events (保电): no planned outages, crews kept near, inspections before it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...ground.case import OWN_CHANNEL
from ...service.guarantees import LEVELS, OPEN, checked, checks_for, closed, mended, overlapping
from ...service.matters import Changed
from ...store.matters import matters_under_way, open_matters
from ..archive import Archive
from ..book import Book, Who
from ..calls import Calls
from ..entries import Entry
from ..grading import Grading
from ..refusals import Refused
from .ahead import job_of
from .matters import Matters

PRESENCE_KIND = "planned_work"
# Whoever is kept near is there so long before the event begins.
BEFORE, LATE = timedelta(minutes=60), timedelta(minutes=30)
# No watch is longer, so that crews can take turns; an event that lasts for days is watched for its first.
WATCH, MOST_WATCHES = timedelta(hours=4), 6
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event that is to have supply.

    Parameters
    ----------
    feeders : by the device at their head; those of the customers where none is named.
    level : 1 is the highest.
    lon, lat : where crews wait; at the first customer where nothing is said.
    """

    name: str
    place: str
    begins: datetime
    ends: datetime
    level: int
    feeders: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None


class Guarantees(Matters):
    """The events that are guaranteed supply."""

    kind, prefix = "guarantee", "G-"

    def __init__(self, book: Book, grading: Grading, calls: Calls, archive: Archive) -> None:
        super().__init__(book, grading)
        self._calls, self._archive = calls, archive

    def plan(self, event: Event, who: Who, reason: str = "", key: str | None = None) -> str:
        """Begin a guarantee; one that overlaps another on the same feeder needs a reason.

        Raises
        ------
        Refused
            A feeder or customer is unknown, it ends before it begins, or it overlaps another.
        """
        feeders = self._feeders(event)
        with self._book.lock, self._book.store.writing() as connection:
            if (begun := self._begun(connection, key)) is not None:
                return begun
            under_way = matters_under_way(connection, self.kind)
            others = overlapping(under_way, feeders, event.begins, event.ends)
            if others and not reason.strip():
                shared = sorted(set(feeders) & set(others[0]["data"]["feeders"]))[0]
                values = {"other": others[0]["id"], "name": others[0]["words"], "feeder": shared}
                raise Refused("guarantee_overlaps", **values)
            data = self._data(event, feeders, others, reason)
            customer = event.customers[0] if event.customers else None
            return self._begin(
                connection,
                who,
                key,
                words=event.name,
                place=event.place[:120],
                customer=customer,
                state=OPEN,
                level=event.level,
                due_at=event.begins.isoformat(),
                data=data,
            )

    def check(self, id_: str, number: int, finding: str, who: Who, *, seen: int) -> int:
        """Write an inspection down, with what it found."""
        now = self._book.clock()

        def make(row: Row, _: Any) -> Changed:
            return checked(row, number, finding.strip(), who.name, now)

        return self.act(id_, "check", who, make, seen=seen, note=finding, check=number)

    def mend(self, id_: str, number: int, note: str, who: Who, *, seen: int) -> int:
        """What an inspection found is mended; says how."""
        if not note.strip():
            raise Refused("note_missing")
        now = self._book.clock()
        return self.act(
            id_, "mend", who, lambda row, _: mended(row, number, now), seen=seen, note=note, check=number
        )

    def stand_by(self, id_: str, who: Who, *, seen: int) -> int:
        """Have crews kept near: their presence becomes work of every plan, from an hour before to the end."""
        row = self._now(id_)
        if row["version"] != seen:
            raise Refused("matter_changed", subject=id_)
        wanted = [
            self._present(row, f"{number}.{at}", begins, ends, who)
            for number in range(1, row["data"]["crews"] + 1)
            for at, (begins, ends) in enumerate(_watches(row), 1)
        ]
        return self.act(id_, "stand_by", who, lambda *_: Changed(put={"presence": wanted}), seen=seen)

    def close(self, id_: str, report: str, who: Who, *, seen: int, reason: str = "") -> int:
        """End a guarantee with its report."""
        now = self._book.clock()

        def make(row: Row, _: Any) -> Changed:
            return closed(row, report, reason, len(self.outages_on(row)), now)

        return self.act(id_, "close", who, make, seen=seen, text=report, reason=reason)

    def allow(self, id_: str, outage: str, reason: str, who: Who) -> None:
        """Write down that a supervisor allows a planned outage all the same."""
        row = self._now(id_)
        data = {"act": "outage_allowed", "to": {}, "put": {}, "note": reason, "order": outage}
        self._book.note("matter_changed", row["id"], data, who, key=f"allowed/{id_}/{outage}")

    def over(self, feeders: Collection[str], begins: datetime, ends: datetime) -> list[Row]:
        """Guarantees on some feeders at some time."""
        return overlapping(open_matters(self._book.store, self.kind), feeders, begins, ends)

    def outages_on(self, row: Row) -> list[str]:
        """Outages of the plan in force that touch its feeders."""
        feeders, head_of = set(row["data"]["feeders"]), self._book.case.grid.feeder_of_transformer
        return [
            outage.id
            for outage in self._archive.day().outages
            if any(head_of.get(each) in feeders for each in outage.transformers)
        ]

    def kept_near(self, row: Row) -> list[tuple[str, str | None, datetime | None]]:
        """Each presence with the crew that the plan in force gives it, and when it is there."""
        day = self._archive.day()
        found = {
            visit.job: (route.crew, day.origin + timedelta(seconds=visit.arrival_s))
            for route in day.plan.routes
            for visit in route.visits
        }
        return [(each, *found.get(job_of(each), (None, None))) for each in row["data"].get("presence", [])]

    # -- inside ----------------------------------------------------------------

    def _feeders(self, event: Event) -> Sequence[str]:
        case = self._book.case
        if not event.name.strip():
            raise Refused("note_missing")
        if event.ends <= event.begins or event.ends <= self._book.clock():
            raise Refused("guarantee_times")
        if event.level not in LEVELS:
            raise Refused("guarantee_times")
        for customer in event.customers:
            if customer not in case.customers:
                raise Refused("unknown_customer", customer=customer)
        head_of = case.grid.feeder_of_transformer
        known = set(head_of.values())
        for feeder in event.feeders:
            if feeder not in known:
                raise Refused("unknown_feeder", feeder=feeder)
        own = (head_of.get(str(case.customers.table["transformer"][each])) for each in event.customers)
        feeders = tuple(dict.fromkeys([*event.feeders, *(each for each in own if each)]))
        if not feeders:
            raise Refused("guarantee_no_feeder")
        return feeders

    def _data(
        self, event: Event, feeders: Sequence[str], others: Sequence[Row], reason: str
    ) -> dict[str, Any]:
        """What an event holds when it begins; inspections and crews by the rules of its level."""
        told = self.figures(matter_level=event.level)
        ahead = timedelta(days=float(told.get("ahead_days") or 0))
        checks = checks_for(feeders, event.customers, event.begins, ahead, self._book.clock())
        return {
            **{"begins": event.begins.isoformat(), "ends": event.ends.isoformat()},
            **{"feeders": list(feeders), "customers": list(event.customers), "where": event.place},
            **{"lon": event.lon, "lat": event.lat, "checks": checks, "presence": []},
            **{"crews": int(told.get("how_many") or 0), "overlaps": [row["id"] for row in others]},
            "reason": reason.strip() or None,
        }

    def _present(self, row: Row, number: str, begins: datetime, ends: datetime, who: Who) -> str:
        """A request that a crew be there for a while; the same one however often it is asked for."""
        data = row["data"]
        if row["customer"] is None and data["lon"] is None:
            raise Refused("no_place")
        entry = Entry(
            received_at=self._book.clock(),
            words=f"{row['id']} {row['words']} ({number})",
            channel=OWN_CHANNEL,
            customer=row["customer"],
            kind=PRESENCE_KIND,
            lon=data["lon"],
            lat=data["lat"],
            appointment_from=begins,
            appointment_to=begins + LATE,
        )
        key = f"presence/{row['id']}/{number}"
        logged = self._calls.log(entry, who, key=key)
        minutes = (ends - begins).total_seconds() / 60
        told = {"what": "minutes", "data": {"minutes": minutes}, "reason": row["id"]}
        self._book.note("changed", job_of(logged.id), told, who, key=f"{key}/minutes")
        return logged.id

    def _now(self, id_: str) -> Row:
        with self._book.store.reading() as connection:
            return self._row(connection, id_)


def _watches(row: Row) -> list[tuple[datetime, datetime]]:
    """The watches of one crew after the other, from before an event to its end."""
    begins = datetime.fromisoformat(row["data"]["begins"]) - BEFORE
    ends = datetime.fromisoformat(row["data"]["ends"])
    found: list[tuple[datetime, datetime]] = []
    while begins < ends and len(found) < MOST_WATCHES:
        found.append((begins, min(ends, begins + WATCH)))
        begins += WATCH
    return found
