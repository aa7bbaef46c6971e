"""Who works when: shifts with a date, rules by which shifts come again, the shift that counts at a moment.

A shift with a date stands before a rule: where the two overlap, the rule gives way. So a
single day is changed or cancelled without touching the rule.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules import Calendar

from .case import CrewBreak, CrewShift, ShiftRule
from .clock import fixed

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# No shift is longer; what began earlier than this is over.
LONGEST = timedelta(hours=48)
# How far back the last shift of a crew is looked for among those that come by rule.
LOOK_BACK = timedelta(days=21)
# In the row of a crew whose shifts come by rule alone.
NO_SHIFT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A shift on a date; a cancelled one keeps the rule's shift of that time away."""

    shift: CrewShift
    cancelled: bool = False

    @property
    def empty(self) -> bool:
        """Whether it only says who the crew is."""
        return self.shift.shift_start >= self.shift.shift_end


class Shifts:
    """All shifts that are known.

    Parameters
    ----------
    calendar : whose holidays the rules go by.
    """

    def __init__(
        self, dated: Iterable[Dated], rules: Iterable[ShiftRule], zone: ZoneInfo, calendar: Calendar | None
    ) -> None:
        self._zone, self._calendar = zone, calendar
        self._dated: dict[str, list[Dated]] = {}
        for each in sorted(dated, key=lambda each: each.shift.shift_start):
            self._dated.setdefault(each.shift.id, []).append(each)
        self._starts = {
            crew: [each.shift.shift_start for each in found] for crew, found in self._dated.items()
        }
        self._rules: dict[str, list[ShiftRule]] = {}
        for rule in rules:
            self._rules.setdefault(rule.crew, []).append(rule)
        self.crews: tuple[str, ...] = tuple(sorted(self._dated))
        self._around: tuple[object, tuple[CrewShift, ...]] | None = None

    def of(self, crew: str, since: datetime, until: datetime) -> list[CrewShift]:
        """Shifts of a crew that run at some time between two moments, in order."""
        near = self._near(crew, since, until)
        found = [each.shift for each in near if not each.cancelled and not each.empty]
        ruled = [
            shift
            for shift in self._by_rule(crew, since, until)
            if not any(_overlap(shift, each.shift) for each in near)
        ]
        running = (shift for shift in found + ruled if shift.shift_end > since and shift.shift_start < until)
        return sorted(running, key=lambda shift: shift.shift_start)

    def between(self, since: datetime, until: datetime) -> tuple[CrewShift, ...]:
        """Shifts of all crews that run at some time between two moments, in order."""
        found = [shift for crew in self.crews for shift in self.of(crew, since, until)]
        return tuple(sorted(found, key=lambda shift: (shift.shift_start, shift.id)))

    def around(self, now: datetime, back: timedelta, ahead: timedelta) -> tuple[CrewShift, ...]:
        """As `between` for a stretch around a moment, worked out once an hour."""
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        key, kept = (hour, back, ahead), self._around
        if kept is None or kept[0] != key:
            kept = self._around = (key, self.between(hour - back, hour + HOUR + ahead))
        since, until = now - back, now + ahead
        return tuple(each for each in kept[1] if each.shift_end > since and each.shift_start < until)

    def at(
        self, now: datetime, ahead: timedelta, staying: Collection[str] = ()
    ) -> tuple[tuple[CrewShift, ...], datetime]:
        """Every crew with one shift: the one that runs, else the next, else the last one.

        Parameters
        ----------
        ahead : what begins later than this is not looked at.
        staying : crews that are still at work though their shift has ended.

        Returns
        -------
        shifts, until
            The same shifts count until that moment.
        """
        found = tuple(self._one(crew, now, ahead, crew in staying) for crew in self.crews)
        until = min((each.shift_end for each in found if each.shift_end > now), default=now + DAY)
        return found, min(until, now + timedelta(hours=1))

    def whole(self, crew: str) -> CrewShift:
        """What is known of a crew, with its newest shift that has a date.

        Raises
        ------
        KeyError
            There is no such crew.
        """
        return self._dated[crew][-1].shift

    # -- inside ----------------------------------------------------------------

    def _one(self, crew: str, now: datetime, ahead: timedelta, stays: bool) -> CrewShift:
        near = self.of(crew, now - LONGEST, now + ahead)
        past = [shift for shift in near if shift.shift_end <= now]
        coming = [shift for shift in near if shift.shift_end > now]
        if coming and (not stays or not past or coming[0].shift_start <= now):
            return coming[0]
        if past:
            return past[-1]
        before = self.of(crew, now - LOOK_BACK, now)
        return before[-1] if before else self._last(crew, now)

    def _last(self, crew: str, now: datetime) -> CrewShift:
        """The last shift with a date, however long ago; of what is only to come much later, the first."""
        known = [each for each in self._dated[crew] if not each.cancelled] or self._dated[crew]
        began = [each.shift for each in known if each.shift.shift_start <= now]
        return began[-1] if began else known[0].shift

    def _near(self, crew: str, since: datetime, until: datetime) -> list[Dated]:
        starts = self._starts.get(crew, [])
        first, last = bisect_left(starts, since - LONGEST), bisect_left(starts, until + LONGEST)
        return self._dated[crew][first:last] if starts else []

    def _by_rule(self, crew: str, since: datetime, until: datetime) -> Iterator[CrewShift]:
        rules = self._rules.get(crew, ())
        if not rules or crew not in self._dated:
            return
        known = self.whole(crew)
        day, last = (since - LONGEST).astimezone(self._zone).date(), until.astimezone(self._zone).date()
        while day <= last:
            for rule in rules:
                if begins_on(rule, day, self._calendar):
                    yield shift_by(rule, day, known, self._zone)
            day += DAY


def begins_on(rule: ShiftRule, day: date, calendar: Calendar | None) -> bool:
    """Whether a rule's shift begins on a day.

    Parameters
    ----------
    rule : the rule.
    day : a date by the clock of the case.
    calendar : holidays; None knows none.

    Returns
    -------
    bool
        Whether it begins on that date.
    """
    if day < rule.first or (rule.last is not None and day > rule.last):
        return False
    if rule.weekdays and day.weekday() not in rule.weekdays:
        return False
    if (day - rule.first).days % rule.cycle_days + 1 not in rule.days_on:
        return False
    if rule.holidays == "usual" or calendar is None:
        return rule.holidays != "only"
    return (day in calendar.holidays) == (rule.holidays == "only")


def shift_by(rule: ShiftRule, day: date, crew: CrewShift, zone: ZoneInfo) -> CrewShift:
    """A rule's shift of a day, with what is known of the crew.

    Parameters
    ----------
    rule : the rule.
    day : the date on which the shift begins.
    crew : people, vehicle and skills of the crew.
    zone : the zone of the case.

    Returns
    -------
    CrewShift
        With moments in that zone.
    """
    start = at_wall(day, rule.start, zone)
    end = at_wall(day if rule.end > rule.start else day + DAY, rule.end, zone)
    breaks = []
    for earliest, latest, duration_min in rule.breaks:
        first = after(start, earliest, zone)
        breaks.append(CrewBreak(earliest=first, latest=after(first, latest, zone), duration_min=duration_min))
    return replace(
        crew, shift_start=start, shift_end=end, breaks=tuple(breaks), overtime_min=rule.overtime_min
    )


def at_wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment when clocks show a time on a day, with the offset that holds then.

    Two times of one `ZoneInfo` would be subtracted by the wall clock, an hour wrong across a change.

    Parameters
    ----------
    day : the date.
    clock : the time that clocks show.
    zone : the zone of the case.

    Returns
    -------
    datetime
        Aware.
    """
    return fixed(datetime.combine(day, clock, tzinfo=zone).astimezone(UTC), zone)


def after(moment: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The first moment at or after another when clocks show a time.

    Parameters
    ----------
    moment : aware.
    clock : the time that clocks show.
    zone : the zone of the case.

    Returns
    -------
    datetime
        Aware, not before `moment`.
    """
    day = moment.astimezone(zone).date()
    found = at_wall(day, clock, zone)
    return found if found >= moment else at_wall(day + DAY, clock, zone)


def _overlap(one: CrewShift, other: CrewShift) -> bool:
    return one.shift_start < other.shift_end and other.shift_start < one.shift_end
