"""How often the 90 % estimate holds on made-up days.

    python benchmarks/etr_accuracy.py [--days 200] [--seed 1]

Ten crews do six repairs each. Causes are drawn as often as the records have
them and nobody knows them beforehand; time on site follows the cause's own
log-normal, drives vary by a fifth. Planned are the policy's 60 minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from dispatch.day import BlockCard, Outage
from dispatch.etr import EtrSettings, etrs
from dispatch.model import Case
from dispatch.plan import Plan, Route, Visit
from dispatch.problem import Block, Crew, Job, Problem, Travel
from dispatch.repair_times import REPAIR_TIMES
from geo import Fault

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
CREWS, EACH, PLANNED_S, DRIVE_S = 10, 6, 3600, 900


def planned_day() -> tuple[Problem, Plan, list[Outage], list[BlockCard]]:
    """The plan: every crew drives a quarter of an hour to each repair."""
    names = [[f"O{crew}-{n}" for n in range(EACH)] for crew in range(CREWS)]
    flat = [name for route in names for name in route]
    jobs = tuple(Job(id=f"{name}/repair", location=0, service_s=PLANNED_S) for name in flat)
    blocks = tuple(Block(id=name, cost_per_s=1, restored_by=((f"{name}/repair",),)) for name in flat)
    routes = []
    for crew, route in enumerate(names):
        visits, at = [], 0
        for name in route:
            start = at + DRIVE_S
            at = start + PLANNED_S
            visits.append(Visit(job=f"{name}/repair", arrival_s=start, start_s=start, finish_s=at))
        routes.append(Route(crew=f"C{crew}", start=0, visits=tuple(visits)))
    problem = Problem(
        travel=Travel(durations_s=np.zeros((1, 1), dtype=np.int64)),
        jobs=jobs,
        crews=tuple(Crew(id=f"C{n}", start=(0,)) for n in range(CREWS)),
        blocks=blocks,
    )
    cards = [
        BlockCard(id=name, outages=(name,), transformers=(name,), customers=40, weight=40, since=NOW)
        for name in flat
    ]
    return problem, Plan(status="feasible", cost=0, routes=tuple(routes)), [_outage(n) for n in flat], cards


def _outage(name: str) -> Outage:
    return Outage(
        id=name,
        fault=Fault(id=name, kind="transformer", place=name),
        since=NOW,
        requests=(),
        transformers=(name,),
        customers_out=40,
        component="line",
    )


def true_days(days: int, random: np.random.Generator) -> np.ndarray:
    """(days, crews, each) seconds at which each repair is done."""
    causes = list(REPAIR_TIMES.values())
    often = np.array([cause.records for cause in causes], dtype=float)
    drawn = random.choice(len(causes), size=(days, CREWS, EACH), p=often / often.sum())
    median_s = np.array([cause.median_h * 3600 for cause in causes])[drawn]
    sigma = np.array([cause.sigma for cause in causes])[drawn]
    on_site = median_s * np.exp(sigma * random.standard_normal(drawn.shape))
    drives = DRIVE_S * np.exp(0.2 * random.standard_normal(drawn.shape))
    return np.asarray((on_site + drives).cumsum(axis=2))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    problem, plan, outages, blocks = planned_day()
    case = cast(Case, SimpleNamespace(settings=SimpleNamespace(now=NOW)))
    truth = true_days(args.days, np.random.default_rng(args.seed)).reshape(args.days, -1)
    lines = [
        "| centre | 90 % held | first repair of a crew | last repair | median held |",
        "|---|---|---|---|---|",
    ]
    for centre in ("plan", "records"):
        settings = EtrSettings(centre=cast(Any, centre))
        found = etrs(case, outages, [], blocks, problem, plan, settings=settings, seed=args.seed)
        p90 = np.array([(etr.p90 - NOW).total_seconds() for etr in found if etr.p90])
        median = np.array([(etr.median - NOW).total_seconds() for etr in found if etr.median])
        held = (truth <= p90).reshape(args.days, CREWS, EACH)
        lines.append(
            f"| {centre} | {held.mean():.1%} | {held[:, :, 0].mean():.1%} | {held[:, :, -1].mean():.1%} "
            f"| {(truth <= median).mean():.1%} |"
        )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
