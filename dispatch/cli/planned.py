"""`gridcrew planned`: what planned outages do, who must be told by when, what is in the way."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ..ground.case import Case
from ..ground.errors import Fault, InputFaults
from ..intake import load_case
from ..intake.planned import read_planned
from ..outages.planned import PlannedEffect, PlannedOutage
from ..outages.planned_ways import PlannedWay
from ..planning.planned_work import customers_behind, studied, ties_closed

MOST_NAMED = 5
NAMES = ("planned.csv", "planned.xlsx")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", type=Path, metavar="CASE", help="case folder")
    parser.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="default: planned.csv or planned.xlsx of the case"
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def run(args: argparse.Namespace) -> int:
    """Say what each plan does; 1 where something is in the way of one."""
    case = load_case(args.case)
    found = studied(case, read_planned(args.file or _file_of(args.case), case.settings.zone))
    if args.json:
        print(json.dumps([_plain(case, *each) for each in found], ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(_text(case, *each) for each in found))
    return int(any(effect.conflicts for effect, _ in found))


def _file_of(case: Path) -> Path:
    path = next((case / name for name in NAMES if (case / name).exists()), None)
    if path is None:
        raise InputFaults([Fault(file=str(case), place="", text=f"has no {' or '.join(NAMES)}; name a file")])
    return path


def _text(case: Case, effect: PlannedEffect, ways: Sequence[PlannedWay]) -> str:
    plan, zone = effect.planned, case.settings.zone

    def when(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"

    lines = [
        f"{plan.id}: {when(plan.start)} to {when(plan.end)}{', ' + plan.reason if plan.reason else ''}",
        f"  customers out  {effect.customers_out:,} behind {len(effect.transformers)} transformers, "
        f"{effect.customer_minutes:,.0f} customer-minutes",
        f"  feeders        {', '.join(effect.feeders) or '-'}",
        f"  switching      {', then '.join(_step(each) for each in effect.switching) or 'nothing'}",
    ]
    if effect.public_due is not None:
        lines.append(f"  tell all by    {when(effect.public_due)}")
    lines += _notice_lines(case, effect, when)
    lines += [f"  IN THE WAY     {each.text}" for each in effect.conflicts]
    lines += [f"  instead        {_way(case, plan, each)}" for each in ways[1:]]
    return "\n".join(lines)


def _notice_lines(case: Case, effect: PlannedEffect, when: Callable[[datetime], str]) -> Iterator[str]:
    """Whom to tell, the important first; of each grade a few names and how many more."""
    names = case.customers.table["name"]
    for grade in _grades(effect):
        told = [each for each in effect.notices if each.grade == grade]
        for notice in told[:MOST_NAMED]:
            who = f"{notice.customer} {names.get(notice.customer) or ''}".strip()
            late = " LATE" if notice.late else ""
            yield f"  tell {who} ({grade}) by {when(notice.due)}{late}"
        if len(told) > MOST_NAMED:
            yield f"  ... and {len(told) - MOST_NAMED:,} more ({grade}); --json names all"


def _grades(effect: PlannedEffect) -> list[str]:
    """The grades to be told, the one with the fewest customers first."""
    grades = [each.grade for each in effect.notices]
    return sorted(set(grades), key=lambda grade: (grades.count(grade), grade))


def _step(action: Any) -> str:
    return f"{action.action} {action.name}{' (remote)' if action.remote else ''}"


def _way(case: Case, plan: PlannedOutage, way: PlannedWay) -> str:
    if way.kind == "generator":
        return f"a mobile generator at {', '.join(way.transformers)} for important customers"
    if way.kind == "live_line":
        able = [crew.name for crew in case.crews if "live_line" in crew.skills]
        return f"under voltage: nobody out; crews that may: {', '.join(able) or 'none on shift'}"
    out = customers_behind(case, way.transformers)
    return f"close {', '.join(ties_closed(plan, way))} meanwhile: {out:,} customers out"


def _plain(case: Case, effect: PlannedEffect, ways: Sequence[PlannedWay]) -> dict[str, Any]:
    plan = effect.planned
    return {
        "id": plan.id,
        "start": plan.start.isoformat(),
        "end": plan.end.isoformat(),
        "customers_out": effect.customers_out,
        "customer_minutes": effect.customer_minutes,
        "transformers": list(effect.transformers),
        "feeders": list(effect.feeders),
        "switching": [{"action": each.action, "device": each.device} for each in effect.switching],
        "tell_all_by": None if effect.public_due is None else effect.public_due.isoformat(),
        "tell": [
            {"customer": each.customer, "grade": each.grade, "by": each.due.isoformat(), "late": each.late}
            for each in effect.notices
        ],
        "conflicts": [
            {"kind": each.kind, "other": each.other, "text": each.text} for each in effect.conflicts
        ],
        "instead": [{"kind": each.kind, "text": _way(case, plan, each)} for each in ways[1:]],
    }
