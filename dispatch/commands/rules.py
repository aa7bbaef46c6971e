"""`gridcrew rules`: the rules' own commands, and what a change of policy does to a day's plan."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rules import Policy
from rules import cli as rules_cli
from rules.fairness import fairness

from ..day import DayPlan
from ..intake import load_case
from ..planning import plan_day
from ..waiting import waiting

DEFAULT_WORK = 3000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    rules_cli.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run; `diff --case DIR` plans that day under both policies."""
    folder: Path | None = getattr(args, "case", None)
    if folder is None:
        return rules_cli.run(args)

    def effect(old: Policy, new: Policy, _: Sequence[Mapping[str, Any]]) -> str:
        case = load_case(folder)
        days = [plan_day(replace(case, policy=each), work=DEFAULT_WORK, processes=1) for each in (old, new)]
        return effect_text(*days)

    return rules_cli.run(args, plan_effect=effect)


def effect_text(before: DayPlan, after: DayPlan) -> str:
    """What a policy does to the plan of a day, beside another."""
    one, two = before.summary, after.summary
    rows = [
        ("customer-minutes", one.customer_minutes, two.customer_minutes),
        ("promises kept", one.promises_kept, two.promises_kept),
        ("promises missed", one.promises_missed, two.promises_missed),
        ("jobs left out", one.jobs_left_out, two.jobs_left_out),
    ]
    lines = ["", f"{'the day planned':<28}{'before':>14}{'after':>14}{'change':>14}"]
    lines += [f"{name:<28}{old:>14,.0f}{new:>14,.0f}{new - old:>+14,.0f}" for name, old, new in rows]
    old_by, new_by = (_minutes_by_grade(day) for day in (before, after))
    for grade in sorted(set(old_by) | set(new_by)):
        old, new = old_by.get(grade, 0.0), new_by.get(grade, 0.0)
        lines.append(f"{'mean minutes, ' + grade:<28}{old:>14,.0f}{new:>14,.0f}{new - old:>+14,.0f}")
    return "\n".join(lines)


def _minutes_by_grade(day: DayPlan) -> dict[str, float]:
    lines = waiting(day)
    if lines.empty:
        return {}
    table = fairness({name: lines[name] for name in lines.columns})["grade"]
    return {str(row["grade"]): float(row["mean_min"]) for row in table.reset_index().to_dict("records")}
