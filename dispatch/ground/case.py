"""The domain: what a case folder holds once it has been read and found sound.

Outside the solver every time is an aware `datetime`; coordinates are lon, lat
in degrees (WGS 84). Records are frozen; what concerns several of them is
checked where a case is put together (`dispatch.intake`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from geo import Grid, Roads
from rules import Policy

from .addresses import Addresses
from .beliefs import USUAL, Beliefs
from .brought import Brought

HOURS_PER_YEAR = 8760
SignKind = Literal["last_gasp", "supply_on", "supply_off", "tripped", "closed"]


# The channel of what the utility asks of itself: inspections, crews kept near. Nobody called about it.
OWN_CHANNEL = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody reported or asked for, as they said it."""

    id: str
    received_at: datetime
    words: str
    channel: str = "phone"
    customer: str | None = None
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    phone: str | None = None
    kind: str | None = None
    appointment_from: datetime | None = None
    appointment_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A machine's word: a meter's last gasp, a meter asked, a device's own state.

    `place` is a customer, transformer or main for the first three kinds; a
    protective device for `tripped` and `closed` (which may be asked for, too).
    """

    kind: SignKind
    place: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where crews and stock are based."""

    id: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewBreak:
    """A rest that must begin between two times."""

    earliest: datetime
    latest: datetime
    duration_min: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewShift:
    """A crew on a shift: people, vehicle, skills, stock.

    Parameters
    ----------
    stock : what is on its vehicle; None where nobody said, which limits nothing.
    """

    id: str
    name: str
    depot: str
    shift_start: datetime
    shift_end: datetime
    skills: frozenset[str]
    people: int = 2
    overtime_min: float = 0
    vehicle: str | None = None
    speed_factor: float = 1
    stock: Mapping[str, float] | None = field(default_factory=dict)
    breaks: tuple[CrewBreak, ...] = ()
    phone: str | None = None
    lon: float | None = None
    lat: float | None = None
    ends_at_depot: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRule:
    """A shift of a crew that comes again and again.

    Parameters
    ----------
    start, end : by the clock of the case's zone; an end that is not after the start is on the next day.
    first, last : days on which a shift may begin, both inclusive; no `last`: without end.
    weekdays : 0 is Monday; empty: every day.
    cycle_days, days_on : of every so many days from `first` on (day 1) the crew works on these.
    holidays : on public holidays of the policy's calendar the shift is as usual, off, or only then.
    breaks : earliest and latest begin by the clock, and minutes.
    """

    id: str
    crew: str
    start: time
    end: time
    first: date
    last: date | None = None
    weekdays: frozenset[int] = frozenset()
    cycle_days: int = 1
    days_on: frozenset[int] = frozenset({1})
    holidays: Literal["usual", "off", "only"] = "usual"
    breaks: tuple[tuple[time, time, float], ...] = ()
    overtime_min: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is true of the whole case.

    Parameters
    ----------
    now : the moment the plan is made for; drives start here.
    unserved_after_h : hours after `now` at which what the plan never restores counts as restored.
    operator_min : minutes the control room needs for one remote switching step.
    rest_h, shift_h, week_h, days_in_row : what a shift must keep: hours of rest before and after it, its
        own hours, hours of any seven days, days of work on end.
    duty_phone : the number that a crew rings when nobody hears it otherwise.
    bad_rows_percent : share of bad rows of a file up to which they are set aside.
    coordinates : system of the tables' coordinates; empty: found out.
    second_person_from_rows : standing data that changes so many rows is put in force by another person
        than sent it; 0: by anybody who may.
    truck_height_m, truck_width_m, truck_weight_t : the crews' largest vehicle, against limits of streets.
    silent_after_min : minutes without a word from a crew at work until the board warns; 0 never warns.
    unread_text_after_min : minutes after which a crew that has not read its changed route gets a text
        message; 0 sends none.
    synthetic : what of the case is not real, shown wherever the case is shown.
    """

    name: str
    time_zone: str
    now: datetime
    language: str = "en"
    unserved_after_h: float = 48
    operator_min: float = 3
    travel_cost_per_min: float = 1
    overtime_cost_per_min: float = 60
    change_cost: float = 0
    max_snap_m: float = 2000
    rest_h: float = 11
    shift_h: float = 13
    week_h: float = 48
    days_in_row: float = 6
    policy: str = "policy.yaml"
    duty_phone: str | None = None
    bad_rows_percent: float = 5.0
    coordinates: str = ""
    second_person_from_rows: int = 1000
    truck_height_m: float = 3.6
    truck_width_m: float = 2.5
    truck_weight_t: float = 12.0
    silent_after_min: float = 120
    unread_text_after_min: float = 10
    synthetic: str | None = None
    attribution: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The case's time zone."""
        return ZoneInfo(self.time_zone)


class Coded(NamedTuple):
    """A column of words as numbers, which thousands of outages are counted by.

    Parameters
    ----------
    code : (n,) position of each row's word, -1 where the cell is empty.
    words : in alphabetical order.
    """

    code: np.ndarray
    words: tuple[str, ...]

    def most_common(self, rows: np.ndarray) -> str | None:
        """The most frequent word of some rows, the first of several as frequent; None without any."""
        code = self.code[rows]
        count = np.bincount(code[code >= 0], minlength=1)
        return self.words[int(np.argmax(count))] if count.any() else None

    def in_order(self, rows: np.ndarray) -> tuple[str, ...]:
        """The words of some rows, each once, as they come."""
        code = self.code[rows]
        found, first = np.unique(code, return_index=True)
        order = found[np.argsort(first)]
        return tuple(self.words[each] for each in order.tolist() if each >= 0)


def _plain(value: Any) -> Any:
    """A cell as Python has it, None where it is empty.

    Numpy's own values do not compare, print or travel as JSON like Python's.
    """
    value = value.item() if isinstance(value, np.generic) else value
    return None if pd.isna(value) else value


def _coded(column: pd.Series[Any]) -> Coded:
    code, words = pd.factorize(column, sort=True)
    return Coded(code=np.asarray(code, dtype=np.int64), words=tuple(str(word) for word in words))


@dataclass(frozen=True, kw_only=True)
class Customers:
    """All customers as one table, a row each, indexed by customer id (str).

    Columns are those of `customers` in `docs/case-folder.md`; a cell that was
    left empty is None / NaN, or the column's default where it has one.
    """

    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    def __contains__(self, customer: object) -> bool:
        return customer in self.table.index

    def facts(self, customer: str, names: Iterable[str] | None = None) -> dict[str, Any]:
        """One customer's columns by name; empty cells, and columns that there are not, are None.

        Parameters
        ----------
        names : of the columns; all that there are without it.
        """
        at, columns = self.table.index.get_loc(customer), self._columns
        # Column by column: a row of its own would first be made of values of all kinds, many times slower.
        return {
            name: _plain(columns[name][at]) if name in columns else None
            for name in (columns if names is None else names)
        }

    def fact(self, customer: str, name: str) -> Any:
        """One column of one customer; None where the cell is empty, or there is no such column."""
        column = self._columns.get(name)
        return None if column is None else _plain(column[self.table.index.get_loc(customer)])

    @cached_property
    def _columns(self) -> Mapping[str, Any]:
        """The values of each column."""
        return {str(name): column.array for name, column in self.table.items()}

    @cached_property
    def rows_by_transformer(self) -> Mapping[str, np.ndarray]:
        """Row positions of the customers that each transformer feeds."""
        groups = self.table.groupby("transformer", sort=False, observed=True).indices
        return {str(name): rows for name, rows in groups.items()}

    @cached_property
    def addresses(self) -> Addresses:
        """Customers by their address."""
        return Addresses(self.table)

    @cached_property
    def lonlat(self) -> np.ndarray:
        """(n, 2) longitude and latitude of each customer, degrees."""
        return np.asarray(self.table[["lon", "lat"]], dtype=np.float64)

    @cached_property
    def areas(self) -> Coded:
        """Area of each customer."""
        return _coded(self.table["area"])

    @cached_property
    def transformers(self) -> Coded:
        """Transformer of each customer."""
        return _coded(self.table["transformer"])


@dataclass(frozen=True, kw_only=True)
class Case:
    """A validated case folder.

    Parameters
    ----------
    crews : each with one shift: the one that runs at `now`, else the next.
    shifts : every shift that has a date; one without a length names a crew whose shifts come by rule alone.
    rules : shifts that come again.
    beliefs : how often what fails, who calls and when.
    brought : what became of each file: rows read, repaired, set aside.
    """

    settings: Settings
    requests: tuple[Request, ...]
    customers: Customers
    crews: tuple[CrewShift, ...]
    depots: tuple[Depot, ...]
    roads: Roads
    grid: Grid
    policy: Policy
    signs: tuple[Sign, ...] = ()
    shifts: tuple[CrewShift, ...] = ()
    rules: tuple[ShiftRule, ...] = ()
    beliefs: Beliefs = USUAL
    brought: tuple[Brought, ...] = ()

    @cached_property
    def load_kw(self) -> Mapping[str, float]:
        """Mean load behind each transformer in kW, from its customers' energy per year."""
        energy_kwh = self.customers.table.groupby("transformer", observed=True)["energy_kwh_year"].sum()
        return {str(name): float(value) / HOURS_PER_YEAR for name, value in energy_kwh.items()}

    @cached_property
    def depot_by_id(self) -> Mapping[str, Depot]:
        """Depots by their id."""
        return {depot.id: depot for depot in self.depots}

    @cached_property
    def crew_by_id(self) -> Mapping[str, CrewShift]:
        """Crews by their id."""
        return {crew.id: crew for crew in self.crews}

    @cached_property
    def request_by_id(self) -> Mapping[str, Request]:
        """Requests by their id."""
        return {request.id: request for request in self.requests}
