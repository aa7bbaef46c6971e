"""Promises and ETRs of a simulated day, compared with what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ground.problem import Job
from .engine import Outcome, Work
from .stage import Happening, Stage

# An ETR counts as met when supply is back no later than this after it.
ETR_GRACE_MIN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise on one fault: what, by how much it was missed, what that cost."""

    fault: Happening
    what: str
    late_s: int
    cost: float


def promises(stage: Stage, outcome: Outcome) -> dict[str, Any]:
    """Promises on arrival and repair, given and kept: in all, by class, by grade and by area.

    They run from the discovery of each fault; a job that nobody did counts as done at the end.
    """
    told = list(_all(stage, outcome))
    found: dict[str, Any] = {}
    for what, name in (("arrival", "arrival_promises"), ("restore", "repair_promises")):
        mine = [each for each in told if each.what == what]
        found[name] = len(mine)
        found[f"{name}_kept"] = sum(each.late_s == 0 for each in mine)
    found["late_promise_cost"] = sum(each.cost for each in told)
    found["late_arrival_cost"] = sum(each.cost for each in told if each.what == "arrival")
    found["late_repair_cost"] = sum(each.cost for each in told if each.what == "restore")
    for group in ("class", "grade", "area"):
        found[f"promises_by_{group}"] = _grouped(told, group)
    return found


def _all(stage: Stage, outcome: Outcome) -> Iterator[Promise]:
    spec = {job.id: job for job in stage.jobs}
    works: dict[str, list[Work]] = {}
    for work in outcome.works:
        works.setdefault(work.job, []).append(work)
    for at, known_s in outcome.known_s.items():
        fault = stage.faults[at]
        for name in fault.jobs:
            yield from _of_job(fault, spec[name], works.get(name, []), known_s, stage.horizon_s)


def _of_job(fault: Happening, job: Job, works: list[Work], known_s: int, horizon_s: int) -> Iterator[Promise]:
    arrive = min((work.arrive_s for work in works), default=horizon_s)
    finish = max((work.finish_s for work in works), default=horizon_s)
    for what, by, when, rate in (
        ("arrival", job.arrive_by_s, arrive, job.late_arrival_cost_per_s),
        ("restore", job.finish_by_s, finish, job.late_finish_cost_per_s),
    ):
        if by is not None:
            late_s = max(0, when - known_s - by)
            yield Promise(fault=fault, what=what, late_s=late_s, cost=rate * late_s)


def _grouped(told: list[Promise], group: str) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"given": 0, "kept": 0})
    for each in told:
        key = {"class": each.fault.class_, "grade": each.fault.grade, "area": each.fault.area}[group]
        counts[key]["given"] += 1
        counts[key]["kept"] += each.late_s == 0
    return {key: counts[key] for key in sorted(counts)}


def etr_accuracy(outcome: Outcome) -> dict[str, float]:
    """How the first restoration time told for each fault compares with when it was mended.

    The first plan that knows of a fault tells it, before anybody has seen it. Positive errors are
    faults mended later than told. Nothing where the dispatcher tells no times or no fault was mended.
    """
    both = [(outcome.mended_s[at], etr_s) for at, etr_s in outcome.etr_s.items() if at in outcome.mended_s]
    if not both:
        return {}
    error_min = np.asarray([(mended - etr_s) / 60 for mended, etr_s in both])
    return {
        "told": len(both),
        "error_median_min": float(np.median(error_min)),
        "error_mean_abs_min": float(np.abs(error_min).mean()),
        "met_share": float((error_min <= ETR_GRACE_MIN).mean()),
    }
