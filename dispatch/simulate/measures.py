"""What one replication says: indices, promises, crews, and the curve of customers out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .engine import Outcome, Work
from .stage import DESK_CREW, Stage

# IEEE 1366: an interruption of five minutes or less is momentary and counts in no index here.
MOMENTARY_S = 300
GRID_MIN = 30
SHARES = (0.5, 0.9, 0.99)


def measure(stage: Stage, outcome: Outcome) -> dict[str, Any]:
    """Figures of a replication, plain numbers and lists only, so that they can be kept as JSON.

    Keys name their unit. `curve` is customers out at every `GRID_MIN` minutes.
    `h_to_50` and so on: hours until that share of all customers who lost supply
    has it back for good, from the first loss.
    """
    found = [i for i in outcome.interruptions if i.to_s - i.from_s > MOMENTARY_S]
    customers = np.asarray([stage.block_customers[i.block] for i in found], dtype=np.float64)
    weight = np.asarray([stage.block_weight[i.block] for i in found], dtype=np.float64)
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
        "unserved_customers": outcome.unserved,
        "replans": outcome.replans,
        **_promises(stage, outcome),
        **_crews(outcome),
        **_restored(stage, outcome),
        "curve": curve(stage, outcome),
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


def _promises(stage: Stage, outcome: Outcome) -> dict[str, float]:
    """Promises on arrival and repair, from the discovery of each fault."""
    spec = {job.id: job for job in stage.jobs}
    works: dict[str, list[Work]] = {}
    for work in outcome.works:
        works.setdefault(work.job, []).append(work)
    kept = {"arrival": 0, "restore": 0}
    given = {"arrival": 0, "restore": 0}
    late_cost = 0.0
    for at, known_s in outcome.known_s.items():
        for name in stage.faults[at].jobs:
            job, done = spec[name], works.get(name)
            arrive = min((w.arrive_s for w in done), default=stage.horizon_s) if done else stage.horizon_s
            finish = max((w.finish_s for w in done), default=stage.horizon_s) if done else stage.horizon_s
            for what, by, when, rate in (
                ("arrival", job.arrive_by_s, arrive, job.late_arrival_cost_per_s),
                ("restore", job.finish_by_s, finish, job.late_finish_cost_per_s),
            ):
                if by is not None:
                    late_s = max(0, when - known_s - by)
                    given[what] += 1
                    kept[what] += late_s == 0
                    late_cost += rate * late_s
    return {
        "arrival_promises": given["arrival"],
        "arrival_promises_kept": kept["arrival"],
        "repair_promises": given["restore"],
        "repair_promises_kept": kept["restore"],
        "late_promise_cost": late_cost,
    }


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
