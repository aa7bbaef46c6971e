"""What planning with doubt is worth: made-up days lived through by the planner, with and without it.

    python benchmarks/doubt_value.py [--case data/coquimbo] [--days 30] [--faults 24] [--crews 8] [--seed 1]

A day has faults over two hours, drawn by their rates over fuses, transformers, mains and services, and
calls by a law that inference does not know; in a storm no single services fail, and three faults in ten
lie above or beneath another. Every ten minutes the day is planned anew (`plan_day`) out of what is known.
Crews drive, look, find the wrong device and say so, or mend the right one. Every way of planning lives
through the same faults, calls, crews and answers; what differs is only what it knows and does:

| way | |
|---|---|
| fact | the likeliest device is taken for a fact: its customers weigh whole, nobody looks, nobody is asked |
| weights | customers weigh as often as they are expected to be out |
| looks | and crews are sent to look where the plan finds it worth it |
| asked | and the desk phones neighbours for half of its time, the most worth first; seven in ten answer |

Nothing is switched, so that supply is back when the fault is mended. A crew at a wrong device needs
thirty minutes to know; it sees then what is open above it and right beneath. Customer-minutes run until
supply is back, at most until the day ends (ten hours). Intervals are of the mean over days, by 2,000
bootstrap samples of days. Ended early, it tells of the days that it has lived through. Nothing is a timing.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import numpy as np
from first_minutes import same_as

from dispatch.ground.beliefs import USUAL
from dispatch.ground.case import Case, CrewShift, Request, Sign
from dispatch.ground.day import DayPlan, JobCard, OpenDay, Outage
from dispatch.ground.problem import Problem
from dispatch.intake import load_case
from dispatch.outages import Finding, InferenceSettings, SupplyTree, infer_outages, kept_tree, whom_to_ask
from dispatch.outages.damage import MadeFault, make_day, sample_faults, service_fault
from dispatch.outages.doubt.looks import DRIVE_MIN, PHONE_MIN, WRONG_SENDING_MIN, looks
from dispatch.outages.tree import NodeKind
from dispatch.planning import looking, main_road
from dispatch.planning.main_road import plan_day
from dispatch.planning.running import Running
from dispatch.triage.locating import Locator
from dispatch.triage.orders import ClassifiedRequest, Grades, classify, grade_customers

WAYS = ("fact", "weights", "looks", "asked")
ABLE: frozenset[NodeKind] = frozenset({"fuse", "transformer", "lv_main"})
STEP_MIN, SPAN_MIN, DAY_MIN = 10.0, 120.0, 600.0
# With the drive it is what `looks` takes a wrong sending to cost.
SEARCH_MIN = WRONG_SENDING_MIN - DRIVE_MIN
REACHED = 0.7
ASKED_SHARE = 0.5
SAMPLES = 2000


@dataclass(kw_only=True)
class Task:
    """What a crew is at: under way until `arrive`, there until `end`; minutes of the day."""

    crew: str
    card: JobCard
    place: str
    leave: float
    arrive: float
    end: float = 0.0
    right: MadeFault | None = None
    there: bool = False


@dataclass(kw_only=True)
class Lived:
    """What became of a day."""

    customer_minutes: float = 0.0
    wrong: int = 0
    looked: int = 0
    asked: int = 0
    unmended: int = 0
    sent_min: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A day's faults, who lost supply by each, and its calls."""

    faults: tuple[MadeFault, ...]
    lost: Mapping[str, int]
    first_call: Mapping[str, float]
    requests: tuple[Request, ...]


class World:
    """One day, lived through by one way of planning."""

    def __init__(self, case: Case, made: Made, way: str, seed: int, work: int) -> None:
        self.case, self.made, self.way, self.work = case, made, way, work
        self.tree: SupplyTree = kept_tree(case)
        self.start = case.settings.now
        self.random = np.random.default_rng([seed, 77])
        self.mended: dict[str, float] = {}
        self.findings: list[Finding] = []
        self.signs: list[Sign] = []
        self.asked: set[str] = set()
        self.done: set[str] = set()
        self.task: dict[str, Task] = {}
        self.at = {crew.id: _depot(case, crew) for crew in case.crews}
        self.routes: dict[str, list[str]] = {}
        self.lived = Lived()

    def live(self) -> Lived:
        """The whole day."""
        minute = STEP_MIN
        while minute < DAY_MIN and len(self.mended) < len(self.made.faults):
            day = self._plan(minute)
            self._go(day, minute, minute + STEP_MIN)
            if self.way == "asked":
                self._ask(day, minute + STEP_MIN)
            minute += STEP_MIN
        lived = self.lived
        for fault in self.made.faults:
            until = self.mended.get(fault.id, DAY_MIN)
            lived.unmended += fault.id not in self.mended
            lived.customer_minutes += self.made.lost[fault.id] * (until - fault.at_min)
        return lived

    # -- planning ----------------------------------------------------------------

    def _plan(self, minute: float) -> DayPlan:
        now = self._moment(minute)
        known = tuple(each for each in self.made.requests if each.received_at <= now)
        case = replace(self.case, requests=known, settings=replace(self.case.settings, now=now))
        busy = {crew: (task.card.id,) for crew, task in self.task.items()}
        running = Running(
            previous={
                crew: list(dict.fromkeys([*busy.get(crew, ()), *jobs])) for crew, jobs in self.routes.items()
            },
            committed=busy,
            on_site={task.card.id: self._moment(task.arrive) for task in self.task.values() if task.there},
            done=frozenset(self.done),
            minutes={
                task.card.id: max(1.0, task.end - task.arrive) for task in self.task.values() if task.there
            },
            places=self.at,
            findings=(*self.findings, *self._held(now)),
            signs=tuple(self.signs),
        )
        return plan_day(
            case, work=self.work, processes=1, running=running, shape=without_switching, reasons=False
        )

    def _held(self, now: datetime) -> Iterator[Finding]:
        for task in self.task.values():
            if task.there and not task.card.is_look:
                yield Finding(place=task.place, state="held", at=min(now, self._moment(task.arrive)))

    # -- the field -----------------------------------------------------------------

    def _go(self, day: DayPlan, now: float, until: float) -> None:
        """Let crews drive, look and work until the next plan."""
        visits = {route.crew: list(route.visits) for route in day.plan.routes}
        self.routes = {crew: [visit.job for visit in each] for crew, each in visits.items()}
        # A job that is no more, or at another place by now, calls its crew back while it drives.
        for crew, task in list(self.task.items()):
            card = day.cards.get(task.card.id)
            if not task.there and (card is None or _aim(day, card) != task.place):
                del self.task[crew]
        events = [(self._next(task), crew) for crew, task in self.task.items()]
        events += [(now, crew.id) for crew in self.case.crews if crew.id not in self.task]
        heapq.heapify(events)
        while events:
            minute, crew = heapq.heappop(events)
            if minute >= until:
                continue
            task = self.task.get(crew)
            if task is not None and not task.there:
                self._arrive(task)
            elif task is not None:
                self._finish(task)
            else:
                self._set_out(day, crew, visits.get(crew, []), now, minute, until)
            if crew in self.task:
                heapq.heappush(events, (self._next(self.task[crew]), crew))
            elif task is not None:
                heapq.heappush(events, (max(minute, task.end), crew))

    def _next(self, task: Task) -> float:
        return task.end if task.there else task.arrive

    def _set_out(
        self, day: DayPlan, crew: str, visits: list, now: float, minute: float, until: float
    ) -> None:  # type: ignore[type-arg]
        shift = self.case.crew_by_id[crew]
        while visits and (visits[0].job in self.done or self._taken(visits[0].job)):
            visits.pop(0)
        if not visits:
            return
        visit, card = visits[0], day.cards[visits[0].job]
        drive = self._drive_min(shift, self.at[crew], (card.lon, card.lat))
        leave = max(minute, now + visit.start_s / 60 - drive)
        if leave >= until:
            return
        visits.pop(0)
        self.task[crew] = Task(
            crew=crew, card=card, place=_aim(day, card), leave=leave, arrive=leave + drive, end=leave + drive
        )

    def _taken(self, job: str) -> bool:
        return any(task.card.id == job for task in self.task.values())

    def _arrive(self, task: Task) -> None:
        task.there = True
        self.at[task.crew] = (task.card.lon, task.card.lat)
        task.right = self._open_at(task.place, task.arrive)
        if task.card.is_look:
            task.end = task.arrive + task.card.duration_min
            self.lived.looked += 1
        elif task.right is None:
            task.end = task.arrive + SEARCH_MIN
            # A caller who has supply after all sends a crew in vain, whatever is believed.
            if self._open_near(task.place, task.arrive):
                self.lived.wrong += 1
        else:
            task.end = task.arrive + task.card.duration_min
            # Where a patrol was due, it was the patrol's crew that was sent.
            if task.card.kind == "patrol" or f"{task.card.order}/patrol" not in self.done:
                self._sent(task)

    def _sent(self, task: Task) -> None:
        if task.right is not None:
            first = self.made.first_call.get(task.right.id)
            if first is not None:
                self.lived.sent_min.append(max(0.0, task.leave - first))

    def _finish(self, task: Task) -> None:
        del self.task[task.crew]
        self.done.add(task.card.id)
        at = self._moment(task.end)
        if task.card.is_look:
            kind = "closed" if task.right is None else "tripped"
            since = at if task.right is None else self._moment(task.right.at_min)
            self.signs.append(Sign(kind=kind, place=task.place, at=since))  # type: ignore[arg-type]
        elif task.right is None:
            self.findings.append(Finding(place=task.place, state="sound", at=at))
            self._seen_from(task.place, at, task.end)
        elif task.card.kind == "repair":
            self.mended[task.right.id] = task.end
            if not self._seen_from(task.place, at, task.end):
                self.findings.append(Finding(place=task.place, state="restored", at=at))

    def _seen_from(self, place: str, at: datetime, minute: float) -> bool:
        """Write down what a crew sees from where it stands; whether no supply arrives there.

        No voltage arrives: something is open above. At a device one sees which of those fed by it has blown.
        """
        node = self._node(place)
        open_now = [each for each in self.made.faults if each.at_min <= minute and each.id not in self.mended]
        above = [each for each in open_now if each.node >= 0 and each.node in self.tree.above(node)[1:]]
        if self.tree.row_of_customer(place) is not None and place not in self.tree.node_by_id:
            above += [each for each in open_now if each.node == node]
        beneath = [
            each for each in open_now if each.node >= 0 and int(self.tree.parent_idx[each.node]) == node
        ]
        nearest = sorted(above, key=lambda each: -int(self.tree.depth[each.node]))[:1]
        for fault in [*nearest, *beneath]:
            self.findings.append(Finding(place=fault.place, state="open", at=at))
        return bool(above)

    def _node(self, place: str) -> int:
        node, row = self.tree.node_of_place(place), self.tree.row_of_customer(place)
        if node is None:
            node = -1 if row is None else int(self.tree.customer_node_idx[row])
        return node

    def _open_at(self, place: str, minute: float) -> MadeFault | None:
        for fault in self.made.faults:
            if fault.at_min <= minute and fault.id not in self.mended and same_as(self.tree, fault, place):
                return fault
        return None

    def _open_near(self, place: str, minute: float) -> bool:
        """Whether a fault is open above or beneath a place."""
        node = self._node(place)
        return any(
            fault.at_min <= minute
            and fault.id not in self.mended
            and (
                fault.node in self.tree.above(node)
                or (fault.node >= 0 and node in self.tree.above(fault.node))
            )
            for fault in self.made.faults
        )

    # -- the desk ------------------------------------------------------------------

    def _ask(self, day: DayPlan, until: float) -> None:
        """Phone neighbours for half of the time, the most worth first."""
        now, settings = day.origin, InferenceSettings.of(self.case.beliefs)
        begun = {task.card.order for task in self.task.values() if task.there}
        worth = {}
        for outage in day.outages:
            if outage.id not in begun:
                phone = [each.saves for each in looks(outage, now, settings) if each.kind == "phone"]
                worth |= {outage.id: phone[0]} if phone else {}
        known = {each.customer for each in day.case.requests if each.customer} | self.asked
        found = {}
        for question in whom_to_ask(self.tree, day.outages, known=known, only=worth):
            found.setdefault(question.outage, question.customer)
        best = sorted(found, key=lambda each: (-worth[each], each))
        for outage in best[: max(1, round(ASKED_SHARE * STEP_MIN / PHONE_MIN))]:
            customer = found[outage]
            self.asked.add(customer)
            self.lived.asked += 1
            # The same neighbour answers or does not, whichever way of planning asks.
            if np.random.default_rng([sum(customer.encode()), len(customer)]).random() < REACHED:
                kind = "supply_off" if self._dark(customer, until) else "supply_on"
                self.signs.append(Sign(kind=kind, place=customer, at=self._moment(until)))  # type: ignore[arg-type]

    def _dark(self, customer: str, minute: float) -> bool:
        row = self.tree.row_of_customer(customer)
        above = self.tree.above(int(self.tree.customer_node_idx[row])) if row is not None else ()
        return any(
            fault.at_min <= minute
            and fault.id not in self.mended
            and (fault.node in above or fault.place == customer)
            for fault in self.made.faults
        )

    # -- time and place --------------------------------------------------------------

    def _moment(self, minute: float) -> datetime:
        return self.start + timedelta(minutes=minute)

    def _drive_min(self, crew: CrewShift, one: tuple[float, float], other: tuple[float, float]) -> float:
        lon, lat = np.array([one[0], other[0]]), np.array([one[1], other[1]])
        nodes = self.case.roads.snap(lon, lat).node_idx
        if nodes[0] == nodes[1]:
            return 0.0
        where, position = np.unique(nodes, return_inverse=True)
        table = self.case.roads.travel(where).durations_s
        return float(table[position[0], position[1]]) / 60 * crew.speed_factor


def _aim(day: DayPlan, card: JobCard) -> str:
    """The device that a job is sent to: looked at, or named by its outage."""
    if card.is_look:
        return str(card.place)
    outage = day.outage_by_id.get(card.order)
    return str(card.place) if outage is None else outage.device or outage.fault.place


def without_switching(day: OpenDay) -> OpenDay:
    """A day in which supply is back only when faults are mended."""
    kept = {card.id for card in day.cards.values() if card.kind not in ("switching", "generator")}

    def plain(problem: Problem) -> Problem:
        jobs = tuple(
            replace(job, after=tuple(each for each in job.after if each.job in kept))
            for job in problem.jobs
            if job.id in kept
        )
        blocks = tuple(
            replace(
                block,
                restored_by=(tuple(job for job in max(block.restored_by, key=_repairs) if job in kept),),
            )
            for block in problem.blocks
        )
        return replace(problem, jobs=jobs, blocks=blocks)

    cards = {id_: card for id_, card in day.cards.items() if id_ in kept}
    return replace(day, problem=plain(day.problem), plain=plain(day.plain), cards=cards)


def _repairs(way: Sequence[str]) -> int:
    return sum(job.endswith("/repair") for job in way)


def _depot(case: Case, crew: CrewShift) -> tuple[float, float]:
    depot = case.depot_by_id[crew.depot]
    return depot.lon, depot.lat


def _fact(*args: object, **told: object) -> tuple[Outage, ...]:
    """Outages as facts: the likeliest device, and nothing else."""
    found = infer_outages(*args, **told)  # type: ignore[arg-type]
    return tuple(replace(each, alternatives=(), expected=None, fewest=None, most=None) for each in found)


def _no_looks(*args: object) -> list[object]:
    return list(args[4])  # type: ignore[call-overload, no-any-return]


class Classified:
    """Requests classified once: the words and customers of made-up calls do not change."""

    def __init__(self) -> None:
        self._known: dict[str, ClassifiedRequest] = {}

    def __call__(
        self, case: Case, grades: Grades, requests: Sequence[Request], locator: Locator
    ) -> list[ClassifiedRequest]:
        """Requests with kind and place, as `classify` finds them."""
        new = [each for each in requests if each.id not in self._known]
        self._known |= {each.request.id: each for each in classify(case, grades, new, locator)}
        return [self._known[each.id] for each in requests]


def lived_by(case: Case, way: str, made: Made, seed: int, work: int) -> Lived:
    """A day lived through one way."""
    infer = _fact if way == "fact" else infer_outages
    with_looks = _no_looks if way in ("fact", "weights") else looking.with_looks
    grades = grade_customers(case)
    with (
        # What does not change in a day is worked out once: the same for every way.
        mock.patch.object(main_road, "grade_customers", return_value=grades),
        mock.patch.object(main_road, "classify", Classified()),
        mock.patch.object(main_road, "infer_outages", infer),
        mock.patch("dispatch.planning.building.with_looks", with_looks),
    ):
        return World(case, made, way, seed, work).live()


def made_day(case: Case, faults: int, random: np.random.Generator, *, storm: bool) -> Made:
    """Faults over two hours, and who calls about them."""
    tree = kept_tree(case)
    able = np.array([kind in ABLE for kind in tree.kinds]) & (tree.customers > 0)
    services = USUAL.service_faults_per_year * len(tree.customer_ids)
    share = 0.0 if storm else services / (services + float(tree.faults_per_year[able].sum()))
    singles = int(random.binomial(faults, share))
    nested = 0.3 if storm else 0.0
    made = list(
        sample_faults(tree, faults - singles, random, kinds=ABLE, span_min=SPAN_MIN, nested_share=nested)
    )
    made += [service_fault(tree, random, float(random.uniform(0, SPAN_MIN))) for _ in range(singles)]
    day = make_day(tree, made, case.settings.now, DAY_MIN, random)
    owner = {
        str(tree.customer_ids[row]): fault for fault, rows in day.lost_by.items() for row in rows.tolist()
    }
    first: dict[str, float] = {}
    requests = []
    for call in day.calls:
        minute = (call.at - case.settings.now).total_seconds() / 60
        fault = owner.get(call.place)
        if fault is not None:
            first.setdefault(fault, minute)
        requests.append(
            Request(
                id=call.id,
                received_at=call.at,
                words="no light",
                channel="phone",
                customer=call.place,
                kind="outage",
            )
        )
    # A fault that nobody calls about is found by nobody in any way of planning.
    heard = tuple(each for each in made if each.id in first)
    return Made(
        faults=heard,
        lost={each.id: len(day.lost_by[each.id]) for each in heard},
        first_call=first,
        requests=tuple(requests),
    )


def at_work(case: Case, crews: int) -> Case:
    """The case with so many crews on duty all day, and no parts to run out of."""
    now = case.settings.now
    chosen = tuple(
        replace(crew, shift_start=now, shift_end=now + timedelta(minutes=DAY_MIN), breaks=(), stock=None)
        for crew in case.crews[:crews]
    )
    return replace(case, crews=chosen, requests=(), signs=())


def interval(values: np.ndarray, of: Callable[[np.ndarray], float]) -> tuple[float, float]:
    """Where a figure of days lies in 95 of 100 samples."""
    random = np.random.default_rng(7)
    drawn = [of(values[random.integers(len(values), size=len(values))]) for _ in range(SAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def report(name: str, days: Sequence[Mapping[str, Lived]]) -> Iterator[str]:
    """The table of one grid."""
    yield f"**{name}**: {len(days)} days"
    yield ""
    yield (
        "| way | customer-minutes a day | lost less than by fact, 95 % | right crew leaves: median, 90 % "
        "| wrong sendings a day | looks a day | asked a day | not mended |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for way in WAYS:
        pairs = np.array([[day["fact"].customer_minutes, day[way].customer_minutes] for day in days])
        saved = 1 - pairs[:, 1].sum() / pairs[:, 0].sum()
        low, high = interval(pairs, lambda each: float(1 - each[:, 1].sum() / each[:, 0].sum()))
        sent = np.array([minute for day in days for minute in day[way].sent_min] or [0.0])
        mean = {
            what: float(np.mean([getattr(day[way], what) for day in days]))
            for what in ("wrong", "looked", "asked", "unmended")
        }
        gain = "" if way == "fact" else f"{saved:.1%} ({low:.1%} to {high:.1%})"
        median, late = np.median(sent), np.percentile(sent, 90)
        yield (
            f"| {way} | {pairs[:, 1].mean():,.0f} | {gain} | {median:.0f}, {late:.0f} "
            f"| {mean['wrong']:.2f} | {mean['looked']:.2f} | {mean['asked']:.1f} | {mean['unmended']:.2f} |"
        )
    yield ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each case."""
    parser = argparse.ArgumentParser(description="What planning with doubt is worth on made-up days.")
    parser.add_argument("--case", type=Path, required=True)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--faults", type=int, default=24)
    parser.add_argument("--crews", type=int, default=8)
    parser.add_argument("--work", type=int, default=100)
    parser.add_argument("--storm", action="store_true", help="no single services, three faults in ten nested")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    case = at_work(load_case(args.case), args.crews)
    days: list[dict[str, Lived]] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        for number in range(args.days):
            random = np.random.default_rng([args.seed, 9, number])
            made = made_day(case, args.faults, random, storm=args.storm)
            days.append({way: lived_by(case, way, made, args.seed, args.work) for way in WAYS})
            minutes = [round(days[-1][way].customer_minutes) for way in WAYS]
            sys.stderr.write(f"day {number + 1}: {minutes}\n")
    for line in report(args.case.name, days):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
