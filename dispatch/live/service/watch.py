"""What is promised and falls due: every kind on one page, before it breaks, with whoever answers for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ...promises.report import REACHED_BY, newest_given
from ...service.matters import moment
from ...service.supply_reports import DUE, MISSING
from ...store import ENDED
from ...store.matters import every_open_matter
from ...store.persons import managers_of
from ..book import answers_for
from ..desk import Desk
from .days import DaysPlan
from .inspections import SUPERVISOR

LATE, SOON, LATER, UNDATED = "late", "soon", "later", "undated"
STATES = (LATE, SOON, LATER, UNDATED)
USUAL = timedelta(hours=24)
MISSED = "missed"
# Matters without a due time of their own still wait for somebody.
QUIET = frozenset({"satisfaction", "inspection"})
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A promise that is not kept yet.

    Parameters
    ----------
    kind : of the matter; "order" for a work order, "urging", "visit" for one that its day misses,
        "supply_report" for a report of an interruption.
    what : of an order which promise, of a connection which step, of a complaint contact or answer.
    owner : who answers for it; None for nobody.
    due : None where it has no time of its own.
    version : of a matter, for whoever hands it over.
    """

    kind: str
    subject: str
    what: str
    owner: str | None
    due: datetime | None
    customer: str | None
    words: str
    state: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much of the customer desk's work is late or due soon, and how much nobody answers for."""

    late: int
    soon: int
    nobodys: int


def watched(desk: Desk, *, within: timedelta = USUAL) -> list[Watched]:
    """Everything that is promised, what is late on top, then by due time.

    Parameters
    ----------
    within : what falls due within is "soon".
    """
    now = desk.clock()
    found = [*_matters(desk), *_urgings(desk), *_orders(desk), *_visits(desk, desk.service.days.now())]
    found += _reports(desk)
    rows = [_stated(each, now, within) for each in found]
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(rows, key=lambda each: (STATES.index(each.state), each.due or far, each.subject))


def tally(desk: Desk, *, within: timedelta = timedelta(hours=4)) -> Tally:
    """The same as figures, of matters and urgings alone: what of orders is late the board says."""
    now = desk.clock()
    rows = [_stated(each, now, within) for each in (*_matters(desk), *_urgings(desk))]
    return Tally(
        late=sum(each.state == LATE for each in rows),
        soon=sum(each.state == SOON for each in rows),
        nobodys=sum(each.owner is None for each in rows),
    )


# -- inside --------------------------------------------------------------------


def _stated(each: Watched, now: datetime, within: timedelta) -> Watched:
    if each.state == LATE:
        return each
    if each.due is None:
        state = UNDATED
    else:
        state = LATE if each.due < now else SOON if each.due < now + within else LATER
    return Watched(**{name: getattr(each, name) for name in Watched.__slots__} | {"state": state})


def _matters(desk: Desk) -> Iterator[Watched]:
    for row in every_open_matter(desk.store):
        if row["kind"] in QUIET or not row["data"]:
            continue
        told = {name: row[name] for name in ("owner", "customer", "words")} | {"subject": row["id"]}
        told["version"] = row["version"]
        for what, due in _dues(row):
            # Whoever did not come owes another time at once.
            state = LATE if row["state"] == MISSED else UNDATED
            yield Watched(kind=row["kind"], what=what, due=due, state=state, **told)


def _dues(row: Row) -> list[tuple[str, datetime | None]]:
    data = row["data"]
    if row["kind"] == "complaint":
        answered = row["state"] != "open"
        contact = None if answered or data.get("contacted_at") else moment(data.get("contact_due"))
        dues = [("contact", contact)] if contact is not None else []
        return [*dues, ("word" if answered else "answer", None if answered else row["due_at"])]
    if row["kind"] == "guarantee":
        open_checks = [each for each in data["checks"] if not each["done_at"]]
        checks = [("check", moment(each["due"])) for each in open_checks]
        return [*checks, ("report", moment(data["ends"]))]
    if row["kind"] == "connection":
        return [(str(row["place"]), row["due_at"])]
    return [(row["state"], row["due_at"])]


def _urgings(desk: Desk) -> Iterator[Watched]:
    for row in desk.rows("urgings"):
        if row["answered_at"] is None:
            told = {"subject": row["subject"], "owner": row["whom"], "words": row["words"]}
            yield Watched(
                kind="urging", what=row["way"], due=row["due_at"], customer=None, state=UNDATED, **told
            )


def _orders(desk: Desk) -> Iterator[Watched]:
    rows = [row for row in desk.rows("orders") if row["state"] not in ENDED]
    given = newest_given(desk.store, {row["id"] for row in rows})
    reached: dict[str, set[str]] = {}
    for step in desk.rows("steps"):
        reached.setdefault(step["order_id"], set()).add(step["state"])
    for row in rows:
        done = reached.get(row["id"], set())
        told = {"subject": row["id"], "owner": answers_for(row) or None, "words": row["note"] or ""}
        for what, due in given.get(row["id"], {}).get("due", {}).items():
            if REACHED_BY[what] not in done:
                at = datetime.fromisoformat(due)
                yield Watched(kind="order", what=what, due=at, customer=None, state=UNDATED, **told)


def _reports(desk: Desk) -> Iterator[Watched]:
    """Reports of interruptions that are still to be made."""
    for stop, stages in desk.service.supply_reports.lines():
        for each in stages:
            if each.at is None and each.state in (DUE, MISSING):
                yield Watched(
                    kind="supply_report",
                    subject=stop.id,
                    what=each.stage,
                    owner=stop.owner,
                    due=each.due,
                    customer=None,
                    words="",
                    state=UNDATED,
                )


def _visits(desk: Desk, plan: DaysPlan) -> Iterator[Watched]:
    """Visits that come later than they are due by the plan of several days, or not at all."""
    zone, day_of = desk.case.settings.zone, plan.day_of
    looking_after = managers_of(desk.store)
    asked = {row["id"]: row["owner"] for row in desk.rows("requests")}
    for subject, told in plan.works.items():
        due, day = told.get("due"), day_of.get(subject)
        # A connection stands there by its own step.
        if due is not None and not subject.startswith("B-") and (day is None or day > due):
            manager = looking_after.get(told["customer"] or "", {}).get("person", SUPERVISOR)
            at = datetime.combine(date.fromisoformat(due), time(23, 59), zone)
            words = day or ""
            yield Watched(
                kind="visit",
                subject=subject,
                what=told["kind"],
                owner=asked.get(subject, manager),
                due=at,
                customer=told["customer"],
                words=words,
                state=UNDATED,
            )
