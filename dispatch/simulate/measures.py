"""What one replication says: indices, promises, crews, and the curve of customers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .engine import Outcome
from .promised import etr_accuracy, promises
from .stage import DESK_CREW, Stage
from .supply import Interruption

# IEEE 1366: an interruption of five minutes or less is momentary and counts in no index here.
MOMENTARY_S = 300
GRID_MIN = 30
SHARES = (0.5, 0.9, 0.99)


def measure(stage: Stage, outcome: Outcome) -> dict[str, Any]:
    """Figures of a replication, plain numbers and lists only, so that they can be kept as JSON.

    Keys name their unit. `curve` is customers out at every `GRID_MIN` minutes.
    `busy` is crews on the road, waiting or at work. What is told by area, class or grade is a
    mapping of mappings; `etr` is empty where the dispatcher tells no times.
    `faults_by_h` counts the faults of each hour. `outages` is to compare a replay with its record.
    Energy not supplied takes everybody's mean load of the year.
    `h_to_50` and so on: hours until that share of all customers who lost supply
    has it back for good, from the first loss.
    """
    found = [i for i in outcome.interruptions if i.to_s - i.from_s > MOMENTARY_S]
    customers = np.asarray([stage.block_customers[i.block] for i in found], dtype=np.float64)
    weight = np.asarray([stage.block_weight[i.block] for i in found], dtype=np.float64)
    load_kw = np.asarray([stage.block_kw[i.block] if stage.block_kw else 0.0 for i in found])
    minutes = np.asarray([(i.to_s - i.from_s) / 60 for i in found])
    lost = float(customers.sum())
    total = float((customers * minutes).sum())
    return {
        "faults": len(stage.faults),
        "customer_interruptions": lost,
        "customer_minutes": total,
        "weighted_customer_minutes": float((weight * minutes).sum()),
        "saidi_min": total / stage.customers,
        "saifi": lost / stage.customers,
        "caidi_min": total / lost if lost else 0.0,
        "energy_not_supplied_kwh": float((load_kw * minutes).sum() / 60),
        "unserved_customers": outcome.unserved,
        "replans": outcome.replans,
        **promises(stage, outcome),
        **_crews(outcome),
        **_costs(stage, outcome),
        "etr": etr_accuracy(outcome),
        **_restored(stage, outcome),
        "by_area": _by_area(stage, found),
        "curve": curve(stage, outcome),
        "busy": busy(stage, outcome),
        "faults_by_h": faults_by_hour(stage),
        "outages": outage_hours(stage, outcome),
    }


def curve(stage: Stage, outcome: Outcome) -> list[int]:
    """Customers without supply at the start and every `GRID_MIN` minutes after it."""
    at_s = np.arange(0, stage.horizon_s + 1, GRID_MIN * 60)
    change = np.zeros(len(at_s) + 1, dtype=np.int64)
    for each in outcome.interruptions:
        begin, end = (int(np.searchsorted(at_s, moment)) for moment in (each.from_s, each.to_s))
        change[begin] += stage.block_customers[each.block]
        change[end] -= stage.block_customers[each.block]
    return [int(value) for value in np.cumsum(change)[:-1]]


def busy(stage: Stage, outcome: Outcome) -> list[int]:
    """Crews on the road, waiting on site or working, at every `GRID_MIN` minutes."""
    at_s = np.arange(0, stage.horizon_s + 1, GRID_MIN * 60)
    change = np.zeros(len(at_s) + 1, dtype=np.int64)
    for work in outcome.works:
        if work.crew != DESK_CREW:
            begin, end = (int(np.searchsorted(at_s, moment)) for moment in (work.left_s, work.finish_s))
            change[begin] += 1
            change[end] -= 1
    return [int(value) for value in np.cumsum(change)[:-1]]


def faults_by_hour(stage: Stage) -> list[int]:
    """How many faults happen in each hour from the start, up to the hour of the last one."""
    hours = [int(fault.at_s // 3600) for fault in stage.faults]
    return [int(count) for count in np.bincount(np.asarray(hours, dtype=np.int64))] if hours else []


def outage_hours(stage: Stage, outcome: Outcome) -> list[tuple[int, float]]:
    """Begin (s) of each fault that cost supply, and hours until the last of its customers had it back."""
    last: dict[int, int] = {}
    for each in outcome.interruptions:
        last[each.block] = max(last.get(each.block, 0), each.to_s)
    ends: dict[str, int] = {}
    for number, block in enumerate(stage.blocks):
        for job in {job for way in block.restored_by for job in way}:
            ends[job] = max(ends.get(job, 0), last.get(number, 0))
    found = []
    for fault in stage.faults:
        end_s = ends.get(fault.jobs[-1], 0)
        if end_s > fault.at_s:
            found.append((fault.at_s, (end_s - fault.at_s) / 3600))
    return found


def _by_area(stage: Stage, found: Sequence[Interruption]) -> dict[str, dict[str, float]]:
    """Interruptions, customer-minutes and energy by the area of the fault behind them."""
    area_of = {job: fault.area for fault in stage.faults for job in fault.jobs}
    areas = [
        next((area_of[job] for way in block.restored_by for job in way if job in area_of), "")
        for block in stage.blocks
    ]
    told: dict[str, dict[str, float]] = {}
    for each in found:
        row = told.setdefault(
            areas[each.block],
            {"customer_interruptions": 0.0, "customer_minutes": 0.0, "energy_not_supplied_kwh": 0.0},
        )
        hours = (each.to_s - each.from_s) / 3600
        row["customer_interruptions"] += stage.block_customers[each.block]
        row["customer_minutes"] += stage.block_customers[each.block] * hours * 60
        if stage.block_kw:
            row["energy_not_supplied_kwh"] += stage.block_kw[each.block] * hours
    return {area: told[area] for area in sorted(told)}


def _costs(stage: Stage, outcome: Outcome) -> dict[str, float]:
    """Driving and overtime in cost units, the way home included; time and promises are priced beside."""
    driving, overtime = 0.0, 0.0
    for team in outcome.teams:
        crew = team.crew
        if team.crew.id == DESK_CREW or not team.visits:
            continue
        home_s = 0 if crew.end is None else crew.drive_s(stage.travel.between(team.at, crew.end))
        driving += (team.drive_s + home_s) * stage.costs.travel_per_s
        if crew.shift:
            overtime += max(0, team.last_s + home_s - crew.shift[1]) * crew.overtime_cost_per_s
    return {"driving_cost": driving, "overtime_cost": overtime}


def _crews(outcome: Outcome) -> dict[str, float]:
    teams = [team for team in outcome.teams if team.crew.id != DESK_CREW and team.visits]
    drive_h = sum(team.drive_s for team in teams) / 3600
    work_h = sum(team.work_s for team in teams) / 3600
    late_s = (max(0, team.last_s - team.crew.shift[1]) for team in teams if team.crew.shift)
    return {
        "drive_h": drive_h,
        "work_h": work_h,
        "drive_share": drive_h / (drive_h + work_h) if teams else 0.0,
        "overtime_h": sum(late_s) / 3600,
        "visits": sum(team.visits for team in teams),
    }


def _restored(stage: Stage, outcome: Outcome) -> dict[str, float]:
    last: dict[int, int] = {}
    for each in outcome.interruptions:
        last[each.block] = max(last.get(each.block, 0), each.to_s)
    if not last:
        return {f"h_to_{share:.0%}".rstrip("%"): 0.0 for share in SHARES}
    first = min(each.from_s for each in outcome.interruptions)
    order = sorted(last, key=lambda block: last[block])
    reached = np.cumsum([stage.block_customers[block] for block in order])
    answers: Mapping[str, float] = {
        f"h_to_{share:.0%}".rstrip("%"): (
            last[order[min(len(order) - 1, int(np.searchsorted(reached, share * reached[-1] - 1e-9)))]]
            - first
        )
        / 3600
        for share in SHARES
    }
    return dict(answers)
