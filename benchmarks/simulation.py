"""What simulated storms say: the planner against the sorted list, and what a replication costs.

    python benchmarks/simulation.py study --replications 200 --out DIR [--processes 2]
    python benchmarks/simulation.py decision
    python benchmarks/simulation.py prices --replications 8 [--prices 1:1:1,10:1:1]
    python benchmarks/simulation.py decisions --replications 8
    python benchmarks/simulation.py clairvoyant --replications 24 --out DIR [--tries 100]
    python benchmarks/simulation.py speed --replications 10
    python benchmarks/simulation.py rate --replications 100 --out DIR [--processes 2]
    python benchmarks/simulation.py processes --replications 40 --out DIR
    python benchmarks/simulation.py large [--faults 6500 --crews 400 --days 5 --work 5]

`study` goes on where it was interrupted and writes `summary.md` in its folder: a table, and a sentence for
the README. Seconds are CPU seconds but for `processes` and `rate`; `speed` tells the memory of its process as
replications go on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from dispatch.ground.problem import Problem
from dispatch.planning.replan import DayPlanner, priced
from dispatch.simulate.answers import difference, values_of
from dispatch.simulate.dispatchers import (
    Dispatcher,
    ListDispatcher,
    PlannerDispatcher,
    Routes,
    View,
    dispatcher_of,
)
from dispatch.simulate.engine import play
from dispatch.simulate.hindsight import hindsight
from dispatch.simulate.kept import kept_records
from dispatch.simulate.lower_bound import lower_bound
from dispatch.simulate.measures import measure
from dispatch.simulate.scenario import Scenario, Study
from dispatch.simulate.scenario_file import read_study
from dispatch.simulate.stage import Stage, make_stage
from dispatch.simulate.storms import draw_hits
from dispatch.simulate.study import Record, run_study, shared_world
from dispatch.solver import solve
from dispatch.solver.session import better_start

STORM = Path(__file__).parents[1] / "data" / "coquimbo" / "scenarios" / "storm.yaml"
# Name in the records, words, decimals.
FIGURES = (
    ("customer_minutes", "customer-minutes", 0),
    ("weighted_customer_minutes", "weighted customer-minutes", 0),
    ("energy_not_supplied_kwh", "energy not supplied, kWh", 0),
    ("h_to_50", "hours to 50 % restored", 2),
    ("h_to_90", "hours to 90 % restored", 2),
    ("h_to_99", "hours to 99 % restored", 2),
    ("late_promise_cost", "price of late promises", 0),
    ("arrival_promises_kept", "promises of arrival kept", 1),
    ("repair_promises_kept", "promises of restoration kept", 1),
    ("overtime_h", "overtime, crew hours", 1),
    ("drive_h", "driving, crew hours", 1),
    ("work_h", "crew hours on site", 1),
)

FRONTIER = (
    "customer_minutes",
    "late_promise_cost",
    "arrival_promises_kept",
    "repair_promises_kept",
    "overtime_h",
    "drive_h",
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
    text = "\n".join(_summary(asked, records))
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "summary.md").write_text(text + "\n", encoding="utf-8")
    print(f"\n{text}")


def _summary(asked: Study, records: dict[str, list[Record]]) -> Iterator[str]:
    """A table and a sentence per alternative: the base against it."""
    base = asked.base
    for other in [name for name in records if name != base]:
        yield f"| figure | {other} | {base} | difference, 95 % interval |"
        yield "|---|---|---|---|"
        for figure, label, digits in FIGURES:
            found = difference(records[other], records[base], figure)
            theirs, mine = (float(np.mean(values_of(records[name], figure))) for name in (other, base))
            yield (
                f"| {label} | {theirs:,.{digits}f} | {mine:,.{digits}f} | {found.share:+.1%} "
                f"({found.estimate.low / theirs:+.1%} to {found.estimate.high / theirs:+.1%}) |"
            )
        yield ""
        yield _sentence(records[base], records[other], other)


def _sentence(mine: list[Record], theirs: list[Record], other: str) -> str:
    """What the study says in a sentence, whatever it is."""
    found = difference(theirs, mine, "customer_minutes")
    mean = float(np.mean(values_of(theirs, "customer_minutes")))
    low, high = (-bound / mean for bound in (found.estimate.high, found.estimate.low))
    pairs = list(zip(*(values_of(each, "customer_minutes") for each in (mine, theirs)), strict=True))
    better = sum(ours < listed for ours, listed in pairs)
    decided = "" if found.estimate.high < 0 or found.estimate.low > 0 else " (undecided)"
    return (
        f"On {len(pairs)} made-up storms of 200 faults and 30 crews over the demo city, the planner loses "
        f"{-found.share:.1%} fewer customer-minutes than a {other} with the same crews (95 % interval "
        f"{low:.1%} to {high:.1%}{decided}); it has fewer on {better} of the {len(pairs)}."
    )


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


class Priced(PlannerDispatcher):
    """The planner with other prices than the day is measured by.

    Parameters
    ----------
    overtime, arrival, restoration : what each price is multiplied by.
    """

    def __init__(self, work: int, overtime: float, arrival: float, restoration: float) -> None:
        super().__init__(work)
        self._overtime, self._arrival, self._restoration = overtime, arrival, restoration
        self._day: Problem | None = None

    def routes(
        self, view: View, before: Routes, idle: Sequence[str], seed: int
    ) -> Mapping[str, Sequence[str]]:
        """Plan by the other prices."""
        if self._planner is None or self._day is not view.day:
            self._day, self._planner = view.day, DayPlanner(self._with_prices(view.day))
        found = self._planner.plan(view.moment, lambda: view.problem, before, work=self.work, seed=seed)
        self.expected_s = self._planner.finish_s
        return found

    def _with_prices(self, day: Problem) -> Problem:
        jobs = (
            replace(
                job,
                late_arrival_cost_per_s=job.late_arrival_cost_per_s * self._arrival,
                late_finish_cost_per_s=job.late_finish_cost_per_s * self._restoration,
            )
            for job in day.jobs
        )
        crews = (
            replace(crew, overtime_cost_per_s=crew.overtime_cost_per_s * self._overtime) for crew in day.crews
        )
        return replace(day, jobs=tuple(jobs), crews=tuple(crews))


def prices(args: argparse.Namespace) -> None:
    """What other prices of overtime and promises would give: each against the list, on the same storms."""
    _, scenario = _base()
    rows: dict[str, list[list[float]]] = {}
    for number in range(args.replications):
        stage = _stage(scenario, number)
        for name in ("list", *args.prices):
            factors = [] if name == "list" else [float(each) for each in name.split(":")]
            dispatcher = Priced(scenario.plan.work, *factors) if factors else ListDispatcher()
            told = measure(stage, play(stage, dispatcher, seed=1))
            rows.setdefault(name, []).append([told[figure] for figure in FRONTIER])
    base = np.array(rows["list"])
    print("overtime:arrival:restoration", *FRONTIER, sep="\t")
    for name, found in rows.items():
        here = np.array(found)
        share = 100 * (here.mean(axis=0) / base.mean(axis=0) - 1)
        print(name, *(f"{each:+.1f} %" for each in share), sep="\t")


class Cautious(PlannerDispatcher):
    """The planner with other decisions than the plan of least expected cost.

    Parameters
    ----------
    stretch : repairs whose length is not known yet are planned so many times longer: stays have a long tail.
    overtime : share of the overtime allowed that may be planned; what runs late uses the rest.
    """

    def __init__(self, work: int, *, stretch: float = 1.0, overtime: float = 1.0) -> None:
        super().__init__(work)
        self._stretch, self._share = stretch, overtime

    def routes(
        self, view: View, before: Routes, idle: Sequence[str], seed: int
    ) -> Mapping[str, Sequence[str]]:
        """Plan the moment as it is decided to be seen."""
        if self._planner is None or self._planner.day is not view.day:
            self._planner = DayPlanner(view.day)
        moment, day = view.moment, view.day
        thought = np.array([job.service_s for job in day.jobs])
        repair = np.array([job.id.endswith("/repair") for job in day.jobs])
        unknown = repair & (moment.service_s == thought)
        stay_s = np.where(unknown, (thought * self._stretch).astype(np.int64), moment.service_s)
        allowed_s = np.array([day.crews[at].overtime_s for at in moment.crews])
        cut_s = ((1 - self._share) * allowed_s).astype(np.int64)
        seen = replace(moment, service_s=stay_s, overtime_s=np.maximum(0, moment.overtime_s - cut_s))
        found = self._planner.plan(seen, lambda: view.problem, before, work=self.work, seed=seed)
        self.expected_s = self._planner.finish_s
        return found


def decisions(args: argparse.Namespace) -> None:
    """Decisions that are not prices: each against the list, on the same storms, with 95 % intervals."""
    _, scenario = _base()
    work = scenario.plan.work
    tried: dict[str, Callable[[], Dispatcher]] = {
        "list": ListDispatcher,
        "planner": lambda: PlannerDispatcher(work),
        "no overtime planned": lambda: Cautious(work, overtime=0.0),
        "repairs 1.4 times longer": lambda: Cautious(work, stretch=1.4),
        "both": lambda: Cautious(work, stretch=1.4, overtime=0.0),
    }
    rows: dict[str, list[list[float]]] = {name: [] for name in tried}
    for number in range(args.replications):
        stage = _stage(scenario, number)
        for name, make in tried.items():
            told = measure(stage, play(stage, make(), seed=1))
            rows[name].append([told[figure] for figure in FRONTIER])
        print("\n".join(_against_list(rows)), flush=True)


def _against_list(rows: Mapping[str, Sequence[Sequence[float]]]) -> Iterator[str]:
    """A row for each dispatcher: mean difference and its bootstrap interval, as shares of the list's mean."""
    base = np.array(rows["list"])
    picks = np.random.default_rng(1).integers(len(base), size=(4000, len(base)))
    yield f"| {len(base)} storms | " + " | ".join(FRONTIER) + " |"
    yield "|---|" + "---|" * len(FRONTIER)
    for name, found in rows.items():
        here = np.array(found)
        mean = here.mean(axis=0) / base.mean(axis=0) - 1
        low, high = np.percentile(
            here[picks].mean(axis=1) / base[picks].mean(axis=1) - 1, [2.5, 97.5], axis=0
        )
        cells = (f"{m:+.1%} ({a:+.1%} to {b:+.1%})" for m, a, b in zip(mean, low, high, strict=True))
        yield f"| {name} | " + " | ".join(cells) + " |"


def clairvoyant(args: argparse.Namespace) -> None:
    """List, planner, the best day found in hindsight and the lower bound, on the same storms; goes on."""
    _, scenario = _base()
    args.out.mkdir(parents=True, exist_ok=True)
    kept = args.out / "clairvoyant.jsonl"
    rows = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    for number in range(len(rows), args.replications):
        stage = _stage(scenario, number)
        rows.append(_four_days(stage, scenario, args))
        with kept.open("a") as file:
            file.write(json.dumps(rows[-1]) + "\n")
        print(number, {name: round(row["customer_minutes"]) for name, row in rows[-1].items()}, flush=True)
    print("\n".join(_gap(rows)))


def _four_days(stage: Stage, scenario: Scenario, args: argparse.Namespace) -> dict[str, dict[str, float]]:
    days = {
        "list": play(stage, ListDispatcher(), seed=1),
        "planner": play(stage, PlannerDispatcher(scenario.plan.work), seed=1),
        "best in hindsight": hindsight(stage, tries=args.tries).outcome,
    }
    found = {name: measure(stage, day) for name, day in days.items()}
    rows = {name: {figure: told[figure] for figure in FRONTIER} for name, told in found.items()}
    return {**rows, "lower bound": {"customer_minutes": lower_bound(stage, args.bin_min * 60)}}


def _gap(rows: Sequence[Mapping[str, Mapping[str, float]]]) -> Iterator[str]:
    """A table, means of all storms, and what share of the gap is closed."""
    base = np.array([row["list"]["customer_minutes"] for row in rows])
    random = np.random.default_rng(1)
    picks = random.integers(len(rows), size=(4000, len(rows)))
    yield f"| {len(rows)} storms | customer-minutes | against the list | arrivals kept | overtime, h |"
    yield "|---|---|---|---|---|"
    mean = {}
    for name in rows[0]:
        here = np.array([row[name]["customer_minutes"] for row in rows])
        low, high = np.percentile(here[picks].mean(axis=1) / base[picks].mean(axis=1) - 1, [2.5, 97.5])
        mean[name] = here.mean()
        kept, over = (
            f"{np.mean([row[name][figure] for row in rows]):.1f}" if figure in rows[0][name] else ""
            for figure in ("arrival_promises_kept", "overtime_h")
        )
        share = f"{here.mean() / base.mean() - 1:+.1%} ({low:+.1%} to {high:+.1%})"
        yield f"| {name} | {here.mean():,.0f} | {share} | {kept} | {over} |"
    closed = (mean["list"] - mean["planner"]) / (mean["list"] - mean["best in hindsight"])
    yield f"\nOf the gap between list and hindsight the planner closes {closed:.0%}."


def speed(args: argparse.Namespace) -> None:
    """CPU seconds of one replication, by part, and the memory of the process as replications go on."""
    _, scenario = _base()
    play(_stage(scenario, 0), dispatcher_of(scenario.plan), seed=1)
    first_mb, _ = _memory_mb()
    for work in args.steps:
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
    count = args.replications * len(args.steps)
    own_mb, mapped_mb = _memory_mb()
    print(f"memory: {first_mb:.0f} MB after one replication, {own_mb:.0f} MB after {count} more", end="")
    print(f"; beside it {mapped_mb:.0f} MB of files that processes share (drives, programs)")


def _memory_mb() -> tuple[float, float]:
    """Memory that is this process's own, and pages of files that are mapped into it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    told = dict(line.split(":", 1) for line in lines)
    return int(told["RssAnon"].split()[0]) / 1024, int(told["RssFile"].split()[0]) / 1024


def rate(args: argparse.Namespace) -> None:
    """Wall-clock seconds of a thousand replications of the storm, the planner alone."""
    asked, scenario = _base()
    alone = asked.model_copy(update={"alternatives": {asked.base: scenario}})
    # What every process does once: loading the case, compiling where nothing is compiled yet.
    run_study(alone, replications=args.processes, seed=2, out=args.out, processes=args.processes)
    began = time.monotonic()
    run_study(alone, replications=args.replications, seed=1, out=args.out, processes=args.processes)
    took_s = time.monotonic() - began
    print(
        f"{args.replications} replications with {scenario.plan.work} steps a re-plan in {args.processes} "
        f"processes: {took_s:.0f} s; a thousand: {took_s / args.replications * 1000 / 60:.1f} min"
    )


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


@lru_cache
def _base() -> tuple[Study, Scenario]:
    asked = read_study(STORM)
    return asked, asked.alternatives[asked.base]


def _stage(scenario: Scenario, number: int) -> Stage:
    world = shared_world(_base()[0].case_folder)
    return make_stage(world, scenario, draw_hits(world, scenario, 1, number))


def _options() -> Iterator[tuple[str, dict[str, object]]]:
    yield "--replications", {"type": int, "default": 10}
    yield "--out", {"type": Path, "default": Path("out/simulation")}
    yield "--processes", {"type": int, "default": 2}
    yield "--kept", {"action": "store_true", "help": "only what is computed already"}
    yield "--steps", {"type": int, "nargs": "+", "default": [1, 5, 20], "help": "search steps, for speed"}
    yield "--faults", {"type": int, "default": 6500, "help": "drawn, for large; some hit the same"}
    yield "--crews", {"type": int, "default": 400}
    yield "--days", {"type": int, "default": 5}
    yield "--work", {"type": int, "default": 5}
    yield (
        "--prices",
        {
            "type": lambda text: text.split(","),
            "default": ["1:1:1", "2:1:1", "4:1:1", "10:1:1", "1:5:1", "1:10:5", "10:5:2"],
            "help": "of overtime, arrival and restoration, as multiples, for prices",
        },
    )
    yield "--tries", {"type": int, "default": 100, "help": "days lived through in hindsight, for clairvoyant"}
    yield "--bin-min", {"type": int, "default": 60, "help": "bins of the lower bound, for clairvoyant"}
    yield "--every-min", {"type": int, "default": 15}


def main() -> None:
    """Run one of them."""
    doing = {
        each.__name__: each
        for each in (study, decision, prices, decisions, clairvoyant, speed, rate, processes, large)
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=doing)
    for name, how in _options():
        parser.add_argument(name, **how)  # type: ignore[arg-type]
    args = parser.parse_args()
    doing[args.what](args)


if __name__ == "__main__":
    main()
