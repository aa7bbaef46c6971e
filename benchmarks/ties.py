"""A day with and without ties: what "restore first, repair later" saves.

    python benchmarks/ties.py [--case data/coquimbo ...] [--work 2000] [--seed 1]

Plans each case as it is, with all normally open devices taken out of the grid, and with no switching
and no generators at all, with the same work and seed; writes a Markdown table per case.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from dispatch.ground.case import Case
from dispatch.ground.day import DayPlan, OpenDay
from dispatch.ground.problem import Problem
from dispatch.intake import load_case
from dispatch.planning.main_road import open_day, with_plan
from dispatch.solver import solve
from geo import Grid
from geo.readers.loading import grid_tables

HEAD = (
    "| grid | customers out | customer-minutes | weighted | SAIDI, min | switched (remote) | generators |",
    "|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One plan of one variant of a day."""

    name: str
    day: DayPlan

    def row(self) -> str:
        """The plan as a row of the table."""
        summary = self.day.summary
        planned = {visit.job for route in self.day.plan.routes for visit in route.visits}
        cards = [card for job, card in self.day.cards.items() if job in planned]
        kinds = Counter(card.kind for card in cards)
        remote = sum(card.kind == "switching" and card.remote for card in cards)
        figures = (
            f"{summary.customers_out:,}",
            f"{summary.customer_minutes:,.0f}",
            f"{summary.weighted_customer_minutes:,.0f}",
            f"{summary.saidi_min:.2f}",
            f"{kinds['switching']} ({remote})",
            f"{kinds['generator']}",
        )
        return f"| {self.name} | {' | '.join(figures)} |"


def without_ties(case: Case) -> Case:
    """The case in a grid whose normally open devices are gone."""
    tables = grid_tables(case.grid)
    switches = tables["switches"]
    tables["switches"] = switches[switches["normal"] == "closed"]
    return replace(case, grid=Grid.from_tables(**tables, name=case.grid.name))


def repairs_only(day: OpenDay) -> OpenDay:
    """The day without switching and generators: what a way needs beside repairs is taken out."""
    gone = {job for job, card in day.cards.items() if card.kind in ("switching", "generator")}
    return replace(day, problem=_without(day.problem, gone), plain=_without(day.plain, gone))


def _without(problem: Problem, gone: set[str]) -> Problem:
    blocks = tuple(
        replace(block, restored_by=tuple(way for way in block.restored_by if not gone & set(way)))
        for block in problem.blocks
    )
    jobs = tuple(job for job in problem.jobs if job.id not in gone)
    return replace(problem, jobs=jobs, blocks=blocks)


def planned(day: OpenDay, work: int, seed: int) -> DayPlan:
    """Plan an opened day with one process, so that the result repeats."""
    plan = solve(day.problem, work=work, seed=seed, processes=1)
    return with_plan(day, replace(plan, seconds=0))


def compared(case: Case, work: int, seed: int) -> list[Result]:
    """Plan the three variants of a case."""
    day = open_day(case)
    variants = {
        "as it is": day,
        "no ties": open_day(without_ties(case)),
        "repairs only": repairs_only(day),
    }
    return [Result(name=name, day=planned(each, work, seed)) for name, each in variants.items()]


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", type=Path, action="append", help="case folder; default: both of data/")
    parser.add_argument("--work", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    data = Path(__file__).parents[1] / "data"
    for folder in asked.case or [data / "coquimbo", data / "oberrhein"]:
        case = load_case(folder)
        print(f"\n{case.settings.name}: {len(case.grid.ties)} ties, {len(case.crews)} crews\n")
        print(*HEAD, sep="\n")
        results = compared(case, asked.work, asked.seed)
        print(*(each.row() for each in results), sep="\n")
        minutes = [each.day.summary.customer_minutes for each in results]
        share = 100 * (1 - minutes[0] / minutes[-1])
        told = results[0].day.summary.minutes_ahead_of_repair
        print(
            f"\nBeside repairs only, switching saves {minutes[-1] - minutes[0]:,.0f} customer-minutes "
            f"({share:.0f} %); in the plan as it is, customers are back {told:,.0f} customer-minutes "
            "before their repairs."
        )


if __name__ == "__main__":
    main()
