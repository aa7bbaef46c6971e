"""Earliest times of a route, its cost, and how that cost grows with delay.

The timing rule of the format: a crew leaves its start at the shift's start,
serves each job as early as its window allows, and takes a break as late as it
may: before the visit that would end past the break's window, at the site after
arriving, or where it stands when the drive would take too long. A break that
fits whole into a wait is taken there.
"""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from typing import Any

from .._compile import compiled, inlined
from .flat import NEVER, Arrays, Records
from .state import State

INFEASIBLE = 1e300


@inlined
def fit(a: Arrays, j: int, t: int) -> int:
    """Earliest start of job j at or after t, or NEVER."""
    first, last = a.job[j].win_from, a.job[j].win_to
    if first == last:
        return t
    best = NEVER
    for q in range(first, last):
        s = max(t, a.windows[q, 0])
        if s <= a.windows[q, 1] and s < best:
            best = s
    return best


@inlined
def visit_cost(a: Arrays, j: int, arrive: int, finish: int) -> float:
    """Cost of job j by its times; what a job costs however served is left out."""
    job = a.job[j]
    cost = job.weight * finish
    if arrive > job.arrive_by:
        cost += job.arrive_rate * (arrive - job.arrive_by)
    if finish > job.finish_by:
        cost += job.finish_rate * (finish - job.finish_by)
    return cost


@inlined
def drive_cost(a: Arrays, start: int, end: int, leg: int) -> float:
    """Price of one drive between two places."""
    cost = a.rules[0].travel_rate * leg
    if a.rules[0].has_distance:
        cost += a.distance[start, end]
    return cost


@inlined
def change_cost(a: Arrays, c: int, j: int) -> float:
    """Price of taking a job away from the crew that has it in the plan in force."""
    if a.job[j].before >= 0 and a.job[j].before != c:
        return a.rules[0].change_cost
    return 0.0


@compiled
def step_with_breaks(
    a: Arrays, s: State, c: int, j: int, clock: int, leg: int, brk: int
) -> tuple[int, int, int, int]:
    """Like `step`, for a crew with a break ahead; notes when each break begins in `s.rests`."""
    end = a.crew[c].brk_to
    arrive = clock + leg
    ready = arrive
    driven = False
    start = NEVER
    while True:
        start = fit(a, j, max(ready, s.release[j]))
        if start >= NEVER or brk == end:
            break
        earliest, latest, rest = a.breaks[brk, 0], a.breaks[brk, 1], a.breaks[brk, 2]
        at = max(ready, earliest)
        if start + a.job[j].service <= latest:
            if at > latest or at + rest > start:
                break
            s.rests[brk] = at
            ready = at + rest
            driven = True
        elif at <= latest:
            s.rests[brk] = at
            ready = at + rest
            driven = True
        elif latest < a.crew[c].shift_from:
            s.rests[brk] = latest
        else:
            at = max(clock, earliest)
            if driven or at > latest:
                start = NEVER
                break
            s.rests[brk] = at
            clock = at + rest
            arrive = clock + leg
            ready = arrive
        brk += 1
    return arrive, start, start + a.job[j].service, brk


@inlined
def step(a: Arrays, s: State, c: int, j: int, clock: int, leg: int, brk: int) -> tuple[int, int, int, int]:
    """Serve j next: (arrive, start, finish, breaks taken); start is NEVER where it cannot be."""
    arrive = clock + leg
    start = arrive
    finish = arrive
    after = brk
    if brk < a.crew[c].brk_to:
        arrive, start, finish, after = step_with_breaks(a, s, c, j, clock, leg, brk)
    else:
        start = fit(a, j, max(arrive, s.release[j]))
        finish = start + a.job[j].service
    return arrive, start, finish, after


@inlined
def home_cost(a: Arrays, c: int, place: int, finish: int) -> float:
    """Drive home and overtime after the last visit; INFEASIBLE past the allowed overtime."""
    crew = a.crew[c]
    cost = 0.0
    at = finish
    if crew.end >= 0:
        leg = a.legs[crew.speed, place, crew.end]
        at += leg
        cost = drive_cost(a, place, crew.end, leg)
    over = at - crew.shift_to
    if over > 0:
        cost += over * crew.overtime_rate
        if over > crew.overtime:
            cost = INFEASIBLE
    return cost


@inlined
def leg_into(a: Arrays, c: int, before: int, j: int) -> int:
    """Drive to job j from job `before` (-1: from the start place)."""
    if before < 0:
        return a.first_leg[a.crew[c].starts, j]
    return a.legs[a.crew[c].speed, a.job[before].place, a.job[j].place]


@inlined
def place_before(a: Arrays, c: int, before: int, j: int) -> int:
    """Place a crew comes from when it drives to j."""
    if before < 0:
        return a.first_place[a.crew[c].starts, j]
    return a.job[before].place


@compiled
def forward(a: Arrays, s: State, c: int, row: int, first: int) -> bool:
    """Time a row from visit `first` on and set its cost; False where it is infeasible."""
    visits: Records = s.visit[row]
    count = s.row[row].count
    clock, brk = a.crew[c].shift_from, a.crew[c].brk_from
    before = -1
    cost = a.crew[c].fixed_cost if count > 0 else 0.0
    if first > 0:
        known: Any = visits[first - 1]
        clock, brk, before, cost = known.finish, known.brk, known.job, known.cost
    for i in range(first, count):
        v: Any = visits[i]
        j = v.job
        leg = leg_into(a, c, before, j)
        arrive, start, finish, brk = step(a, s, c, j, clock, leg, brk)
        if start >= NEVER:
            return False
        v.raw = clock + leg
        v.arrive = arrive
        v.start = start
        v.finish = finish
        v.brk = brk
        cost += visit_cost(a, j, arrive, finish) + change_cost(a, c, j)
        cost += drive_cost(a, place_before(a, c, before, j), a.job[j].place, leg)
        v.cost = cost
        clock = finish
        before = j
    if count > 0:
        home = home_cost(a, c, a.job[before].place, clock)
        if home >= INFEASIBLE:
            return False
        cost += home
    s.row[row].cost = cost
    return True


@compiled
def backward(a: Arrays, s: State, c: int, row: int) -> None:  # noqa: PLR0912 (one pass, one kernel)
    """Set for each visit the cost per second of delay, and for how long that holds."""
    visits: Records = s.visit[row]
    count = s.row[row].count
    crew = a.crew[c]
    slope, slack = 0.0, NEVER
    if count > 0:
        at = visits[count - 1].finish
        if crew.end >= 0:
            at += a.legs[crew.speed, a.job[visits[count - 1].job].place, crew.end]
        slack = crew.shift_to - at
        if slack < 0:
            slope, slack = crew.overtime_rate, slack + crew.overtime
    visits[count].slope = slope
    visits[count].slack = slack
    for i in range(count - 1, -1, -1):
        v: Any = visits[i]
        job = a.job[v.job]
        taken = crew.brk_from if i == 0 else visits[i - 1].brk
        late = 0.0
        limit = NEVER
        if v.arrive >= job.arrive_by:
            late = job.arrive_rate
        elif job.arrive_rate > 0:
            limit = job.arrive_by - v.arrive
        if v.brk < crew.brk_to:
            limit = min(limit, a.breaks[v.brk, 1] - v.finish)
        idle = v.start - v.raw
        if v.brk == taken + 1 and v.arrive == v.raw:
            # One break on site: it moves with the arrival while its window lasts.
            latest = a.breaks[taken, 1]
            idle -= a.breaks[taken, 2]
            limit = min(limit, latest - v.raw)
            if v.finish <= latest:
                limit = min(limit, idle)
        if idle > 0:
            slope = late
            slack = min(limit, idle)
        else:
            slope += late + job.weight
            if v.finish >= job.finish_by:
                slope += job.finish_rate
            elif job.finish_rate > 0:
                limit = min(limit, job.finish_by - v.finish)
            for q in range(job.win_from, job.win_to):
                if a.windows[q, 0] <= v.start and v.start <= a.windows[q, 1]:
                    limit = min(limit, a.windows[q, 1] - v.start)
            slack = min(slack, limit)
        if v.brk > taken + 1 or (v.brk > taken and v.arrive != v.raw):
            slack = -1
        v.slope = slope
        v.slack = slack


@compiled
def retime(a: Arrays, s: State, c: int, first: int) -> bool:
    """Time crew c's row in force from visit `first` on, note where its jobs are; False where infeasible."""
    row = c + s.side[c] * len(a.crew)
    if not forward(a, s, c, row, first):
        return False
    backward(a, s, c, row)
    for i in range(first, s.row[row].count):
        j = s.visit[row, i].job
        s.own[j] = c
        s.pos[j] = i
        s.done[j] = s.visit[row, i].finish
    return True
