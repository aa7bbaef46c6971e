"""Orderly supply in a shortage (有序用电): what may be shed, in which order, and for how long at a time.

What is shed is all that lies behind one device. Where somebody behind it must never be without supply, the
parts further out that hold nobody of that kind are taken instead. Those of the lowest ranks that are needed
take turns, so that each is off for as long as the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..ground.case import Case

PLANNED, ENDED, CANCELLED = "planned", "ended", "cancelled"
NEVER = 0
LONGEST = timedelta(hours=24)
LEAST_KW = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one device sheds.

    Parameters
    ----------
    id : the device; `feeder` is the one at the head.
    kw : mean load behind it, by its customers' energy per year.
    rank : the lower, the sooner it is shed.
    """

    id: str
    name: str
    feeder: str
    kw: float
    customers: int
    rank: int
    remote: bool
    transformers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Units that are off together."""

    begins: datetime
    ends: datetime
    units: tuple[str, ...]
    kw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shed:
    """A rota for a shortage.

    Parameters
    ----------
    units : those that take turns, in the order in which they are shed.
    short_kw : what the weakest turn lacks of the kW asked; 0 where it is reached.
    hours : how long each unit is off altogether.
    restore : the order in which they come back: what is shed last, and most customers, first.
    protected : customers who are never shed, by feeder.
    """

    asked_kw: float
    units: tuple[Unit, ...]
    turns: tuple[Turn, ...]
    reached_kw: float
    short_kw: float
    hours: Mapping[str, float]
    restore: tuple[str, ...]
    protected: Mapping[str, int]

    def to_data(self) -> dict[str, Any]:
        """As a matter holds it."""
        return {
            **{"asked_kw": self.asked_kw, "reached_kw": self.reached_kw, "short_kw": self.short_kw},
            "units": [asdict(each) for each in self.units],
            "turns": [
                {**asdict(each), "begins": each.begins.isoformat(), "ends": each.ends.isoformat()}
                for each in self.turns
            ],
            **{"hours": dict(self.hours), "restore": list(self.restore), "protected": dict(self.protected)},
        }


def units_of(case: Case, ranks: NDArray[np.float64]) -> tuple[list[Unit], dict[str, int]]:
    """All that may be shed, and the protected customers of each feeder.

    Parameters
    ----------
    ranks : (n,) rank of every customer; nobody is shed who has 0, or of whom the rules say nothing (NaN).
    """
    grid, tree = case.grid, case.grid.normal_tree
    behind = _behind(case, ranks)
    order = tree.order.tolist()
    total = {name: np.concatenate([[0.0], np.cumsum(each[tree.order])]) for name, each in behind.items()}
    units: list[Unit] = []
    at = 0
    while at < len(order):
        section = int(order[at])
        end = at + int(tree.size[section])
        sums = {name: float(each[end] - each[at]) for name, each in total.items()}
        if tree.devices[section] < 0 or sums["never"] or sums["kw"] < LEAST_KW:
            at += 1
            continue
        units.append(_unit(case, section, order[at:end], sums))
        at = end
    head_of = grid.feeder_of_transformer
    heads = [head_of.get(each, "") for each in case.customers.table["transformer"].astype(str)]
    never: dict[str, int] = {}
    for head in np.asarray(heads)[~(ranks > NEVER)].tolist():
        never[head] = never.get(head, 0) + 1
    return units, never


def rota(
    units: Sequence[Unit],
    protected: Mapping[str, int],
    asked_kw: float,
    begins: datetime,
    ends: datetime,
    span: timedelta,
) -> Shed:
    """Who is off when, so that the kW asked are reached at every moment with equal hours."""
    pool = _pool(sorted(units, key=lambda each: (each.rank, -each.kw, each.id)), asked_kw)
    hours = {each.id: 0.0 for each in pool}
    turns = _turns(pool, hours, asked_kw, begins, ends, span)
    reached = min((each.kw for each in turns), default=0.0)
    back = sorted(pool, key=lambda each: (-each.rank, -each.customers, each.id))
    return Shed(
        asked_kw=asked_kw,
        units=tuple(pool),
        turns=tuple(turns),
        reached_kw=reached,
        short_kw=round(max(0.0, asked_kw - reached), 1),
        hours=hours,
        restore=tuple(each.id for each in back),
        protected=protected,
    )


def _turns(
    pool: Sequence[Unit],
    hours: dict[str, float],
    asked_kw: float,
    begins: datetime,
    ends: datetime,
    span: timedelta,
) -> list[Turn]:
    """One turn after the other; the hours of each unit are counted on the way."""
    turns: list[Turn] = []
    while begins < ends:
        until = min(ends, begins + span)
        chosen = _chosen(pool, hours, asked_kw)
        for each in chosen:
            hours[each.id] += (until - begins).total_seconds() / 3600
        kw = round(sum(each.kw for each in chosen), 1)
        turns.append(Turn(begins=begins, ends=until, units=tuple(each.id for each in chosen), kw=kw))
        begins = until
    return turns


def _pool(units: Sequence[Unit], asked_kw: float) -> list[Unit]:
    """Units of the lowest ranks that reach the kW asked; a rank is taken whole, so that all share."""
    found: list[Unit] = []
    for rank in sorted({each.rank for each in units}):
        found += [each for each in units if each.rank == rank]
        if sum(each.kw for each in found) >= asked_kw:
            break
    return found


def _chosen(pool: Sequence[Unit], hours: Mapping[str, float], asked_kw: float) -> list[Unit]:
    """Those whose turn it is: the fewest hours first; whoever is not needed stays on."""
    found: list[Unit] = []
    for each in sorted(pool, key=lambda one: (hours[one.id], one.rank, -one.kw, one.id)):
        if sum(one.kw for one in found) >= asked_kw:
            break
        found.append(each)
    for each in sorted(found, key=lambda one: (one.kw, one.id)):
        if sum(one.kw for one in found) - each.kw >= asked_kw:
            found.remove(each)
    return found


def _behind(case: Case, ranks: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """By section: kW, customers, customers who are never shed, and kW times rank."""
    grid, count = case.grid, case.grid.sectioning.count
    section_of = dict(zip(grid.transformers.ids.tolist(), grid.transformer_sections.tolist(), strict=True))
    transformer = case.customers.table["transformer"].astype(str).to_numpy()
    at = np.array([section_of.get(each, -1) for each in transformer], dtype=np.int64)
    known = at >= 0
    energy = case.customers.table["energy_kwh_year"].fillna(0).to_numpy(dtype=float)
    kw = energy / 8760

    def summed(what: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(at[known], weights=what[known], minlength=count).astype(np.float64)

    ones = np.ones(len(at))
    return {
        "kw": summed(kw),
        "customers": summed(ones),
        "never": summed((~(ranks > NEVER)).astype(float)),
        "ranked": summed(np.nan_to_num(ranks, nan=NEVER) * (kw + 1e-6)),
        "weight": summed(kw + 1e-6),
    }


def _unit(case: Case, section: int, sections: Sequence[int], sums: Mapping[str, float]) -> Unit:
    grid, tree = case.grid, case.grid.normal_tree
    device, inside = int(tree.device[section]), set(sections)
    own = [
        str(name)
        for name, at in zip(grid.transformers.ids.tolist(), grid.transformer_sections.tolist(), strict=True)
        if at in inside
    ]
    action = grid.action(device, close=False)
    return Unit(
        id=str(grid.switches.ids[device]),
        name=action.name or action.device,
        feeder=str(grid.switches.ids[int(tree.first[section])]),
        kw=round(sums["kw"], 1),
        customers=int(sums["customers"]),
        rank=max(1, round(sums["ranked"] / sums["weight"])),
        remote=bool(action.remote),
        transformers=tuple(own),
    )
