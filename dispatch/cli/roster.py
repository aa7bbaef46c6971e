"""`gridcrew roster SCENARIO`: simulate the demand, find the shifts, and live through the days with them."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

from ..ground.errors import Fault, InputFaults
from ..roster.demand import Demand, hourly_demand
from ..roster.solve import Roster, fewest_people_roster
from ..roster.terms import Terms, read_terms
from ..simulate.answers import estimate
from ..simulate.crews import kept_share
from ..simulate.measures import measure
from ..simulate.scenario import CrewGroup, Scenario
from ..simulate.scenario_check import check_study
from ..simulate.scenario_file import read_study
from ..simulate.study import live, shared_world
from ..simulate.world import World
from .options import positive, whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Simulate a scenario with all crews there at every hour, count how many are at work in each hour, "
        "find the roster with the fewest crews that has enough, and live through the days again with it."
    )
    parser.add_argument("scenario", type=Path, help="a scenario file (docs/scenarios.md)")
    parser.add_argument("--terms", type=Path, help="YAML with shifts, rest, hours, skills and crews")
    parser.add_argument("--replications", type=whole, default=20, metavar="N", help="default 20")
    parser.add_argument("--seed", type=whole, default=1, help="default 1")
    parser.add_argument("--promise", type=positive, default=24.0, metavar="HOURS", help="90 %% back in (24)")
    parser.add_argument("--certainty", type=positive, default=0.9, help="on this share of days (0.9)")
    parser.add_argument("--time-limit", type=positive, default=20.0, metavar="S", help="of each roster (20)")
    parser.add_argument("--out", type=Path, help="CSV to write the roster to")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(args: argparse.Namespace) -> int:
    """Find a roster and say what it keeps; 1 when the promise is not kept with all crews."""
    study = read_study(args.scenario)
    terms = read_terms(args.terms) if args.terms else Terms()
    _check(args)
    world = shared_world(study.case_folder)
    check_study(study, world, args.scenario.name)
    base = study.alternatives[study.base]
    ample, demand = _demand(world, base, terms, args)
    print(f"with all {_count(terms)} crews at every hour: {_kept(ample, args)}")
    print(
        f"demand of the hours on {terms.share:.0%} of the days: up to {demand.crews(terms.share).max()} crews"
    )
    for share in dict.fromkeys((terms.share, (1 + terms.share) / 2, 1.0)):
        wanted = _from_midnight(demand, share)
        roster = fewest_people_roster(terms, wanted, time_limit_s=args.time_limit, seed=args.seed)
        hours = _hours(world, _rostered(base, terms, roster), args)
        kept, _, _ = kept_share(hours, args.promise)
        print(f"{roster.crews} crews, {len(roster.duties)} shifts: {_kept(hours, args)}")
        if kept >= args.certainty or share >= 1.0:
            break
    _show(roster)
    if args.out:
        write_roster(args.out, roster)
    return 0 if kept >= args.certainty else 1


def _check(args: argparse.Namespace) -> None:
    wrong = []
    if args.replications < 1:
        wrong.append(Fault(file="roster", place="--replications", text="0; expected at least 1"))
    if args.certainty > 1:
        text = f"{args.certainty:g}; expected a share, at most 1"
        wrong.append(Fault(file="roster", place="--certainty", text=text))
    if wrong:
        raise InputFaults(wrong)


def _count(terms: Terms) -> int:
    return sum(member.count for member in terms.crews)


def _demand(
    world: World, base: Scenario, terms: Terms, args: argparse.Namespace
) -> tuple[list[float], Demand]:
    """Hours to 90 % and demand, with all crews of the terms there from first to last."""
    groups = tuple(
        CrewGroup(name=m.name, count=m.count, skills=m.skills, turns=((0.0, base.hours),), overtime_min=0)
        for m in terms.crews
    )
    scenario = base.model_copy(update={"crews": groups})
    outcomes, hours = [], []
    for number in range(args.replications):
        stage, outcome = live(world, scenario, args.seed, number)
        outcomes.append(outcome)
        hours.append(float(measure(stage, outcome)["h_to_90"]))
        _told(args, f"demand: day {number + 1} of {args.replications}")
    local = base.start.astimezone(world.case.settings.zone)
    return hours, hourly_demand(outcomes, int(np.ceil(base.hours)), local.hour)


def _from_midnight(demand: Demand, share: float) -> list[int]:
    """The demand from midnight of the first day: as many hours later as the scenario begins after it."""
    return [0] * demand.first_hour + [int(each) for each in demand.crews(share)]


def _rostered(base: Scenario, terms: Terms, roster: Roster) -> Scenario:
    """The scenario with each crew of the roster at its own hours."""
    begin = base.start.hour
    groups = []
    for crew, turns in roster.turns().items():
        kept = tuple(
            (max(0.0, a - begin), b - begin) for a, b in turns if b > begin and a - begin < base.hours
        )
        if kept:
            groups.append(
                CrewGroup(name=crew, count=1, skills=roster.skills[crew], turns=kept, overtime_min=60)
            )
    return base.model_copy(update={"crews": tuple(groups)})


def _hours(world: World, scenario: Scenario, args: argparse.Namespace) -> list[float]:
    found = []
    for number in range(args.replications):
        stage, outcome = live(world, scenario, args.seed, number)
        found.append(float(measure(stage, outcome)["h_to_90"]))
        _told(args, f"roster: day {number + 1} of {args.replications}")
    return found


def _kept(hours: list[float], args: argparse.Namespace) -> str:
    share, low, high = kept_share(hours, args.promise)
    mean = estimate(hours)
    return (
        f"90 % back in {args.promise:g} h on {share:.0%} of days ({low:.0%} to {high:.0%}), "
        f"after {mean.mean:.1f} h on average"
    )


def _told(args: argparse.Namespace, text: str) -> None:
    if not args.quiet:
        print(f"\r{text} \x1b[K", end="", file=sys.stderr, flush=True)
        if text.endswith(f" of {args.replications}") and f"day {args.replications} of" in text:
            print(file=sys.stderr)


def _show(roster: Roster) -> None:
    """A line per crew: its shift on each day."""
    letter = {shift.name: shift.name[0].upper() for shift in roster.terms.shifts}
    plan: dict[str, dict[int, str]] = {}
    for duty in roster.duties:
        plan.setdefault(duty.crew, {})[duty.day] = letter[duty.shift]
    days = range(roster.terms.days)
    names = ", ".join(
        f"{letter[s.name]} {s.name} {s.begin_h:g}-{s.end_h % 24:g} h" for s in roster.terms.shifts
    )
    print(f"{names}{'' if roster.optimal else ' (not proven best)'}")
    for crew in sorted(plan):
        row = " ".join(plan[crew].get(day, ".") for day in days)
        print(f"  {crew:<12} {row}   {roster.hours_of(crew):g} h")


def write_roster(path: Path, roster: Roster) -> None:
    """Write a roster as CSV: crew, day, shift, from, to (hours of that day)."""
    at = {shift.name: shift for shift in roster.terms.shifts}
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["crew", "day", "shift", "begin_h", "end_h"])
        for duty in sorted(roster.duties, key=lambda each: (each.crew, each.day)):
            shift = at[duty.shift]
            out.writerow([duty.crew, duty.day + 1, duty.shift, f"{shift.begin_h:g}", f"{shift.end_h:g}"])
