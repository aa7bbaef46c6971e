"""Rosters by CP-SAT: everybody's shifts, so that each hour's demand is met within the terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from ortools.sat.python import cp_model

from ..ground.errors import DispatchError
from ..solver.exact.child import Answer, solve_model
from .terms import Member, Terms

Var = cp_model.IntVar

# First nobody too few, then no more shifts than needed, then evenly spread.
SHORT_COST, SHIFT_COST, NIGHT_COST = 100_000, 100, 30
MOST_TOLD = 12
# The day before the roster begins.
EVE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A crew's shift on a day."""

    crew: str
    day: int
    shift: str


@dataclass(frozen=True, kw_only=True)
class Roster:
    """A roster that meets the demand.

    Parameters
    ----------
    present : (hours,) crews on shift in each hour of the roster.
    demand : (hours,) crews asked for.
    optimal : whether no roster with fewer shifts, or a fairer one, exists.
    """

    duties: tuple[Duty, ...]
    present: tuple[int, ...]
    demand: tuple[int, ...]
    skills: Mapping[str, tuple[str, ...]]
    terms: Terms
    optimal: bool

    @property
    def crews(self) -> int:
        """Crews that have a shift at all."""
        return len({duty.crew for duty in self.duties})

    def hours_of(self, crew: str) -> float:
        """A crew's hours."""
        length = {shift.name: shift.hours for shift in self.terms.shifts}
        return sum(length[duty.shift] for duty in self.duties if duty.crew == crew)

    def turns(self) -> dict[str, list[tuple[float, float]]]:
        """By crew the hours, from the start of the roster, at which it works: turns for a scenario."""
        at = {shift.name: shift for shift in self.terms.shifts}
        found: dict[str, list[tuple[float, float]]] = {}
        for duty in sorted(self.duties, key=lambda each: (each.crew, each.day)):
            shift = at[duty.shift]
            found.setdefault(duty.crew, []).append(
                (24 * duty.day + shift.begin_h, 24 * duty.day + shift.end_h)
            )
        return found


class NoRoster(DispatchError):
    """The terms leave no roster that meets the demand; `short` says where, at best, how many are missing."""

    def __init__(self, short: Mapping[tuple[int, str], int], reasons: Sequence[str]) -> None:
        self.short, self.reasons = dict(short), tuple(reasons)
        hours = [
            f"day {hour // 24 + 1}, {hour % 24:02d}:00: {count} {'crew' if count == 1 else 'crews'} short"
            + (f" with skill {skill}" if skill else "")
            for (hour, skill), count in list(self.short.items())[:MOST_TOLD]
        ]
        more = f"... and {len(self.short) - MOST_TOLD} more hours" if len(self.short) > MOST_TOLD else ""
        lines = ["no roster meets the demand within these terms", *reasons, "at best:", *hours, more]
        super().__init__("\n".join(line for line in lines if line))


@dataclass(kw_only=True)
class _Model:
    """The model as it is built: `works[crew, day, shift]` is whether a crew has a shift."""

    terms: Terms
    demand: np.ndarray
    members: list[tuple[str, Member]]
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    works: dict[tuple[int, int, int], cp_model.IntVar] = field(default_factory=dict)
    short: dict[tuple[int, str], cp_model.IntVar] = field(default_factory=dict)


def solve_roster(terms: Terms, demand: Sequence[int], *, time_limit_s: float = 20.0, seed: int = 1) -> Roster:
    """Find the roster with the fewest shifts, and of those a fair one.

    Parameters
    ----------
    demand : crews asked for in each hour from midnight of the first day; the last day's hours repeat.

    Raises
    ------
    NoRoster
        When the terms leave none, with the hours in which, at best, crews are missing.
    """
    wanted = _repeated(demand, terms.days * 24)
    built = _Model(terms=terms, demand=wanted, members=_members(terms))
    _choose_shifts(built)
    _keep_rest(built)
    _keep_hours(built)
    _keep_rows(built)
    _cover(built)
    _be_fair(built)
    answer = solve_model(built.model, seconds=time_limit_s, seed=seed)
    if not answer.found:
        raise NoRoster({}, _reasons(built))
    missing = {place: answer.value(var) for place, var in built.short.items() if answer.value(var)}
    if missing:
        raise NoRoster(dict(sorted(missing.items())), _reasons(built))
    return _roster(built, answer, optimal=answer.optimal)


def fewest_people_roster(
    terms: Terms, demand: Sequence[int], *, time_limit_s: float = 20.0, seed: int = 1
) -> Roster:
    """The roster with the fewest crews: their number is halved in until it no longer does.

    Raises
    ------
    NoRoster
        When all crews together do not do.
    """
    most = sum(member.count for member in terms.crews)
    best = solve_roster(terms, demand, time_limit_s=time_limit_s, seed=seed)
    low, high = 0, min(most, best.crews)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            best = solve_roster(_fewer(terms, middle), demand, time_limit_s=time_limit_s, seed=seed)
            high = middle
        except NoRoster:
            low = middle
    if best.crews > high:
        best = solve_roster(_fewer(terms, high), demand, time_limit_s=time_limit_s, seed=seed)
    return best


def _fewer(terms: Terms, crews: int) -> Terms:
    """The terms with so many crews, in the proportions they had."""
    counts = np.asarray([member.count for member in terms.crews], dtype=np.float64)
    shares = counts / counts.sum() * crews
    whole = np.floor(shares).astype(int)
    for at in np.argsort(-(shares - whole), kind="stable")[: crews - int(whole.sum())]:
        whole[at] += 1
    members = tuple(
        member.model_copy(update={"count": int(count)})
        for member, count in zip(terms.crews, whole, strict=True)
    )
    return terms.model_copy(update={"crews": members})


def _repeated(demand: Sequence[int], hours: int) -> np.ndarray:
    """The demand over the roster: what lies past its end is what the same hour asked for a day before."""
    found = np.zeros(hours, dtype=np.int64)
    given = np.asarray(demand, dtype=np.int64)[:hours]
    found[: len(given)] = given
    for hour in range(max(24, len(given)), hours):
        found[hour] = found[hour - 24]
    return found


def _members(terms: Terms) -> list[tuple[str, Member]]:
    return [
        (f"{member.name}-{number + 1:02d}", member)
        for member in terms.crews
        for number in range(member.count)
    ]


def _choose_shifts(built: _Model) -> None:
    """One shift a day at most; on the evening before, those that reach into the first day."""
    for crew, day in product(range(len(built.members)), range(EVE, built.terms.days)):
        for at, shift in enumerate(built.terms.shifts):
            if day > EVE or shift.end_h > 24:
                built.works[crew, day, at] = built.model.new_bool_var("")
        built.model.add_at_most_one(_own(built, crew, [day]))


def _own(built: _Model, crew: int, days: Iterable[int], shifts: Iterable[int] | None = None) -> list[Var]:
    """Variables of a crew's shifts on some days."""
    every = list(range(len(built.terms.shifts)) if shifts is None else shifts)
    return [built.works[crew, day, at] for day in days for at in every if (crew, day, at) in built.works]


def _keep_rest(built: _Model) -> None:
    """No two shifts of a crew closer than its rest."""
    terms = built.terms
    shifts = list(enumerate(terms.shifts))
    near = 1 + int(np.ceil((terms.rest_h + max(s.end_h for _, s in shifts)) / 24))
    for day, gap, (a, first), (b, second) in product(
        range(EVE, terms.days), range(1, near + 1), shifts, shifts
    ):
        if day + gap < terms.days and 24 * gap + second.begin_h - first.end_h < terms.rest_h:
            for crew in range(len(built.members)):
                built.model.add_at_most_one(
                    [*_own(built, crew, [day], [a]), *_own(built, crew, [day + gap], [b])]
                )


def _keep_hours(built: _Model) -> None:
    """No more than a week's hours in any seven days."""
    terms = built.terms
    for crew, first in product(range(len(built.members)), range(EVE, max(0, terms.days - 6))):
        days = range(first, min(terms.days, first + 7))
        minutes = sum(
            round(shift.hours * 60) * var
            for at, shift in enumerate(terms.shifts)
            for var in _own(built, crew, days, [at])
        )
        built.model.add(minutes <= round(terms.week_h * 60))


def _keep_rows(built: _Model) -> None:
    """Not too many days, nor nights, in a row."""
    terms = built.terms
    nights = [at for at, shift in enumerate(terms.shifts) if shift.night]
    for most, shifts in ((terms.days_in_row, range(len(terms.shifts))), (terms.nights_in_row, nights)):
        for crew, first in product(range(len(built.members)), range(EVE, max(EVE, terms.days - most))):
            built.model.add(sum(_own(built, crew, range(first, first + most + 1), shifts)) <= most)


def _cover(built: _Model) -> None:
    """Enough crews in each hour, and enough with each skill; what is missing is counted."""
    for hour in np.flatnonzero(built.demand).tolist():
        wanted = {"": int(built.demand[hour]), **built.terms.skills}
        for skill, count in wanted.items():
            there = [
                var
                for day, at in _on_at(built.terms, hour)
                for crew, (_, member) in enumerate(built.members)
                if not skill or skill in member.skills
                for var in _own(built, crew, [day], [at])
            ]
            built.short[hour, skill] = built.model.new_int_var(0, count, "")
            built.model.add(sum(there) + built.short[hour, skill] >= count)


def _on_at(terms: Terms, hour: int) -> list[tuple[int, int]]:
    """(day, shift) of the shifts that cover an hour whole."""
    return [
        (day, at)
        for day in range(EVE, terms.days)
        for at, shift in enumerate(terms.shifts)
        if 24 * day + shift.begin_h <= hour and hour + 1 <= 24 * day + shift.end_h
    ]


def _be_fair(built: _Model) -> None:
    """Few missing, few shifts, and no crew with many more shifts or nights than another."""
    terms, model = built.terms, built.model
    nights = [at for at, shift in enumerate(terms.shifts) if shift.night]
    spread = []
    for shifts in (range(len(terms.shifts)), nights):
        most, least = (model.new_int_var(0, terms.days + 1, "") for _ in range(2))
        for crew in range(len(built.members)):
            own = sum(_own(built, crew, range(EVE, terms.days), shifts))
            model.add(own <= most)
            model.add(own >= least)
        spread.append(most - least)
    model.minimize(
        SHORT_COST * sum(built.short.values())
        + SHIFT_COST * sum(built.works.values())
        + NIGHT_COST * (spread[0] + spread[1])
    )


def _reasons(built: _Model) -> list[str]:
    """What of the terms stands in the way, as far as counting tells."""
    terms, found = built.terms, []
    crews = len(built.members)
    needed = int(built.demand.sum())
    have = crews * terms.week_h * terms.days / 7
    if needed > have:
        found.append(
            f"the demand is {needed} crew hours; {crews} crews may work {have:.0f} ({terms.week_h:g} a week)"
        )
    if int(built.demand.max(initial=0)) > crews:
        found.append(f"{int(built.demand.max())} crews are asked for at once, there are {crews}")
    for skill, count in terms.skills.items():
        able = sum(skill in member.skills for _, member in built.members)
        if able < count:
            found.append(f"{count} crews with skill {skill} are asked for, {able} have it")
    bare = [hour for hour in np.flatnonzero(built.demand).tolist() if not _on_at(terms, hour)]
    if bare:
        found.append(
            f"no shift covers {bare[0] % 24:02d}:00 to {bare[0] % 24 + 1:02d}:00, {len(bare)} hours in all"
        )
    return found


def _roster(built: _Model, answer: Answer, *, optimal: bool) -> Roster:
    terms = built.terms
    duties = tuple(
        Duty(crew=built.members[crew][0], day=day, shift=terms.shifts[at].name)
        for (crew, day, at), var in built.works.items()
        if answer.value(var)
    )
    on = {(duty.crew, duty.day, duty.shift) for duty in duties}
    present = [
        sum(
            (name, day, terms.shifts[at].name) in on
            for day, at in _on_at(terms, hour)
            for name, _ in built.members
        )
        for hour in range(terms.days * 24)
    ]
    return Roster(
        duties=duties,
        present=tuple(present),
        demand=tuple(int(each) for each in built.demand),
        skills={name: member.skills for name, member in built.members},
        terms=terms,
        optimal=optimal,
    )
