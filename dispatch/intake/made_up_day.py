"""One day's requests made up for a grid: calls about a few simulated faults, and what else people ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from ..outages.damage import CallHabit, MadeDay, MadeFault, make_day, sample_faults, service_fault
from ..outages.tree import NodeKind, SupplyTree

SPAN_MIN = 110.0
"""The faults lie in so many minutes before now."""
LARGE = 40
HABIT = CallHabit(share_first_hour=0.15, false_per_hour=0.0)
DEVICES: frozenset[NodeKind] = frozenset({"breaker", "recloser", "fuse"})
SMALL: tuple[frozenset[NodeKind], ...] = (frozenset({"transformer"}), frozenset({"lv_main"}))
TRANSFORMERS_PER_ROUND, MOST_ROUNDS = 60, 5
WORDS: Mapping[str, tuple[str, str]] = {
    "wide": ("No power here, the whole street is dark", "我们这一片都停电了"),
    "few": ("No power in our part of the street", "我们这几户没电，对面有电"),
    "single": ("Only my house has no power", "只有我家没电，邻居家都有"),
    "hazard": ("A wire is down across the road", "电线掉在马路上了，很危险"),
    "power_quality": ("Lights flicker all day", "灯一直闪，电压不稳"),
    "metering": ("The meter shows an error and no reading", "电表显示故障，没有读数"),
    "new_connection": ("Application for a new connection for a house", "申请新装一户居民用电"),
    "inspection": ("Please inspect our installation", "请来做用电安全检查"),
    "enquiry": ("How can I pay my bill online?", "怎么在网上交电费？"),
}
OTHER = ("hazard", "power_quality", "metering", "metering", "new_connection", "inspection", "enquiry")
WITH_APPOINTMENT = ("metering", "new_connection", "inspection")


@dataclass(frozen=True, kw_only=True)
class MadeRequests:
    """Requests, and the faults behind them, as tables."""

    requests: pd.DataFrame
    truth: pd.DataFrame


def made_faults(tree: SupplyTree, transformers: int, random: np.random.Generator) -> tuple[MadeFault, ...]:
    """Draw faults of every level: transformers, mains and services first, a device of the grid last.

    A device that puts out half of all customers is taken only where there is no other.
    """
    rounds = max(1, min(MOST_ROUNDS, transformers // TRANSFORMERS_PER_ROUND))
    drawn: list[MadeFault] = []
    for kinds in SMALL:
        drawn += sample_faults(tree, 2 * rounds, random, span_min=SPAN_MIN - 60, kinds=kinds)
    drawn += [service_fault(tree, random, float(random.uniform(0, SPAN_MIN - 60))) for _ in range(rounds + 1)]
    weights = tree.faults_per_year
    in_grid = np.array([kind in DEVICES for kind in tree.kinds]) & (tree.customers > 0)
    smaller = in_grid & (tree.customers * 2 < len(tree.customer_ids))
    if smaller.any():
        weights = np.where(smaller, weights * tree.customers, 0.0)
    devices = sample_faults(tree, rounds, random, span_min=30.0, kinds=DEVICES, weights=weights)
    # The last hour but the latest twenty minutes, so that people have had time to call.
    drawn += [replace(each, at_min=each.at_min + SPAN_MIN - 50) for each in devices]
    by_place = {each.place: each for each in sorted(drawn, key=lambda each: -each.at_min)}
    faults = sorted(by_place.values(), key=lambda each: (each.at_min, each.place))
    return tuple(replace(each, id=f"F{number:02d}") for number, each in enumerate(faults, start=1))


def made_requests(
    tree: SupplyTree, customers: pd.DataFrame, transformers: int, now: datetime, random: np.random.Generator
) -> MadeRequests:
    """Make the requests of the hours before `now`.

    Parameters
    ----------
    customers : indexed by id, with lon, lat.
    """
    start = now - timedelta(minutes=SPAN_MIN)
    day = make_day(tree, made_faults(tree, transformers, random), start, SPAN_MIN, random, HABIT)
    rows = _calls(day, tree, start, random)
    dark = {int(row) for lost in day.lost_by.values() for row in lost}
    # Where all are dark, somebody asked for a meter before.
    lit = np.array(sorted(set(range(len(customers))) - dark) or range(len(customers)), dtype=np.int64)
    rows += [_other(kind, customers, lit, now, random) for kind in OTHER]
    rows.sort(key=lambda row: (str(row["received_at"]), str(row.get("customer"))))
    requests = pd.DataFrame(rows)
    requests.insert(0, "id", [f"R{number:04d}" for number in range(1, len(requests) + 1)])
    return MadeRequests(requests=requests, truth=_truth(day, start))


def _calls(
    day: MadeDay, tree: SupplyTree, start: datetime, random: np.random.Generator
) -> list[dict[str, object]]:
    """What those without supply say; of each fault that put anybody out at least one calls."""
    size = {
        str(tree.customer_ids[row]): (fault.id, len(lost))
        for fault in day.faults
        for lost in [day.lost_by[fault.id]]
        for row in lost.tolist()
    }
    calls = [(call.at, call.place) for call in day.calls]
    heard = {size[place][0] for _, place in calls if place in size}
    for fault in day.faults:
        lost = day.lost_by[fault.id]
        if len(lost) and fault.id not in heard:
            calls.append((start + timedelta(minutes=fault.at_min + 5), str(tree.customer_ids[lost[0]])))
    return [
        _row(at, _said(size[place][1]), random) | {"customer": place} for at, place in calls if place in size
    ]


def _said(customers_out: int) -> str:
    return "single" if customers_out == 1 else "few" if customers_out < LARGE else "wide"


def _other(
    kind: str, customers: pd.DataFrame, lit: np.ndarray, now: datetime, random: np.random.Generator
) -> dict[str, object]:
    """A request that is about no outage; who sees a hazard gives the place."""
    who = int(lit[int(random.integers(len(lit)))])
    row = _row(now - timedelta(minutes=int(random.integers(5, 240))), kind, random)
    if kind == "hazard":
        return row | {"lon": customers["lon"].iloc[who], "lat": customers["lat"].iloc[who]}
    row["customer"] = str(customers.index[who])
    if kind in WITH_APPOINTMENT:
        begins = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=int(random.integers(1, 7)))
        row |= {
            "appointment_from": begins.isoformat(),
            "appointment_to": (begins + timedelta(hours=2)).isoformat(),
        }
    return row


def _row(at: datetime, about: str, random: np.random.Generator) -> dict[str, object]:
    return {
        "received_at": at.replace(microsecond=0).isoformat(),
        "words": WORDS[about][int(random.integers(2))],
        "channel": ("phone", "app", "web")[int(random.choice(3, p=[0.7, 0.2, 0.1]))],
        "customer": None,
        "lon": None,
        "lat": None,
        "appointment_from": None,
        "appointment_to": None,
    }


def _truth(day: MadeDay, start: datetime) -> pd.DataFrame:
    rows: Sequence[tuple[object, ...]] = [
        (
            fault.id,
            fault.kind,
            fault.place,
            (start + timedelta(minutes=fault.at_min)).replace(microsecond=0).isoformat(),
            len(day.lost_by[fault.id]),
        )
        for fault in day.faults
    ]
    return pd.DataFrame(rows, columns=["id", "kind", "place", "since", "customers_out"])
