"""What simulated storms say: the planner against the sorted list, and what a replication costs.

    python benchmarks/simulation.py study --replications 200 --out DIR [--processes 2]
    python benchmarks/simulation.py decision
    python benchmarks/simulation.py speed --replications 10
    python benchmarks/simulation.py processes --replications 40 --out DIR
    python benchmarks/simulation.py large [--faults 5000 --crews 400 --days 5 --work 5]

`study` goes on where it was interrupted. Seconds are CPU seconds but for `processes`.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dispatch.replan import priced
from dispatch.simulate.answers import difference, values_of
from dispatch.simulate.dispatchers import ListDispatcher, PlannerDispatcher, dispatcher_of
from dispatch.simulate.engine import play
from dispatch.simulate.kept import kept_records
from dispatch.simulate.scenario import Scenario, Study
from dispatch.simulate.scenario_file import read_study
from dispatch.simulate.stage import Stage, make_stage
from dispatch.simulate.storms import draw_hits
from dispatch.simulate.study import run_study, shared_world
from dispatch.solver import solve
from dispatch.solver.session import better_start

STORM = Path(__file__).parents[1] / "data" / "coquimbo" / "scenarios" / "storm.yaml"
FIGURES = (
    "customer_minutes",
    "weighted_customer_minutes",
    "energy_not_supplied_kwh",
    "h_to_50",
    "h_to_90",
    "h_to_99",
    "late_promise_cost",
    "overtime_h",
    "drive_h",
    "work_h",
)


def study(args: argparse.Namespace) -> None:
    """The planner against the list with the same crews on the same storms."""
    asked = read_study(STORM)
    if not args.kept:
        run_study(
            asked, replications=args.replications, seed=1, out=args.out, processes=args.processes,
            on_progress=lambda done, of, s: print(f"\r{done} of {of}, {s:.0f} s", end="", flush=True),
        )  # fmt: skip
    records = kept_records(asked, args.replications, 1, args.out)
    base = asked.base
    print(f"\n{len(records[base])} storms, {base}; the difference of the others, 95 % interval")
    for other in [name for name in records if name != base]:
        for figure in FIGURES:
            found = difference(records[other], records[base], figure)
            mean = float(np.mean(values_of(records[other], figure)))
            low, high = (100 * bound / mean for bound in (found.estimate.low, found.estimate.high))
            print(
                f"{figure:28s} {other} {mean:14,.2f}; {base} {found.share:+.1%} ({low:+.1f} to {high:+.1f})"
            )
        pairs = zip(*(values_of(records[name], "customer_minutes") for name in (base, other)), strict=True)
        better = sum(mine < theirs for mine, theirs in pairs)
        print(f"fewer customer-minutes than {other} on {better} of {len(records[base])} storms")


def decision(args: argparse.Namespace) -> None:
    """One re-plan of one storm with everything known: what each start and each budget costs."""
    _, scenario = _base()
    caught = []

    class Catching(PlannerDispatcher):
        def routes(self, view, before, idle, seed):  # type: ignore[no-untyped-def]
            found = super().routes(view, before, idle, seed)
            caught.append((view.problem, before, found))
            return found

    play(_stage(scenario, 0), Catching(20), seed=1)
    for problem, before, found in caught[len(caught) // 6 :: max(1, len(caught) // 6)]:
        known = problem.job_by_id
        start = [[job for job in before.get(crew.id, ()) if job in known] for crew in problem.crews]
        rows = {
            "solver's rule + 20": solve(problem, work=20, processes=1).cost,
            "in force + 20": solve(problem, work=20, processes=1, start=start).cost,
            "session, 20": priced(problem, found).cost,
            "session + 20,000": solve(
                problem, work=20_000, processes=1, start=better_start(problem, start)
            ).cost,
        }
        best = min(rows.values())
        print(
            len(problem.jobs),
            "jobs:",
            ", ".join(f"{n} {100 * (c / best - 1):+.1f} %" for n, c in rows.items()),
        )


def speed(args: argparse.Namespace) -> None:
    """CPU seconds of one replication, by part, and the memory of the process as replications go on."""
    _, scenario = _base()
    play(_stage(scenario, 0), dispatcher_of(scenario.plan), seed=1)
    for work in (1, 5, 20):
        spent = np.zeros(2)
        replans = 0
        for number in range(args.replications):
            began = time.process_time()
            stage = _stage(scenario, number)
            built = time.process_time()
            replans += play(stage, PlannerDispatcher(work), seed=1).replans
            spent += built - began, time.process_time() - built
        made, lived = spent / args.replications
        per_replan = 1000 * lived * args.replications / replans
        print(f"work {work:3d}: made in {made:.2f} s, lived in {lived:.2f} s, {per_replan:.1f} ms a re-plan")
        print(f"  at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def processes(args: argparse.Namespace) -> None:
    """The same study in one process and in two: wall-clock seconds."""
    asked = read_study(STORM)
    took = {}
    for count in (1, 2):
        began = time.monotonic()
        run_study(asked, replications=args.replications, seed=3, out=args.out / str(count), processes=count)
        took[count] = time.monotonic() - began
    print(f"1 process {took[1]:.0f} s, 2 processes {took[2]:.0f} s: {took[1] / took[2]:.2f} times as fast")


def large(args: argparse.Namespace) -> None:
    """A storm of days with hundreds of crews: one replication."""
    _, scenario = _base()
    days = args.days
    turns = tuple((24.0 * day, 24.0 * day + 16.0) for day in range(days))
    total = sum(group.count for group in scenario.crews)
    groups = tuple(
        group.model_copy(update={"count": round(group.count * args.crews / total), "turns": turns})
        for group in scenario.crews
    )
    scenario = scenario.model_copy(
        update={
            "hours": 24.0 * days,
            "crews": groups,
            "damage": scenario.damage.model_copy(update={"faults": args.faults}),
        }
    )
    began = time.process_time()
    stage = _stage(scenario, 0)
    made = time.process_time()
    print(
        f"{len(stage.faults)} faults, {len(stage.jobs)} jobs, {len(stage.crews)} turns: {made - began:.0f} s"
    )
    for dispatcher in (ListDispatcher(), PlannerDispatcher(args.work)):
        began = time.process_time()
        outcome = play(stage, dispatcher, seed=1, every_s=args.every_min * 60)
        print(
            f"{type(dispatcher).__name__}: {time.process_time() - began:.0f} s, {outcome.replans} re-plans, "
            f"{len(outcome.mended_s)} mended, {outcome.unserved} customers out at the end",
            flush=True,
        )


def _base() -> tuple[Study, Scenario]:
    asked = read_study(STORM)
    return asked, asked.alternatives[asked.base]


def _stage(scenario: Scenario, number: int) -> Stage:
    world = shared_world(read_study(STORM).case_folder)
    return make_stage(world, scenario, draw_hits(world, scenario, 1, number))


def _options() -> Iterator[tuple[str, dict[str, object]]]:
    yield "--replications", {"type": int, "default": 10}
    yield "--out", {"type": Path, "default": Path("out/simulation")}
    yield "--processes", {"type": int, "default": 2}
    yield "--kept", {"action": "store_true", "help": "only what is computed already"}
    yield "--faults", {"type": int, "default": 5000}
    yield "--crews", {"type": int, "default": 400}
    yield "--days", {"type": int, "default": 5}
    yield "--work", {"type": int, "default": 5}
    yield "--every-min", {"type": int, "default": 15}


def main() -> None:
    """Run one of them."""
    doing = {each.__name__: each for each in (study, decision, speed, processes, large)}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=doing)
    for name, how in _options():
        parser.add_argument(name, **how)  # type: ignore[arg-type]
    args = parser.parse_args()
    doing[args.what](args)


if __name__ == "__main__":
    main()
