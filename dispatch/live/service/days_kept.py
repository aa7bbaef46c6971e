"""The plan of several days as the journal keeps it: what stands where, what was pushed back, who is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ...service.loading import Filled
from .waiting import Work

MOST_WORK = 200
NOT_DONE, STORM, CLOSED, CREWS, FULL, AGREED, HAND, STOCK = (
    *("not_done", "storm", "closed", "crews", "full", "agreed", "hand", "stock"),
)
WHYS = (NOT_DONE, STORM, CLOSED, CREWS, FULL, AGREED, HAND, STOCK)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysPlan:
    """The plan of several days as it was made last.

    Parameters
    ----------
    seq : number of its event; whoever moves something says which one was read. 0 before the first.
    days : each with day, why it is closed, room and used minutes, and routes by crew.
    works : what stands in the plan, by subject: kind, due, agreed, request.
    pushed : visits that were put back: from, to (None where no day holds them), why, how often.
    closed : days that somebody closed to visits that may wait, with who and why.
    wishes : visits that somebody gave to a day, with who and why.
    taken : requests that visits have become, by subject.
    told : the day that a customer was told last, by subject.
    """

    seq: int = 0
    at: datetime | None = None
    by: str = ""
    days: Sequence[Row] = ()
    works: Mapping[str, Row] = field(default_factory=dict)
    left: Sequence[Row] = ()
    pushed: Sequence[Row] = ()
    closed: Mapping[str, Row] = field(default_factory=dict)
    wishes: Mapping[str, Row] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def day_of(self) -> dict[str, str]:
        """The day of each visit, as ISO date."""
        return {
            visit["subject"]: day["day"]
            for day in self.days
            for route in day["routes"]
            for visit in route["visits"]
        }


def most_urgent(works: Mapping[str, Work]) -> dict[str, Work]:
    """As many as can be looked at: agreed ones, then those due first."""
    order = sorted(works.values(), key=lambda each: (each.agreed is None, each.due or date.max, each.subject))
    return {each.subject: each for each in order[:MOST_WORK]}


def work_told(work: Work) -> dict[str, Any]:
    """What the journal keeps of a visit."""
    asked = work.request.id == work.subject and not work.subject.startswith(("I-", "B-"))
    return {
        "kind": work.kind,
        "customer": work.request.customer,
        "request": work.subject if asked else None,
        "due": work.due and work.due.isoformat(),
        "agreed": work.agreed and work.agreed.isoformat(),
    }


def _whose(told: Row) -> dict[str, Any]:
    return {name: told[name] for name in ("request", "customer", "kind")}


def left_told(work: Work, last: date, rows: Sequence[Row]) -> dict[str, Any]:
    """A visit that no day holds, why, and which parts the vehicles lack where that is the reason."""
    if work.agreed and work.agreed > last:
        return {"subject": work.subject, "why": AGREED}
    parts = sorted({part for row in rows for part in row.get("short", {}).get(work.subject, ())})
    told = {"subject": work.subject, "why": STOCK if parts else FULL}
    return told | ({"parts": parts} if parts else {})


def moved_back(before: DaysPlan, subject: str, day: str, reason: str) -> Iterator[dict[str, Any]]:
    """What was pushed back so far, and what a person moves to a later day."""
    known = next((each for each in before.pushed if each["subject"] == subject), None)
    yield from (dict(each) for each in before.pushed if each["subject"] != subject)
    was = before.day_of.get(subject)
    if was is not None and was < day:
        times = 1 + int(known["times"] if known else 0)
        yield {"subject": subject, "from": was, "to": day, "why": HAND, "reason": reason, "times": times}


def renamed(kept: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A plan in which visits stand under the requests that they have become."""
    data = json.loads(json.dumps(kept))
    routes = [route for row in data["days"] for route in row["routes"]]
    for visit in (visit for route in routes for visit in route["visits"]):
        visit["subject"] = names.get(visit["subject"], visit["subject"])
    for each in (*data["left"], *data["pushed"]):
        each["subject"] = names.get(each["subject"], each["subject"])
    for part in ("works", "wishes", "told"):
        data[part] = {names.get(name, name): told for name, told in data[part].items()}
    for id_ in names.values():
        data["works"][id_]["request"] = id_
    return dict(data)


def visits(row: Row) -> Iterator[Row]:
    """All visits of a day."""
    for route in row["routes"]:
        yield from route["visits"]


def day_row(
    day: date, origin: datetime, filled: Filled, subject_of: Mapping[str, str], shut: Mapping[str, str] | None
) -> dict[str, Any]:
    """A day as the journal keeps it."""

    def moment(second: int) -> str:
        return (origin + timedelta(seconds=second)).isoformat()

    routes = [
        {
            "crew": crew,
            "visits": [
                {"subject": subject_of[job], "from": moment(begins), "to": moment(ends)}
                for job, begins, ends in visits
            ],
        }
        for crew, visits in filled.routes.items()
    ]
    sums = {"room_min": round(filled.room_min), "used_min": round(filled.used_min)}
    short = {subject_of[job]: list(parts) for job, parts in filled.short.items()}
    return {
        **{"day": day.isoformat(), "shut": dict(shut) if shut else None, "routes": routes},
        **sums,
        "short": short,
    }


def pushed(
    before: DaysPlan,
    works: Mapping[str, Work],
    placed: Mapping[str, str],
    shut: Mapping[date, Mapping[str, str]],
    today: date,
    rows: Sequence[Row],
) -> Iterator[dict[str, Any]]:
    """What was put back by this plan or by an earlier one and still waits."""
    earlier = {each["subject"]: each for each in before.pushed}
    room = {row["day"]: row["room_min"] for row in rows}
    short = {row["day"]: row.get("short", {}) for row in rows}
    storms = {row["day"]: row["shut"] for row in before.days if row["shut"]}
    for each in before.pushed:
        if each["subject"] in works and each["subject"] not in before.day_of:
            yield {**each, "to": placed.get(each["subject"])}
    for subject, was in before.day_of.items():
        if subject not in works:
            continue
        to, known = placed.get(subject), earlier.get(subject)
        if to is not None and to <= was:
            if known is not None:
                yield dict(known)
            continue
        said = shut.get(date.fromisoformat(was)) or storms.get(was)
        late = was <= str(today)
        lacks = subject in short.get(was, {})
        why = CREWS if not room.get(was) else STOCK if lacks else FULL
        why = said["why"] if said else NOT_DONE if late else why
        told = {"subject": subject, "from": was, "to": to, "why": why, "reason": said and said["reason"]}
        yield told | {"times": 1 + int(known["times"] if known else 0)}


def told_with(before: DaysPlan, made: Mapping[str, Any], tomorrow: date, evening: bool) -> dict[str, Any]:
    """A plan with what customers are told of it.

    Parameters
    ----------
    evening : the day is over and what stands tomorrow holds; earlier nobody is told of it.
    """
    at, works = made["moved_to"], made["works"]
    tell = [
        {"subject": name, "day": day, **_whose(works[name])}
        for name, day in at.items()
        if evening and day == str(tomorrow) and not works[name]["agreed"] and before.told.get(name) != day
    ]
    whys = {each["subject"]: each["why"] for each in made["pushed"]}
    gone = [
        {"subject": name, "day": day, "to": at.get(name), "why": whys.get(name, HAND), **_whose(works[name])}
        for name, day in before.told.items()
        if name in works and not works[name]["agreed"] and at.get(name) != day
    ]
    told = {name: day for name, day in before.told.items() if name in works and at.get(name) == day}
    told |= {each["subject"]: each["day"] for each in tell}
    kept = {name: value for name, value in made.items() if name != "moved_to"}
    return {**kept, "told": told, "tell": tell, "gone": gone}
