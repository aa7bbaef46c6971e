"""Cheapest ways on from every job and time, by dynamic programming backwards in time.

A route is relaxed to a walk that may come back to a job, though not at once
(two-cycle elimination), and whose times are rounded down to a grid after each
job. Both only make routes cheaper, so what is found bounds every real route
from below. (Christofides, Mingozzi and Toth, Mathematical Programming 20,
1981, for the relaxation; the costs by time of finish are ours.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._compile import compiled, inlined

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Records = NDArray[Any]

NEVER = 1 << 60
TASK = np.dtype(
    [
        ("service", np.int64),
        ("rate", np.float64),
        ("constant", np.float64),
        ("capped_rate", np.float64),
        ("arrive_by", np.int64),
        ("arrive_rate", np.float64),
        ("finish_by", np.int64),
        ("finish_rate", np.float64),
        ("win_from", np.int64),
        ("win_to", np.int64),
    ],
    align=True,
)
TERMS = np.dtype(
    [
        ("shift_end", np.int64),
        ("overtime", np.int64),
        ("overtime_rate", np.float64),
        ("rest_from", np.int64),
        ("rest_to", np.int64),
        ("rest", np.int64),
        ("layers", np.int64),
        ("origin", np.int64),
        ("grid", np.int64),
        ("steps", np.int64),
        ("cap", np.int64),
        ("chain", np.int64),
        ("least_home_s", np.int64),
        ("least_home_cost", np.float64),
        ("slack", np.float64),
        ("steady", np.int64),
        ("linear", np.int64),
    ],
    align=True,
)


@inlined
def _open(windows: Ints, task: Any, ready: int) -> int:
    """Earliest start of work at or after `ready`, or NEVER."""
    if task.win_from == task.win_to:
        return ready
    found = NEVER
    for k in range(task.win_from, task.win_to):
        at = max(ready, windows[k, 0])
        if at <= windows[k, 1]:
            found = min(found, at)
    return found


@inlined
def _cost(task: Any, cap: int, arrival: int, finish: int) -> float:
    late_in = max(0, arrival - task.arrive_by)
    late_out = max(0, finish - task.finish_by)
    capped = min(max(finish, 0), cap)
    cost: float = task.rate * finish + task.constant + task.capped_rate * capped
    late: float = task.arrive_rate * late_in + task.finish_rate * late_out
    return cost + late


@inlined
def _home(terms: Any, home_s: int, home_cost: float, finish: int) -> float:
    """Price of ending a route here, infinite where it ends too late."""
    over = max(0, finish + home_s - terms.shift_end)
    if over > terms.overtime:
        return np.inf
    overtime: float = over * terms.overtime_rate
    return home_cost + overtime


class Walks(NamedTuple):
    """What the walks of one kind of crew cost, and the tables of the cheapest ones.

    A leg with its work takes `hops` steps of the grid at any time of day where the terms say
    `steady`; where they say `linear` too, `base` counts the finish from the step's time.
    """

    tasks: Records  # (n,) TASK
    windows: Ints  # (windows, 2)
    terms: Records  # (1,) TERMS
    legs: Ints  # (n, n) seconds
    hops: Ints  # (n, n)
    base: Floats  # (n, n) price of the leg less the dual of the job it leads to
    home_s: Ints  # (n,)
    home_cost: Floats  # (n,)
    dual: Floats  # (n,)
    worth: Ints  # (n,) scratch
    value: Floats  # (layers, steps, n, 2)
    onward: Ints  # (layers, steps, n, 2)


@compiled
def ways_on(w: Walks) -> None:
    """Fill `value[layer, step, job, 0:2]` and `onward` with the two cheapest ways on.

    Layer 1 means that the break has been taken. `onward` holds the next job
    (plus the number of jobs where it is reached in layer 1), or -1 for home;
    the two ways have different next jobs. Visits whose price does not cover
    their cost by `terms.slack` are not made.
    """
    term = w.terms[0]
    count = len(w.tasks)
    for step in range(term.steps - 1, -1, -1):
        live = _worth_a_visit(w, term.origin + step * term.grid)
        for layer in range(term.layers - 1, -1, -1):
            for passing in range(1 + term.chain):
                inside = passing > 0
                for job in range(count):
                    goes_on = w.value[layer, step, job, 0] < np.inf if inside else _begin(w, layer, step, job)
                    if goes_on and term.steady:
                        _extend_steady(w, term, live, step, job, inside)
                    elif goes_on:
                        _extend(w, term, live, layer, step, job, inside)


@inlined
def _begin(w: Walks, layer: int, step: int, job: int) -> bool:
    """Begin with the way home; False where the job's price does not cover its cost."""
    term = w.terms[0]
    now = term.origin + step * term.grid
    w.onward[layer, step, job, 0] = -1
    w.onward[layer, step, job, 1] = -1
    w.value[layer, step, job, 0] = np.inf
    w.value[layer, step, job, 1] = np.inf
    pays: bool = _cost(w.tasks[job], term.cap, -NEVER, now) - w.dual[job] < term.slack
    if pays:
        w.value[layer, step, job, 0] = _home(term, w.home_s[job], w.home_cost[job], now)
    return pays


@compiled
def _worth_a_visit(w: Walks, now: int) -> int:
    """Note the jobs whose price covers a visit that begins now or later; how many they are."""
    term = w.terms[0]
    live = 0
    for job in range(len(w.tasks)):
        begin = _open(w.windows, w.tasks[job], now)
        if begin < NEVER:
            finish = begin + w.tasks[job].service
            if _cost(w.tasks[job], term.cap, now, finish) - w.dual[job] < term.slack:
                w.worth[live] = job
                live += 1
    return live


@inlined
def _extend(w: Walks, term: Any, live: int, layer: int, step: int, job: int, inside: bool) -> None:
    """Try every job worth a visit as the next one; `inside` tries what ends in the same grid step."""
    count = len(w.tasks)
    resting = layer == 0 and term.layers == 2
    now, per_grid = term.origin + step * term.grid, 1.0 / term.grid
    best, best_code = w.value[layer, step, job, 0], w.onward[layer, step, job, 0]
    second, second_code = w.value[layer, step, job, 1], w.onward[layer, step, job, 1]
    for k in range(live):
        following = w.worth[k]
        task = w.tasks[following]
        arrival = now + w.legs[job, following]
        if following == job or (inside and arrival + task.service >= now + term.grid):
            continue
        for rests in range(2 if resting else 1):
            ready = arrival if rests == 0 else max(arrival, term.rest_from) + term.rest
            start = _open(w.windows, task, ready)
            finish = start + task.service
            if start >= NEVER or (resting and rests == 0 and finish > term.rest_to):
                continue
            at = int((finish - term.origin) * per_grid + 1e-9)
            if (at == step) != inside:
                continue
            cost = w.base[job, following] + _cost(task, term.cap, arrival, finish)
            cost += _from_there(w, term, layer + rests, at, job, following, finish)
            if cost < second:
                code = following + count * (layer + rests)
                best, best_code, second, second_code = _two_best(
                    count, best, best_code, second, second_code, cost, code
                )
    _note(w, layer, step, job, best, best_code, second, second_code)


@inlined
def _extend_steady(w: Walks, term: Any, live: int, step: int, job: int, inside: bool) -> None:
    """The same for jobs without windows and crews without breaks, several times faster."""
    now = term.origin + step * term.grid
    linear = term.linear
    best, best_code = w.value[0, step, job, 0], w.onward[0, step, job, 0]
    second, second_code = w.value[0, step, job, 1], w.onward[0, step, job, 1]
    for k in range(live):
        following = w.worth[k]
        at = step + w.hops[job, following]
        if following == job or (at == step) != inside:
            continue
        cost = w.base[job, following]
        finish = now
        if linear:
            cost += w.tasks[following].rate * now
        else:
            arrival = now + w.legs[job, following]
            cost += _cost(w.tasks[following], term.cap, arrival, arrival + w.tasks[following].service)
        if at >= term.steps:
            finish += w.legs[job, following] + w.tasks[following].service
        cost += _from_there(w, term, 0, at, job, following, finish)
        if cost < second:
            best, best_code, second, second_code = _two_best(
                len(w.tasks), best, best_code, second, second_code, cost, following
            )
    _note(w, 0, step, job, best, best_code, second, second_code)


@inlined
def _two_best(
    count: int, best: float, best_code: int, second: float, second_code: int, cost: float, code: int
) -> tuple[float, int, float, int]:
    """The two cheapest ways on to different jobs, with one more that is below the second."""
    if best_code >= 0 and best_code % count == code % count:
        if cost < best:
            best, best_code = cost, code
    elif cost < best:
        second, second_code = best, best_code
        best, best_code = cost, code
    else:
        second, second_code = cost, code
    return best, best_code, second, second_code


@inlined
def _note(
    w: Walks, layer: int, step: int, job: int, best: float, best_code: int, second: float, second_code: int
) -> None:
    w.value[layer, step, job, 0] = best
    w.onward[layer, step, job, 0] = best_code
    w.value[layer, step, job, 1] = second
    w.onward[layer, step, job, 1] = second_code


@inlined
def _from_there(w: Walks, term: Any, layer: int, at: int, job: int, following: int, finish: int) -> float:
    """The cheapest way on from the next job that does not go straight back, or home past the grid's edge."""
    cost = 0.0
    if at >= term.steps:
        cost = _home(term, term.least_home_s, term.least_home_cost, finish)
    else:
        code = w.onward[layer, at, following, 0]
        if code == job or code == job + len(w.tasks):
            cost = w.value[layer, at, following, 1]
        else:
            cost = w.value[layer, at, following, 0]
    return cost


@compiled
def best_route(w: Walks, first_s: Ints, first_price: Floats, shift_start: int, times: Floats) -> float:
    """Reduced cost of the cheapest walk from a crew's starts, written into `times`.

    `times[job, 0]` counts its visits, `times[job, 1]` sums their capped finish
    times. Returns infinity where the crew can reach nothing.
    """
    term = w.terms[0]
    best, best_job, best_layer, best_finish = np.inf, -1, 0, 0
    for job in range(len(w.tasks)):
        task = w.tasks[job]
        for place in range(first_s.shape[0]):
            arrival = shift_start + first_s[place, job]
            for rests in range(term.layers):
                ready = arrival if rests == 0 else max(arrival, term.rest_from) + term.rest
                start = _open(w.windows, task, ready)
                finish = start + task.service
                if start >= NEVER or (term.layers == 2 and rests == 0 and finish > term.rest_to):
                    continue
                cost = first_price[place, job] - w.dual[job] + _cost(task, term.cap, arrival, finish)
                at = (finish - term.origin) // term.grid
                if at >= term.steps:
                    cost += _home(term, term.least_home_s, term.least_home_cost, finish)
                else:
                    cost += w.value[rests, at, job, 0]
                if cost < best:
                    best, best_job, best_layer, best_finish = cost, job, rests, finish
    _follow(w, best_job, best_layer, best_finish, times)
    return best


@compiled
def _follow(w: Walks, job: int, layer: int, finish: int, times: Floats) -> None:
    """Add up the visits of the cheapest walk on from a job."""
    term = w.terms[0]
    count = len(w.tasks)
    before = -1
    for _ in range(4 * count):
        if job < 0:
            break
        times[job, 0] += 1
        times[job, 1] += min(max(finish, 0), term.cap)
        at = (finish - term.origin) // term.grid
        if at >= term.steps:
            break
        code = w.onward[layer, at, job, 0]
        if code >= 0 and code % count == before:
            code = w.onward[layer, at, job, 1]
        if code < 0:
            break
        then, following = code // count, code % count
        ready = term.origin + at * term.grid + w.legs[job, following]
        if then > layer:
            ready = max(ready, term.rest_from) + term.rest
        finish = _open(w.windows, w.tasks[following], ready) + w.tasks[following].service
        before, job, layer = job, following, then
