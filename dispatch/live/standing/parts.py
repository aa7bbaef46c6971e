"""The kinds of standing data: what a row of each looks like in the journal, and how rows change the whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from geo import Grid

from ...ground.beliefs import RANGES, Beliefs
from ...ground.case import Case, CrewBreak, CrewShift, Customers, Depot, ShiftRule
from ...ground.shifts import Dated

Data = dict[str, Any]
Rows = Mapping[str, Data]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of standing data.

    Parameters
    ----------
    own : the part as the case folder has it.
    rows : the part as rows by key; only for kinds that are `kept`.
    applied : the part with rows put and keys taken away.
    kept : whether the case's own rows are written down too; of customers and switches only changes are.
    """

    name: str
    own: Callable[[Case], Any]
    rows: Callable[[Any], Rows]
    applied: Callable[[Any, Rows, Collection[str]], Any]
    kept: bool = True


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case frozenset():
            return sorted(plain(each) for each in value)
        case tuple() | list():
            return [plain(each) for each in value]
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case CrewBreak():
            return _fields(value)
    return value


def _fields(thing: Any) -> Data:
    return {each.name: plain(getattr(thing, each.name)) for each in fields(thing)}


# -- crews ---------------------------------------------------------------------


def shift_key(crew: str, start: datetime) -> str:
    """What tells one shift from another."""
    return f"{crew}@{start.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def shift_data(shift: CrewShift, *, cancelled: bool = False) -> Data:
    """A shift as a row."""
    return {**_fields(shift), "cancelled": cancelled}


def shift_of(data: Mapping[str, Any]) -> Dated:
    """A shift out of its row."""
    told = {name: value for name, value in data.items() if name != "cancelled"}
    told["shift_start"] = datetime.fromisoformat(told["shift_start"])
    told["shift_end"] = datetime.fromisoformat(told["shift_end"])
    told["skills"] = frozenset(told["skills"])
    told["breaks"] = tuple(
        CrewBreak(
            earliest=datetime.fromisoformat(each["earliest"]),
            latest=datetime.fromisoformat(each["latest"]),
            duration_min=each["duration_min"],
        )
        for each in told["breaks"]
    )
    return Dated(shift=CrewShift(**told), cancelled=bool(data.get("cancelled")))


def dated_by_key(shifts: Iterable[CrewShift]) -> dict[str, Dated]:
    """Shifts by what tells one from another."""
    return {shift_key(each.id, each.shift_start): Dated(shift=each) for each in shifts}


def _crew_rows(part: Mapping[str, Dated]) -> Rows:
    return {key: shift_data(each.shift, cancelled=each.cancelled) for key, each in part.items()}


# -- rules, depots ---------------------------------------------------------------


def rule_of(data: Mapping[str, Any]) -> ShiftRule:
    """A rule out of its row."""
    told = dict(data)
    for name in ("start", "end"):
        told[name] = time.fromisoformat(told[name])
    told["first"] = date.fromisoformat(told["first"])
    told["last"] = date.fromisoformat(told["last"]) if told["last"] else None
    told["weekdays"], told["days_on"] = frozenset(told["weekdays"]), frozenset(told["days_on"])
    told["breaks"] = tuple(
        (time.fromisoformat(first), time.fromisoformat(last), duration_min)
        for first, last, duration_min in told["breaks"]
    )
    return ShiftRule(**told)


def depot_of(data: Mapping[str, Any]) -> Depot:
    """A depot out of its row."""
    return Depot(**data)


def _put(read: Callable[[Mapping[str, Any]], Any]) -> Callable[[Any, Rows, Collection[str]], Any]:
    def applied(part: Mapping[str, Any], put: Rows, gone: Collection[str]) -> Mapping[str, Any]:
        left = {key: each for key, each in part.items() if key not in gone}
        return left | {key: read(data) for key, data in put.items()}

    return applied


def _by_id(things: Iterable[Any]) -> dict[str, Any]:
    return {each.id: each for each in things}


def _rows_of(part: Mapping[str, Any]) -> Rows:
    return {key: _fields(each) for key, each in part.items()}


# -- beliefs -----------------------------------------------------------------------


def belief_rows(part: Mapping[str, float]) -> Rows:
    """Beliefs as rows."""
    return {name: {"name": name, "value": value} for name, value in part.items()}


def beliefs_of(part: Mapping[str, float]) -> Beliefs:
    """Beliefs out of what is in force; a name that the program no longer has is left out."""
    return Beliefs(**{name: value for name, value in part.items() if name in RANGES})


# -- customers, switches -----------------------------------------------------------


def _customers(part: Customers, put: Rows, gone: Collection[str]) -> Customers:
    """The table with some rows put and some taken away; the others are where they were."""
    table = part.table
    if not put and not gone:
        return part
    columns = {name: _column([row.get(name) for row in put.values()], table[name]) for name in table.columns}
    new = pd.DataFrame(columns, index=pd.Index(list(put), name="id", dtype=object))
    kept = table.index[~table.index.isin(list(gone))]
    order = kept.append(new.index[~new.index.isin(kept)])
    whole = pd.concat([table.loc[kept[~kept.isin(new.index)]], new]) if put else table
    return Customers(table=whole.loc[order])


def _column(values: list[Any], like: pd.Series[Any]) -> np.ndarray:
    if like.dtype == object:
        made = np.empty(len(values), dtype=object)
        made[:] = values
        return made
    if like.dtype == np.float64:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(values, dtype=like.to_numpy().dtype)


def switch_rows(grid: Grid) -> Rows:
    """How the switches stand."""
    words = {True: "closed", False: "open"}
    switches = grid.switches
    states = zip(
        switches.ids.tolist(), switches.normal_closed.tolist(), switches.closed.tolist(), strict=True
    )
    return {
        str(id_): {"id": str(id_), "normal": words[normal], "present": words[closed]}
        for id_, normal, closed in states
    }


def _switched(part: Grid, put: Rows, gone: Collection[str]) -> Grid:
    if not put:
        return part
    normal, closed = part.switches.normal_closed.copy(), part.switches.closed.copy()
    for id_, row in put.items():
        if id_ in part.switch_at:
            normal[part.switch_at[id_]] = row["normal"] == "closed"
            closed[part.switch_at[id_]] = row["present"] == "closed"
    return replace(part, switches=replace(part.switches, normal_closed=normal, closed=closed))


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "crews": Kind(
            name="crews",
            own=lambda case: dated_by_key(case.shifts or case.crews),
            rows=_crew_rows,
            applied=_put(shift_of),
        ),
        "roster": Kind(
            name="roster",
            own=lambda case: _by_id(case.rules),
            rows=_rows_of,
            applied=_put(rule_of),
        ),
        "depots": Kind(
            name="depots",
            own=lambda case: _by_id(case.depots),
            rows=_rows_of,
            applied=_put(depot_of),
        ),
        "beliefs": Kind(
            name="beliefs",
            own=lambda case: case.beliefs.by_name(),
            rows=belief_rows,
            applied=_put(lambda row: float(row["value"])),
        ),
        "customers": Kind(
            name="customers",
            own=lambda case: case.customers,
            rows=lambda part: {},
            applied=_customers,
            kept=False,
        ),
        "switches": Kind(
            name="switches",
            own=lambda case: case.grid,
            rows=switch_rows,
            applied=_switched,
            kept=False,
        ),
    }
)
