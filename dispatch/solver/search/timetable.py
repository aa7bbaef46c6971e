"""Times of routes that wait for one another: `after`, and jobs that several crews do together.

Times are set for the whole solution at once, in the order in which visits can be settled
(docs/timing.md: the forward pass of coupled routes).
"""

from __future__ import annotations

from .._compile import compiled, inlined
from ..kernels.blocks import all_blocks
from ..kernels.clock import (
    INFEASIBLE,
    backward,
    change_cost,
    drive_cost,
    home_cost,
    leg_into,
    place_before,
    step,
    visit_cost,
)
from ..kernels.flat import ALWAYS, NEVER, Arrays, Ints
from ..kernels.state import State

SYNC_ROUNDS = 8


@inlined
def _clock_of(a: Arrays, s: State, c: int) -> tuple[int, int, int]:
    """(job before, finish, breaks taken) of the visits of crew c that are timed so far."""
    at = s.ahead[c]
    before, clock, brk = -1, a.crew[c].shift_from, a.crew[c].brk_from
    if at > 0:
        before, clock, brk = s.visit[c, at - 1].job, s.visit[c, at - 1].finish, s.visit[c, at - 1].brk
    return before, clock, brk


@compiled
def ready_time(a: Arrays, s: State, j: int) -> int:
    """When all that j comes after is finished; NEVER while some of it is not timed."""
    ready = ALWAYS
    for q in range(a.pred_ptr[j], a.pred_ptr[j + 1]):
        p = a.pred_job[q]
        if s.settled[p] != s.total[0].timing:
            if a.job[j].fixed == 1 and s.own[p] < 0:
                continue
            return NEVER
        ready = max(ready, s.done[p] + a.pred_lag[q])
    return ready


@compiled
def serve(a: Arrays, s: State, c: int) -> int:
    """Time the next visit of crew c; return its start, NEVER where it cannot be."""
    before, clock, brk = _clock_of(a, s, c)
    at = s.ahead[c]
    j = s.visit[c, at].job
    leg = leg_into(a, c, before, j)
    arrive, start, finish, brk = step(a, s, c, j, clock, leg, brk)
    v = s.visit[c, at]
    v.raw = clock + leg
    v.arrive = arrive
    v.start = start
    v.finish = finish
    v.brk = brk
    s.row[c].cost += drive_cost(a, place_before(a, c, before, j), a.job[j].place, leg)
    return start


@compiled
def finish_job(a: Arrays, s: State, j: int, arrive: int, finish: int) -> None:
    """Note that j is timed."""
    s.settled[j] = s.total[0].timing
    s.done[j] = finish
    s.total[0].cost += visit_cost(a, j, arrive, finish)


@compiled
def serve_together(a: Arrays, s: State, j: int, ready: int) -> int:
    """Time a job of several crews: 1 done, 0 some crew is not there yet, -1 impossible."""
    need = a.job[j].need
    for h in range(need):
        c = s.helpers[j, h]
        if c < 0 or s.ahead[c] >= s.row[c].count or s.visit[c, s.ahead[c]].job != j:
            return 0
    together = ready
    settled = False
    for _ in range(SYNC_ROUNDS):
        s.release[j] = together
        latest = ALWAYS
        for h in range(need):
            before, clock, brk = _clock_of(a, s, s.helpers[j, h])
            leg = leg_into(a, s.helpers[j, h], before, j)
            _, start, _, _ = step(a, s, s.helpers[j, h], j, clock, leg, brk)
            if start >= NEVER:
                return -1
            latest = max(latest, start)
        settled = latest == together
        together = latest
        if settled:
            break
    if not settled:
        return -1
    arrive = ALWAYS
    change = a.job[j].before >= 0
    for h in range(need):
        c = s.helpers[j, h]
        if serve(a, s, c) != together:
            return -1
        arrive = max(arrive, s.visit[c, s.ahead[c]].arrive)
        s.ahead[c] += 1
        change = change and c != a.job[j].before
    finish_job(a, s, j, arrive, together + a.job[j].service)
    if change:
        s.total[0].cost += a.rules[0].change_cost
    return 1


@compiled
def advance(a: Arrays, s: State, c: int) -> int:
    """Time as many further visits of crew c as can be: their number, or -1 where one is impossible."""
    timed = 0
    while s.ahead[c] < s.row[c].count:
        j = s.visit[c, s.ahead[c]].job
        ready = ready_time(a, s, j)
        if ready >= NEVER:
            break
        if a.job[j].need > 1:
            outcome = serve_together(a, s, j, ready)
            if outcome < 0:
                return -1
            if outcome == 0:
                break
        else:
            s.release[j] = ready
            if serve(a, s, c) >= NEVER:
                return -1
            v = s.visit[c, s.ahead[c]]
            s.ahead[c] += 1
            finish_job(a, s, j, v.arrive, v.finish)
            s.total[0].cost += change_cost(a, c, j)
        timed += 1
    return timed


@compiled
def retime_all(a: Arrays, s: State) -> bool:
    """Time every route; False where a time is impossible or crews wait for each other in a circle."""
    total = s.total[0]
    total.timing += 1
    total.cost = 0.0
    total.used = 0
    crews = len(a.crew)
    left = 0
    for c in range(crews):
        s.ahead[c] = 0
        count = s.row[c].count
        left += count
        s.row[c].cost = a.crew[c].fixed_cost if count > 0 else 0.0
        if count > 0:
            total.used += 1
    while left > 0:
        before = left
        for c in range(crews):
            timed = advance(a, s, c)
            if timed < 0:
                return False
        left = 0
        for c in range(crews):
            left += s.row[c].count - s.ahead[c]
        if left == before:
            return False
    for c in range(crews):
        count = s.row[c].count
        if count > 0:
            last = s.visit[c, count - 1]
            home = home_cost(a, c, a.job[last.job].place, last.finish)
            if home >= INFEASIBLE:
                return False
            total.cost += s.row[c].cost + home
        backward(a, s, c, c)
        for i in range(count):
            s.pos[s.visit[c, i].job] = i
    if a.rules[0].has_blocks:
        all_blocks(a, s)
        total.cost += total.block_cost
    return True


@compiled
def count_absent(a: Arrays, s: State) -> None:
    """Add the cost of what is left out and count it; blocks no longer wait for it."""
    total = s.total[0]
    total.absent = 0
    total.missing = 0
    cost = 0.0
    for j in range(len(a.job)):
        if s.own[j] >= 0:
            continue
        total.absent += 1
        total.missing += a.job[j].must
        cost += 0.0 if a.job[j].must else a.job[j].absent
        s.done[j] = NEVER
    if a.rules[0].has_blocks:
        total.cost -= total.block_cost
        all_blocks(a, s)
        total.cost += total.block_cost
    total.cost += cost


@compiled
def settle_coupled(a: Arrays, s: State) -> bool:
    """Take stock of the whole solution: owners, loads, times, cost."""
    for j in range(len(a.job)):
        s.own[j] = -1
    for c in range(len(a.crew)):
        for g in range(a.load.shape[1]):
            s.load[c, g] = 0.0
        for i in range(s.row[c].count):
            j = s.visit[c, i].job
            s.own[j] = c
            for g in range(a.load.shape[1]):
                s.load[c, g] += a.load[j, g]
    fine = retime_all(a, s)
    count_absent(a, s)
    total = s.total[0]
    total.horizon = 0
    for j in range(len(a.job)):
        if s.own[j] >= 0:
            total.horizon = max(total.horizon, s.done[j])
    return fine


@compiled
def find_helpers(a: Arrays, s: State) -> None:
    """Who does the jobs of several crews, read off the routes."""
    for j in range(len(a.job)):
        for h in range(s.helpers.shape[1]):
            s.helpers[j, h] = -1
    for c in range(len(a.crew)):
        for i in range(s.row[c].count):
            j = s.visit[c, i].job
            if a.job[j].need > 1:
                for h in range(a.job[j].need):
                    if s.helpers[j, h] < 0:
                        s.helpers[j, h] = c
                        break


@compiled
def copy_helpers(source: Ints, target: Ints) -> None:
    """Copy a table of helpers."""
    for j in range(source.shape[0]):
        for h in range(source.shape[1]):
            target[j, h] = source[j, h]


@compiled
def store(a: Arrays, s: State) -> None:
    """Keep the present routes in the second rows."""
    crews = len(a.crew)
    for c in range(crews):
        s.row[crews + c].count = s.row[c].count
        for i in range(s.row[c].count):
            s.visit[crews + c, i].job = s.visit[c, i].job
    copy_helpers(s.helpers, s.kept_helpers)


@compiled
def restore(a: Arrays, s: State) -> None:
    """Bring back the routes kept by `store`, with their times."""
    crews = len(a.crew)
    for c in range(crews):
        s.row[c].count = s.row[crews + c].count
        for i in range(s.row[c].count):
            s.visit[c, i].job = s.visit[crews + c, i].job
    copy_helpers(s.kept_helpers, s.helpers)
    settle_coupled(a, s)
