"""The plan of several days: visits that may wait, planned again each evening, moved by hand.

The journal keeps each plan whole under the subject `days`: days with routes, what was pushed back and
why, days that somebody closed, visits that somebody moved. The newest one counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from ...ground.case import OWN_CHANNEL
from ...service.figures import figures
from ...service.loading import Waiting, chosen, fill
from ...store import queries, record
from ...store.matters import one_matter
from ..book import Book, Who
from ..calls import Calls
from ..entries import Entry
from ..grading import Grading
from ..refusals import Refused
from .ahead import Ahead
from .connections import end_request
from .days_kept import (
    CLOSED,
    STORM,
    DaysPlan,
    day_row,
    left_told,
    most_urgent,
    moved_back,
    pushed,
    renamed,
    told_with,
    visits,
    work_told,
)
from .inspections import Inspections
from .waiting import WaitingWork, Work
from .weather_days import stormy_days

SUBJECT, PLANNED = "days", "days_planned"
CLOCK = Who(name="service", source="timer")
# In the evening the next days are planned, before the hours in which nobody is rung; in the morning
# the day's visits become work orders.
EVENING, EARLY = 17, 5
USUAL_DAYS, USUAL_SHARE = 5, 60.0
Row = Mapping[str, Any]


class Days:
    """The plan of several days."""

    def __init__(
        self,
        book: Book,
        grading: Grading,
        calls: Calls,
        ahead: Ahead,
        waiting: WaitingWork,
        inspections: Inspections,
    ) -> None:
        self._book, self._grading, self._calls = book, grading, calls
        self._ahead, self._waiting, self._inspections = ahead, waiting, inspections

    def now(self) -> DaysPlan:
        """The plan that counts."""
        newest = queries.newest_events(self._book.store, "noted", 1, SUBJECT)
        if not newest:
            return DaysPlan()
        event = newest[0]
        names = ("days", "works", "left", "pushed", "closed", "wishes", "taken", "told")
        kept = {name: event.data[name] for name in names if name in event.data}
        return DaysPlan(seq=event.seq or 0, at=event.at, by=event.actor, **kept)

    def plan(self, who: Who, *, key: str | None = None) -> bool:
        """Plan the next days anew; False when that was done under the same key."""
        before = self.now()
        return self._write(before, self._made(before, before.closed, before.wishes), who, key)

    def move(self, subject: str, day: date, reason: str, who: Who, *, seen: int) -> None:
        """Give a visit to another day; the others keep theirs.

        Raises
        ------
        Refused
            Nobody plans such a visit or day, the plan was made anew meanwhile, the day has no room, the
            time was agreed on with the customer, or no reason is given.
        """
        if not reason.strip():
            raise Refused("reason_missing")
        before = self._seen(seen)
        name = day.isoformat()
        if subject not in before.works:
            raise Refused("unknown_visit", subject=subject)
        if before.works[subject].get("agreed"):
            raise Refused("visit_agreed", subject=subject)
        if name not in {each["day"] for each in before.days}:
            raise Refused("day_unknown", day=name)
        wishes = {**before.wishes, subject: {"day": name, "by": who.name, "reason": reason.strip()}}
        made = self._made(before, before.closed, wishes, stay=True)
        if made["moved_to"].get(subject) != name:
            raise Refused("day_full", subject=subject, day=name)
        made["pushed"] = [*moved_back(before, subject, name, reason.strip())]
        self._write(before, made, who, None)

    def close(self, day: date, reason: str, who: Who, *, seen: int, open_again: bool = False) -> None:
        """Keep a day free of visits that may wait, or open it again; what stood there is pushed back.

        Raises
        ------
        Refused
            The day has passed, the plan was made anew meanwhile, or no reason is given.
        """
        before, name = self._seen(seen), day.isoformat()
        if not reason.strip():
            raise Refused("reason_missing")
        if day < self._today():
            raise Refused("time_past")
        closed = {each: told for each, told in before.closed.items() if each != name}
        if not open_again:
            closed[name] = {"by": who.name, "reason": reason.strip()}
        self._write(before, self._made(before, closed, before.wishes), who, None)

    def look(self) -> None:
        """Plan in the evening, once a day; in the morning let the day's visits become work."""
        local = self._book.clock().astimezone(self._book.case.settings.zone)
        before = self.now()
        if before.seq == 0 or (local.hour >= EVENING and self._made_on(before) < local.date()):
            self.plan(CLOCK, key=f"days/{local.date().isoformat()}/{before.seq and 'evening'}")
        elif EARLY <= local.hour < EVENING:
            self._take_up(before, local.date())
        self._write_visits_down(before)
        self._end_needless(before)

    # -- inside ----------------------------------------------------------------

    def _today(self) -> date:
        return self._book.clock().astimezone(self._book.case.settings.zone).date()

    def _made_on(self, before: DaysPlan) -> date:
        """The day that the plan was made for the evening of; by hand in the day it is still to be made."""
        if before.at is None:
            return date.min
        local = before.at.astimezone(self._book.case.settings.zone)
        return local.date() if local.hour >= EVENING else local.date() - timedelta(days=1)

    def _seen(self, seen: int) -> DaysPlan:
        before = self.now()
        if before.seq != seen:
            raise Refused("matter_changed", subject=SUBJECT)
        return before

    def _made(
        self, before: DaysPlan, closed: Mapping[str, Row], wishes: Mapping[str, Row], *, stay: bool = False
    ) -> dict[str, Any]:
        """The plan as the journal keeps it.

        Parameters
        ----------
        stay : every visit keeps its day but those that `wishes` moves.
        """
        count, share = self._told()
        today = self._today()
        days = [today + timedelta(days=each) for each in range(1, count + 1)]
        taken = self._still_taken(before)
        works = most_urgent(self._waiting.until(days[-1], taken))
        wishes = {name: each for name, each in wishes.items() if name in works and each["day"] > str(today)}
        left, shut = dict(works), self._shut(days, closed)
        rows = self._rows(days, left, wishes, before.day_of if stay else {}, shut, share)
        placed = {visit["subject"]: row["day"] for row in rows for visit in visits(row)}
        back = list(before.pushed) if stay else list(pushed(before, works, placed, shut, today, rows))
        return {
            "days": rows,
            "works": {name: work_told(work) for name, work in works.items()},
            "left": [left_told(work, days[-1], rows) for work in left.values()],
            "pushed": back,
            "closed": {name: each for name, each in closed.items() if name >= str(today)},
            "wishes": wishes,
            "taken": taken,
            "moved_to": placed,
        }

    def _told(self) -> tuple[int, float]:
        """Days ahead and the share of a crew's time that visits may fill, by the policy in force."""
        told = figures(self._grading.case_under().policy, "days_ahead")
        count, share = told.get("ahead_days"), told.get("share_percent")
        return int(count or USUAL_DAYS), float(USUAL_SHARE if share is None else share) / 100

    def _rows(
        self,
        days: Sequence[date],
        left: dict[str, Work],
        wishes: Mapping[str, Row],
        keep: Mapping[str, str],
        shut: Mapping[date, Mapping[str, str]],
        share: float,
    ) -> list[dict[str, Any]]:
        """One day after the other; what has found its day is taken out of `left`."""
        rows = []
        for day in days:
            days_left = sum(each >= day and each not in shut for each in days)
            rows.append(self._day(day, left, wishes, keep, shut.get(day), share, days_left))
            for visit in visits(rows[-1]):
                left.pop(visit["subject"], None)
        return rows

    def _shut(self, days: Sequence[date], closed: Mapping[str, Row]) -> dict[date, dict[str, str]]:
        """Days on which nothing is done that may wait: by a person's word, or by a warning of the weather."""
        storms = stormy_days(self._book.store, self._book.case.settings.zone, days)
        found = {day: {"why": STORM, "reason": name} for day, name in storms.items()}
        for day in days:
            if told := closed.get(day.isoformat()):
                found[day] = {"why": CLOSED, "reason": told["reason"], "by": told["by"]}
        return found

    def _day(
        self,
        day: date,
        left: Mapping[str, Work],
        wishes: Mapping[str, Row],
        keep: Mapping[str, str],
        shut: Mapping[str, str] | None,
        share: float,
        days_left: int,
    ) -> dict[str, Any]:
        waiting: dict[str, Waiting] = {}
        for name, work in left.items():
            fixed = work.agreed or _day_of(wishes.get(name))
            # Whoever was given another day is not taken before it; after it, it is to be done soon.
            if (fixed or day) > day or (work.agreed is not None and fixed != day):
                continue
            if shut and work.agreed is None:
                continue
            if fixed != day and (keep.get(name, str(day)) != str(day)):
                continue
            waiting[name] = Waiting(job=work.job, due=work.due, fixed=fixed)
        opened = self._ahead.with_work(day, [left[name].request for name in waiting])
        minutes = {job.id: job.service_s / 60 for job in opened.plain.jobs}
        taken = waiting.values() if keep else chosen(waiting.values(), minutes, day, days_left)
        filled = fill(opened.plain, taken, day, 0.0 if shut else share)
        subject_of = {work.job: name for name, work in left.items()}
        return day_row(day, opened.origin, filled, subject_of, shut)

    def _take_up(self, before: DaysPlan, today: date) -> None:
        """What is planned for today and has no request yet becomes one; the plan of today does the rest."""
        name = today.isoformat()
        row = next((each for each in before.days if each["day"] == name), None)
        due = [each["subject"] for each in visits(row)] if row else []
        new = [each for each in due if each not in before.taken and not before.works[each].get("request")]
        if not new or name in before.closed or self._shut([today], {}):
            return
        taken = {subject: self._logged(subject, before.works[subject], name) for subject in new}
        kept = {key: getattr(before, key) for key in ("days", "works", "left", "pushed", "closed", "wishes")}
        data = renamed(kept | {"told": dict(before.told)}, taken)
        data |= {"what": PLANNED, "taken": {**before.taken, **taken}}
        self._book.note("noted", SUBJECT, data, CLOCK, key=f"days/{name}/taken")

    def _write_visits_down(self, before: DaysPlan) -> None:
        """An inspection that a crew has ended is a visit: the next one is due a whole period later."""
        taken = {id_: name.removeprefix("I-") for name, id_ in before.taken.items() if name.startswith("I-")}
        for row in queries.request_rows(self._book.store, list(taken)) if taken else ():
            if not row["open"] and not row["withdrawn"]:
                customer, key = taken[row["id"]], f"visited/{row['id']}"
                self._inspections.visited(customer, (), row["id"], CLOCK, key)

    def _end_needless(self, before: DaysPlan) -> None:
        """A visit for a step that was finished without it ends: no crew need drive there any more."""
        steps = {name: id_ for name, id_ in before.taken.items() if name.startswith("B-")}
        if not steps:
            return
        with self._book.lock, self._book.store.writing() as connection:
            for name, request in steps.items():
                id_, step = name.split(".", 1)
                row = one_matter(connection, id_)
                if row is None or row["ended_at"] is not None or row["place"] != step:
                    end_request(self._book, connection, request, CLOCK)

    def _still_taken(self, before: DaysPlan) -> dict[str, str]:
        """Visits that are requests by now; of ended inspections the next one may come."""
        rows = queries.request_rows(self._book.store, list(before.taken.values())) if before.taken else []
        gone = {row["id"] for row in rows if row["withdrawn"] or not row["open"]}
        lost = {row["id"] for row in rows if row["withdrawn"]}
        return {
            name: id_
            for name, id_ in before.taken.items()
            if id_ not in (gone if name.startswith("I-") else lost)
        }

    def _logged(self, subject: str, told: Row, day: str) -> str:
        entry = Entry(
            words=subject,
            received_at=self._book.clock(),
            channel=OWN_CHANNEL,
            customer=told["customer"],
            kind=told["kind"],
        )
        return self._calls.log(entry, CLOCK, key=f"visit/{subject}/{day}").id

    def _write(self, before: DaysPlan, made: dict[str, Any], who: Who, key: str | None) -> bool:
        """Write the plan down, as long as nobody made another one meanwhile; customers hear of tomorrow."""
        evening = self._book.clock().astimezone(self._book.case.settings.zone).hour >= EVENING
        data = {"what": PLANNED, **told_with(before, made, self._today() + timedelta(days=1), evening)}
        with self._book.lock, self._book.store.writing() as connection:
            newest = self._book.store.newest(connection)
            if self.now().seq != before.seq:
                raise Refused("matter_changed", subject=SUBJECT)
            return record(connection, self._book.event(who, "noted", SUBJECT, data, key)) > newest


def _day_of(wish: Row | None) -> date | None:
    return None if wish is None else date.fromisoformat(wish["day"])


__all__ = ["Days", "DaysPlan"]
