"""How long the slots of a caller take, and how near their costs come to planning the whole day again.

    python benchmarks/appointments.py                 # the demo city at its usual size
    python benchmarks/appointments.py --callers 20 --slots 50

A slot is priced by the best insertion into the routes in force, timed and judged whole. Beside it the day
is planned again with the visit in that slot, and once without it, with the same search steps; what the
second costs more than the first is what the slot costs when everything else may move too.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dispatch.demo import demo_case  # noqa: E402
from dispatch.ground.problem import Problem  # noqa: E402
from dispatch.intake import load_case  # noqa: E402
from dispatch.live import Desk, Entry, Who  # noqa: E402
from dispatch.live.book import Budget  # noqa: E402
from dispatch.live.service.appointments import Slot  # noqa: E402
from dispatch.planning.replan import replan  # noqa: E402
from dispatch.room import RoomOptions, open_room  # noqa: E402
from dispatch.store import open_store  # noqa: E402

ANA = Who(name="ana")


def main() -> int:
    """Time the callers, price the slots both ways."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--callers", type=int, default=20)
    parser.add_argument("--slots", type=int, default=50)
    parser.add_argument("--work", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    case = load_case(demo_case())
    with tempfile.TemporaryDirectory() as folder:
        options = RoomOptions(budget=Budget(work=given.work))
        store = open_store(f"sqlite:///{folder}/slots.sqlite")
        desk = open_room(case, store, lambda: case.settings.now, options).desk
        desk.shelf.propose(ANA)
        desk.shelf.publish(desk.plan_number("proposed") or 0, ANA)
        day = desk.day()
        print(
            f"{len(case.customers.table)} customers, {len(day.plain.jobs)} jobs, {len(day.plain.crews)} crews"
        )
        began = time.perf_counter()
        desk.service.days.look()
        took_s = time.perf_counter() - began
        print(f"the worker of the days to come has planned them, in {took_s:.1f} s, before anybody calls")
        offers = _timed(desk, given.callers, chance)
        _compared(desk, offers, given.slots, given.work, chance)
        store.close()
    return 0


def _timed(desk: Desk, callers: int, chance: random.Random) -> list[tuple[str, Slot]]:
    index = desk.case.customers.table.index
    took, found = [], []
    for number in range(callers):
        entry = Entry(
            words="the meter is to be moved",
            received_at=desk.clock(),
            customer=str(index[chance.randrange(len(index))]),
            kind="metering",
        )
        request = desk.calls.log(entry, ANA).id
        began = time.perf_counter()
        offers = desk.service.appointments.offers(request)
        took.append(time.perf_counter() - began)
        found += [(request, slot) for slot in offers]
        print(f"  caller {number + 1}: {took[-1]:.2f} s, {len(offers)} slots", flush=True)
    rest = sorted(took[1:]) or took
    p95 = rest[min(len(rest) - 1, round(0.95 * (len(rest) - 1)))]
    print(f"first caller {took[0]:.2f} s; the others p50 {statistics.median(rest):.2f} s, p95 {p95:.2f} s")
    return found


def _compared(
    desk: Desk, offers: list[tuple[str, Slot]], most: int, work: int, chance: random.Random
) -> None:
    chosen = chance.sample(offers, min(most, len(offers)))
    pairs, kept = [], 0
    for request, slot in chosen:
        told = _again(desk, request, slot, work)
        kept += told is not None
        if told is not None:
            pairs.append((slot.cost, told))
    print(f"{len(chosen)} slots planned again with the visit in its slot: {kept} kept")
    near = sum(abs(one - other) <= max(60.0, 0.1 * abs(other)) for one, other in pairs)
    print(f"within a tenth (or 60) of re-planning: {near} of {len(pairs)}")
    gaps = [one - other for one, other in pairs]
    if gaps:
        print(
            f"insertion less re-planning, in the plan's cost: median {statistics.median(gaps):.1f}, "
            f"dearer in {sum(gap > 60 for gap in gaps)}, "
            f"cheaper in {sum(gap < -60 for gap in gaps)}, worst {max(gaps, key=abs):.1f}; "
            f"insertion median {statistics.median(one for one, _ in pairs):.1f}, "
            f"re-planning median {statistics.median(other for _, other in pairs):.1f}"
        )


def _again(desk: Desk, request: str, slot: Slot, work: int) -> float | None:
    """What the day planned again costs more with a visit in its slot; None where it is left out."""
    held = desk.service.appointments
    zone = desk.case.settings.zone
    opened = held._opened(slot.begins.astimezone(zone).date(), request, [])
    if opened is None:
        return None
    job = f"W-{request}/service"
    window = tuple(round((each - opened.day.origin).total_seconds()) for each in (slot.begins, slot.ends))
    problem: Problem = opened.day.plain
    inside = replace(
        problem,
        jobs=tuple(
            replace(each, windows=(window,), drop_cost=1e7) if each.id == job else each
            for each in problem.jobs
        ),
    )
    without = replace(problem, jobs=tuple(each for each in problem.jobs if each.id != job))
    routes = [list(opened.fitter.routes.get(crew.id, ())) for crew in problem.crews]
    first = replan(without, routes, work=work, seed=1, move_price=0)
    second = replan(inside, routes, work=work, seed=1, move_price=0)
    served = any(visit.job == job for route in second.routes for visit in route.visits)
    return second.cost - first.cost if served else None


if __name__ == "__main__":
    sys.exit(main())
