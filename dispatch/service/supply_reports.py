"""Reports of interruptions and returns of supply (停送电信息报送): what is missing, in time or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

FAULT, PLANNED, TEMPORARY = "fault", "planned", "temporary"
KINDS = (FAULT, PLANNED, TEMPORARY)
STOP, RETURN = "stop", "return"
STAGES = (STOP, RETURN)
# What a report has to hold.
NEEDED: Mapping[str, tuple[str, ...]] = {
    STOP: ("place", "feeder", "area", "customers", "cause", "begins", "expected", "leader"),
    RETURN: ("place", "feeder", "customers", "cause", "begins", "restored", "leader"),
}
# Nobody knows why before somebody was there: of a fault it is owed with the return.
NOT_YET = {(FAULT, STOP): frozenset({"cause"})}
# What a person may say where the program does not know it, or knows it wrong.
SAID = ("area", "cause", "expected", "leader", "restored")
# Where these become others, customers would be told something old.
CHANGING = ("customers", "cause", "expected", "leader")
IN_TIME, LATE, MISSING, DUE, LAPSED = "in_time", "late", "missing", "due", "lapsed"
STATES = (MISSING, DUE, LATE, IN_TIME, LAPSED)
# An estimate that moves by less is the same.
SAME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was reported, when and by whom."""

    stage: str
    at: datetime
    by: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """An interruption as far as it is known now.

    Parameters
    ----------
    id : of the order, or of the planned outage.
    known_at : since when it is known; a planned one since it was announced.
    fields : what is known now; None for what is not.
    due : by stage, when it is to be reported at the latest; None where the policy names no limit.
    lapsed : it ended without an interruption of its own.
    owner : who answers for it.
    """

    id: str
    kind: str
    known_at: datetime
    fields: Mapping[str, Any]
    due: Mapping[str, datetime | None]
    reports: tuple[Report, ...]
    lapsed: bool
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one stage of a report stands.

    Parameters
    ----------
    state : missing (late and not reported), due, late, in_time, lapsed.
    lacks : fields that the newest report, or one made now, does not hold.
    differs : fields that have changed since the newest report.
    late_min : minutes past the limit, of a report that was late or is missing.
    """

    stage: str
    state: str
    due: datetime | None
    at: datetime | None
    by: str | None
    lacks: tuple[str, ...]
    differs: tuple[str, ...] = ()
    late_min: int = 0


def standing(stop: Stop, stage: str, now: datetime) -> Standing | None:
    """Where a stage stands; None where there is nothing to report yet."""
    told = [each for each in stop.reports if each.stage == stage]
    due = stop.due.get(stage)
    if stage == RETURN and stop.fields.get("restored") is None and not told:
        return None
    if not told:
        late = due is not None and due < now
        state = LAPSED if stop.lapsed else MISSING if late else DUE
        return Standing(
            stage=stage,
            state=state,
            due=due,
            at=None,
            by=None,
            lacks=lacking(stop.kind, stop.fields, stage),
            late_min=_minutes(due, now) if state == MISSING else 0,
        )
    first, newest = told[0], told[-1]
    in_time = due is None or first.at <= due
    is_over = stop.fields.get("restored") is not None
    return Standing(
        stage=stage,
        state=IN_TIME if in_time else LATE,
        due=due,
        at=first.at,
        by=first.by,
        lacks=lacking(stop.kind, newest.fields, stage),
        differs=() if is_over and stage == STOP else differing(newest.fields, stop.fields),
        late_min=0 if in_time else _minutes(due, first.at),
    )


def lacking(kind: str, fields: Mapping[str, Any], stage: str) -> tuple[str, ...]:
    """What a report of a stage needs and does not have."""
    later = NOT_YET.get((kind, stage), frozenset())
    return tuple(name for name in NEEDED[stage] if name not in later and fields.get(name) in (None, "", 0))


def differing(told: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """What has become another thing since it was reported."""
    return tuple(
        name for name in CHANGING if now.get(name) is not None and not _same(told.get(name), now[name])
    )


# -- inside --------------------------------------------------------------------


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        try:
            return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other)) <= SAME
        except ValueError:
            return one == other
    return bool(one == other)


def _minutes(due: datetime | None, at: datetime) -> int:
    return 0 if due is None else max(0, round((at - due) / timedelta(minutes=1)))
