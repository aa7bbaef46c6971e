"""Standing data as rows that a person reads: what a version changes, and what is in force."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ...ground.case import CrewShift, ShiftRule
from ...ground.shifts import Dated, Shifts
from ...intake.schema import WEEKDAYS
from ..desk import Desk
from .duty import gap
from .parts import KINDS, Data, plain, shift_data, shift_key, shift_of
from .upload import TABLES
from .versions import Change

What = Literal["added", "changed", "removed"]
# A gap in the roster that begins later is not yet worth a warning.
GAP_SEEN = timedelta(days=2)
OVER = ("done", "cannot")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row that a version adds, changes or takes away.

    Parameters
    ----------
    name : what people call it.
    fields : column, before, after, as data; of a new row what it says, of one that goes what it said.
    """

    key: str
    what: What
    id: str
    name: str
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """What a person should know before a version counts; `code` is said by the page with `values`."""

    code: Literal["open_work", "gap", "open_request", "rest"]
    values: Mapping[str, Any]


def row_changes(desk: Desk, kind: str, change: Change, turn: int | None = None) -> list[RowChange]:
    """What a version changes of what is in force now, or was after so many turns, in the order of names."""
    before = rows_touched(desk, kind, change, turn)
    if kind == "crews":
        return sorted(_shift_changes(before, change), key=lambda each: (each.id, each.key))
    found = [
        _row_change(key, before.get(key), change.put.get(key))
        for key in sorted(change.keys)
        if before.get(key) != change.put.get(key)
    ]
    return [each for each in found if each is not None]


def rows_touched(desk: Desk, kind: str, change: Change, turn: int | None = None) -> dict[str, Data]:
    """The rows in force that a change touches."""
    part = desk.standing.part(kind, turn)
    if kind == "customers":
        return {key: part.facts(key) for key in change.keys if key in part}
    if kind == "crews":
        near = {key: each for key, each in part.items() if key in change.keys}
        return {key: shift_data(each.shift, cancelled=each.cancelled) for key, each in near.items()}
    rows = KINDS[kind].rows(part)
    return {key: dict(rows[key]) for key in change.keys if key in rows}


def _shift_changes(before: Mapping[str, Data], change: Change) -> Iterator[RowChange]:
    """Shifts of one crew that meet, the old one and the new one, are one shift that changes."""
    left = {key: row for key, row in before.items() if key not in change.put}
    for key, after in change.put.items():
        old, new = before.get(key), shift_of(after).shift
        if old is None:
            meets = (each for each, row in left.items() if _same_shift(shift_of(row).shift, new))
            other = next(meets, None)
            old = left.pop(other) if other is not None else None
        found = _row_change(key, old, after)
        if found is not None:
            yield found
    for key, row in left.items():
        found = _row_change(key, row, None)
        if found is not None:
            yield found


def _same_shift(one: CrewShift, other: CrewShift) -> bool:
    return one.id == other.id and one.shift_start < other.shift_end and other.shift_start < one.shift_end


def _row_change(
    key: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> RowChange | None:
    if before == after:
        return None
    known = after if after is not None else before
    assert known is not None
    what: What = "changed" if before is not None and after is not None else "added" if after else "removed"
    if after is not None and after.get("cancelled"):
        what = "removed"
    names = dict.fromkeys([*(before or {}), *(after or {})])
    fields = tuple(
        (name, (before or {}).get(name), (after or {}).get(name))
        for name in names
        if name not in ("id", "name", "cancelled")
        and (before or {}).get(name) != (after or {}).get(name)
        and not (_empty((before or {}).get(name)) and _empty((after or {}).get(name)))
    )
    id_ = str(known.get("id") or key)
    return RowChange(key=key, what=what, id=id_, name=str(known.get("name") or id_), fields=fields)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


# -- warnings --------------------------------------------------------------------


def warnings_of(desk: Desk, kind: str, change: Change) -> list[Warned]:
    """What would suffer if a version came into force now."""
    if kind in ("crews", "roster"):
        return [*_open_work(desk, kind, change), *_gaps(desk, kind, change)]
    if kind == "customers":
        gone = set(change.gone)
        rows = [row for row in desk.rows("requests") if row["open"] and row["customer"] in gone]
        return [
            Warned(code="open_request", values={"customer": row["customer"], "request": row["id"]})
            for row in rows[:50]
        ]
    return []


def _shifts_after(desk: Desk, kind: str, change: Change) -> Shifts:
    """The shifts as they would be."""
    parts = {name: desk.standing.part(name) for name in ("crews", "roster")}
    parts[kind] = KINDS[kind].applied(parts[kind], change.put, change.gone)
    own = desk.standing.own
    return Shifts(parts["crews"].values(), parts["roster"].values(), own.settings.zone, own.policy.calendar)


def _open_work(desk: Desk, kind: str, change: Change) -> Iterator[Warned]:
    """Crews that have work in the plan in force and would not be on when it is to be done."""
    number = desk.plan_number("published")
    if number is None:
        return
    day, now = desk.day(), desk.clock()
    after = _shifts_after(desk, kind, change)
    over = {row["id"] for row in desk.rows("jobs") if row["state"] in OVER}
    names = {crew.id: crew.name for crew in desk.case.crews}
    for route in day.plan.routes:
        visits = [visit for visit in route.visits if visit.job not in over]
        late = [visit for visit in visits if day.origin + timedelta(seconds=visit.finish_s) > now]
        if not late or route.crew not in names:
            continue
        starts = [max(now, day.origin + timedelta(seconds=visit.start_s)) for visit in late]
        lost = [at for at in starts if not after.of(route.crew, at, at + timedelta(seconds=1))]
        had = [at for at in lost if desk.standing.shifts().of(route.crew, at, at + timedelta(seconds=1))]
        if had:
            yield Warned(code="open_work", values={"crew": names[route.crew], "n": len(had)})


def _gaps(desk: Desk, kind: str, change: Change) -> Iterator[Warned]:
    """From when nobody would be on."""
    now = desk.clock()
    nobody_from, back_at = gap(_shifts_after(desk, kind, change), now)
    if nobody_from is not None and nobody_from < now + GAP_SEEN:
        yield Warned(code="gap", values={"at": max(nobody_from, now), "back": back_at})


# -- what is in force --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow:
    """A shift of the roster in force.

    Parameters
    ----------
    ruled : it comes by a rule.
    """

    shift: CrewShift
    ruled: bool
    state: Literal["over", "running", "coming"]

    @property
    def key(self) -> str:
        """What tells it from others."""
        return shift_key(self.shift.id, self.shift.shift_start)


def roster_rows(desk: Desk, since: datetime, until: datetime) -> list[ShiftRow]:
    """The shifts between two moments, in order."""
    dated: Mapping[str, Dated] = desk.standing.part("crews")
    own = {(each.shift.id, each.shift.shift_start) for each in dated.values() if not each.cancelled}
    now = desk.clock()
    return [
        ShiftRow(
            shift=each,
            ruled=(each.id, each.shift_start) not in own,
            state="coming" if each.shift_start > now else "over" if each.shift_end <= now else "running",
        )
        for each in desk.standing.shifts().between(since, until)
    ]


def file_rows(desk: Desk, kind: str, zone: ZoneInfo) -> tuple[list[str], Iterator[list[str]]]:
    """What is in force as a file to edit: header and rows, as `docs/case-folder.md` has them.

    Of shifts, those that end from now on, and the crews whose shifts come by rule.
    """
    columns = [column.name for column in TABLES[kind].columns]
    return columns, ([_cell(row.get(name), zone) for name in columns] for row in _whole(desk, kind))


def _whole(desk: Desk, kind: str) -> Iterator[Mapping[str, Any]]:
    part, now = desk.standing.part(kind), desk.clock()
    if kind == "crews":
        for each in part.values():
            row = {**plain_fields(each.shift), "breaks": _breaks(each.shift)}
            if each.empty:
                yield row | {"shift_start": None, "shift_end": None}
            elif each.shift.shift_end > now and not each.cancelled:
                yield row
    elif kind == "roster":
        for rule in part.values():
            yield _rule_row(rule)
    elif kind == "customers":
        for id_, row in zip(part.table.index, part.table.to_dict("records"), strict=True):
            yield {str(name): value for name, value in row.items()} | {"id": str(id_)}
    else:
        yield from KINDS[kind].rows(part).values()


def plain_fields(shift: CrewShift) -> Data:
    """A shift's columns, times still as times."""
    return {name: getattr(shift, name) for name in CrewShift.__dataclass_fields__}


def _breaks(shift: CrewShift) -> str:
    return ";".join(
        f"{each.earliest.isoformat()}/{each.latest.isoformat()}/{each.duration_min:g}"
        for each in shift.breaks
    )


def _rule_row(rule: ShiftRule) -> Data:
    return {
        "id": rule.id,
        "crew": rule.crew,
        "start": f"{rule.start:%H:%M}",
        "end": f"{rule.end:%H:%M}",
        "from": rule.first.isoformat(),
        "until": rule.last.isoformat() if rule.last else "",
        "weekdays": ";".join(WEEKDAYS[each] for each in sorted(rule.weekdays)),
        "cycle_days": rule.cycle_days,
        "days_on": ";".join(map(str, sorted(rule.days_on))) if rule.cycle_days > 1 else "",
        "holidays": rule.holidays,
        "breaks": ";".join(f"{one:%H:%M}-{last:%H:%M}/{lasting:g}" for one, last, lasting in rule.breaks),
        "overtime_min": rule.overtime_min,
    }


def _cell(value: Any, zone: ZoneInfo) -> str:
    """A value as a cell of a file."""
    made = ""
    match value:
        case None:
            pass
        case bool():
            made = "yes" if value else "no"
        case float():
            made = "" if math.isnan(value) else f"{value:.10g}"
        case datetime():
            made = value.astimezone(zone).isoformat(timespec="seconds")
        case Mapping():
            made = ";".join(f"{name}:{amount:g}" for name, amount in value.items())
        case frozenset() | tuple() | list():
            made = ";".join(sorted(map(str, value)))
        case _:
            made = str(plain(value))
    return made
