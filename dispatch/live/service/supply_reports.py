"""What was reported of each interruption, and what is owed: out of orders, announcements and the journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...etr.records import last_stated
from ...ground.day import DayPlan
from ...outages.planned import feeders_of_places
from ...service.figures import figures
from ...service.supply_reports import (
    FAULT,
    IN_TIME,
    LATE,
    MISSING,
    PLANNED,
    RETURN,
    SAID,
    STAGES,
    STATES,
    STOP,
    TEMPORARY,
    Report,
    Standing,
    Stop,
    lacking,
    standing,
)
from ...store import ENDED, Event
from ...store.history import events_between, events_keyed, events_of
from ..archive import Archive
from ..book import NOBODY, Book, Who
from ..grading import Grading
from ..refusals import Refused

REPORTED = "supply_reported"
KEY = "supply_report/"
ANNOUNCED, CANCELLED = "planned/", "unplanned/"
USUAL_DAYS, LONGEST_DAYS = 7, 92
MOST_AT_ONCE = 200
URGENCY = {PLANNED: "general", TEMPORARY: "urgent", FAULT: None}
REST_ON = ("orders", "steps", "noted", "plans", "policies", "standing")
Row = Mapping[str, Any]
Line = tuple[Stop, tuple[Standing, ...]]


@dataclass(slots=True)
class _Life:
    """One interruption of an order, as the journal tells it."""

    opened: Event
    crew: str | None = None
    cause: str | None = None
    restored: datetime | None = None
    ended: datetime | None = None
    reports: tuple[Report, ...] = ()


class SupplyReports:
    """The desk's reports of interruptions."""

    def __init__(self, book: Book, grading: Grading, archive: Archive) -> None:
        self._book, self._grading, self._archive = book, grading, archive

    def lines(self, days: int = USUAL_DAYS) -> list[Line]:
        """Interruptions that are open or began in the last days, with where their reports stand.

        What is missing stands first, the longest late on top.
        """
        now = self._book.clock()
        stops = self._book.kept(f"supply reports {days}", REST_ON, lambda: list(self._stops(now, days)))
        lines = [(each, _standings(each, now)) for each in stops]
        return sorted(lines, key=_order)

    def report(
        self, id_: str, stage: str, who: Who, said: Mapping[str, Any], *, key: str | None = None
    ) -> None:
        """Report a stage of an interruption as it is known now.

        Parameters
        ----------
        said : what a person says of it; it counts before what the program knows.

        Raises
        ------
        Refused
            There is no such interruption, or supply is not known to be back.
        """
        line = next((each for each in self.lines(LONGEST_DAYS) if each[0].id == id_), None)
        if line is None:
            raise Refused("report_unknown", subject=id_)
        self._write(line[0], stage, who, said, key)

    def report_complete(self, who: Who) -> int:
        """Report every stage that is due and lacks nothing; how many."""
        due = [
            (stop, each.stage)
            for stop, stages in self.lines()
            for each in stages
            if each.at is None and not each.lacks and each.state in (MISSING, "due")
        ]
        for stop, stage in due[:MOST_AT_ONCE]:
            self._write(stop, stage, who, {}, None)
        return min(len(due), MOST_AT_ONCE)

    # -- inside ----------------------------------------------------------------

    def _write(self, stop: Stop, stage: str, who: Who, said: Mapping[str, Any], key: str | None) -> None:
        kept = {name: said[name] for name in SAID if said.get(name) not in (None, "")}
        fields = {**stop.fields, **kept}
        if stage == RETURN and fields.get("restored") is None:
            raise Refused("report_not_back", subject=stop.id)
        data = {
            "what": REPORTED,
            "stage": stage,
            "fields": fields,
            "lacks": list(lacking(stop.kind, fields, stage)),
        }
        self._book.note("noted", stop.id, data, who, key=None if key is None else f"{KEY}{key}")

    def _stops(self, now: datetime, days: int) -> Iterator[Stop]:
        since = now - timedelta(days=days)
        yield from self._planned(now, since)
        yield from self._faults(now, since)

    def _due(self, kind: str, fields: Row, known_at: datetime) -> dict[str, datetime | None]:
        """When each stage is to be reported, by the policy in force."""
        policy = self._grading.case_under().policy
        about = {"kind": "outage" if kind == FAULT else "planned_work", "urgency": URGENCY[kind]}
        stop, back = figures(policy, "stop_report", **about), figures(policy, "return_report", **about)
        begins, restored = _moment(fields["begins"]), _moment(fields.get("restored"))
        due = None
        if kind == FAULT and stop.get("span_min") is not None:
            due = known_at + timedelta(minutes=float(stop["span_min"]))
        elif kind != FAULT and begins is not None and stop.get("ahead_days") is not None:
            due = begins - timedelta(days=float(stop["ahead_days"]))
        minutes = back.get("span_min")
        later = None if restored is None or minutes is None else restored + timedelta(minutes=float(minutes))
        return {STOP: due, RETURN: later}

    def _planned(self, now: datetime, since: datetime) -> Iterator[Stop]:
        gone = {each.subject for each in events_keyed(self._book.store, CANCELLED)}
        found = [
            each
            for each in events_keyed(self._book.store, ANNOUNCED)
            if each.subject not in gone and datetime.fromisoformat(each.data["to"]) >= since
        ]
        told = self._reports(each.subject for each in found)
        for event in found:
            fields = self._announced(event, now)
            kind = TEMPORARY if event.data["urgent"] else PLANNED
            yield Stop(
                id=event.subject,
                kind=kind,
                known_at=event.at,
                fields=fields,
                due=self._due(kind, fields, event.at),
                reports=told.get(event.subject, ()),
                lapsed=False,
                owner=event.actor,
            )

    def _announced(self, event: Event, now: datetime) -> dict[str, Any]:
        """What is known of an outage that was announced; over when its time is."""
        data, transformers = event.data, event.data["transformers"]
        over = datetime.fromisoformat(data["to"]) <= now
        return {
            "place": "; ".join(data.get("opened") or transformers[:4]),
            "feeder": self._feeder(transformers, data.get("opened", ())),
            "area": self._area_of(transformers),
            "customers": self._customers(transformers),
            "cause": data["reason"] or None,
            "begins": data["from"],
            "expected": data["to"],
            "leader": event.actor if event.actor not in NOBODY else None,
            "restored": data["to"] if over else None,
        }

    def _faults(self, now: datetime, since: datetime) -> Iterator[Stop]:
        rows = {row["id"]: row for row in self._book.rows("orders") if row["place"]}
        ids = {each for each, row in rows.items() if row["state"] not in ENDED}
        opened = events_between(self._book.store, since, now + timedelta(seconds=1), ("order_opened",))
        ids |= {event.subject for event in opened if event.data.get("place")}
        etrs = last_stated(self._book.store, now)
        day = self._archive.day()
        for life in self._lives(ids):
            id_ = life.opened.subject
            if life.ended is not None and life.opened.at < since:
                continue
            fields = self._fields(life, rows.get(id_), day)
            etr = etrs.get(id_)
            fields["expected"] = None if etr is None or etr.p90 is None else etr.p90.isoformat()
            row = rows.get(id_)
            owner = life.opened.data.get("responsible") if row is None else row["responsible"]
            yield Stop(
                id=id_,
                kind=FAULT,
                known_at=life.opened.at,
                fields=fields,
                due=self._due(FAULT, fields, life.opened.at),
                reports=life.reports,
                lapsed=life.ended is not None and life.restored is None,
                owner=None if owner in NOBODY else owner,
            )

    def _fields(self, life: _Life, row: Row | None, day: DayPlan) -> dict[str, Any]:
        data, id_ = life.opened.data, life.opened.subject
        outage = day.outage_by_id.get(id_)
        crew = self._book.case.crew_by_id.get(life.crew or "")
        card = next((each for each in day.cards.values() if each.order == id_ and not each.remote), None)
        last = next((each.fields for each in reversed(life.reports)), {})
        transformers = () if outage is None else outage.transformers
        # Below a transformer (a main, a service) the customers say which one it is.
        below = [data["place"], *((outage.customers or ())[:1] if outage is not None else ())]
        known = [each for each in below if each in self._book.case.customers]
        if known:
            transformers = (str(self._book.case.customers.facts(known[-1])["transformer"]),)
        return {
            "place": data["place"],
            "feeder": self._feeder(transformers, (data["place"],)) or last.get("feeder"),
            "area": self._street(card.lon, card.lat) if card is not None else last.get("area"),
            "customers": outage.customers_out if outage is not None else data.get("customers"),
            "cause": (None if row is None else row["cause"]) or life.cause or last.get("cause"),
            "begins": data.get("since") or life.opened.at.isoformat(),
            "leader": crew.name if crew is not None else last.get("leader"),
            "restored": None if life.restored is None else life.restored.isoformat(),
        }

    def _lives(self, ids: Iterable[str]) -> Iterator[_Life]:
        """The newest interruption of each order."""
        found: dict[str, _Life] = {}
        kinds = ("order_opened", "order_moved", "order_told", "noted")
        for event in events_of(self._book.store, set(ids), kinds):
            if event.kind == "order_opened":
                found[event.subject] = _Life(opened=event)
            elif event.subject in found:
                _take_in(found[event.subject], event)
        yield from found.values()

    def _reports(self, ids: Iterable[str]) -> dict[str, tuple[Report, ...]]:
        found: dict[str, tuple[Report, ...]] = {}
        for event in events_of(self._book.store, set(ids), ("noted",)):
            if event.data.get("what") == REPORTED:
                found[event.subject] = (*found.get(event.subject, ()), _report(event))
        return found

    def _feeder(self, transformers: Iterable[str], places: Iterable[str]) -> str | None:
        grid = self._book.case.grid
        head_of = grid.feeder_of_transformer
        heads = {head_of[each] for each in transformers if each in head_of}
        heads = heads or set(feeders_of_places(grid, places))
        return ", ".join(sorted(heads)) or None

    def _customers(self, transformers: Iterable[str]) -> int:
        known = self._book.case.customers.rows_by_transformer
        return sum(len(known[each]) for each in transformers if each in known)

    def _area_of(self, transformers: Iterable[str]) -> str | None:
        """Streets of the first transformers' customers, without anybody's number."""
        case = self._book.case
        known, table = case.customers.rows_by_transformer, case.customers.table
        rows = [int(known[each][0]) for each in transformers if each in known and len(known[each])][:3]
        names = dict.fromkeys(
            self._street(float(table["lon"].iloc[at]), float(table["lat"].iloc[at])) for at in rows
        )
        return ", ".join(name for name in names if name) or None

    def _street(self, lon: float, lat: float) -> str | None:
        return self._book.case.roads.nearest_name(lon, lat) or None


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """How many reports stand where, and how many are in time and complete."""
    found = dict.fromkeys((*STATES, "complete", "reported"), 0)
    for _, stages in lines:
        for each in stages:
            found[each.state] += 1
            if each.state in (IN_TIME, LATE):
                found["reported"] += 1
                found["complete"] += not each.lacks
    return found


def _standings(stop: Stop, now: datetime) -> tuple[Standing, ...]:
    return tuple(found for stage in STAGES if (found := standing(stop, stage, now)) is not None)


def _order(line: Line) -> tuple[int, float, str]:
    worst = min((STATES.index(each.state) for each in line[1]), default=len(STATES))
    due = min((each.due.timestamp() for each in line[1] if each.due and each.at is None), default=0.0)
    return worst, due or -line[0].known_at.timestamp(), line[0].id


def _take_in(life: _Life, event: Event) -> None:
    data = event.data
    if event.kind == "noted":
        if data.get("what") == REPORTED:
            life.reports = (*life.reports, _report(event))
        return
    life.crew = data["crew"] if data.get("crew") else life.crew
    life.cause = data.get("cause") or life.cause
    if event.kind == "order_moved" and data["to"] == "restored" and data.get("why") != "answered":
        life.restored = event.at
    elif event.kind == "order_moved" and data["to"] == "accepted":
        life.restored = life.ended = None
    elif event.kind == "order_moved" and data["to"] in ENDED:
        life.ended = event.at


def _report(event: Event) -> Report:
    return Report(stage=event.data["stage"], at=event.at, by=event.actor, fields=event.data["fields"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
