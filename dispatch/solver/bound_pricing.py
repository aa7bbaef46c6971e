"""Cheapest ways on from every job and time, by dynamic programming backwards in time.

A route is relaxed to a walk that may come back to a job, though not at once
(two-cycle elimination), and whose times are rounded down to a grid after each
job. Both only make routes cheaper, so what is found bounds every real route
from below. (Christofides, Mingozzi and Toth, Mathematical Programming 20,
1981, for the relaxation; the costs by time of finish are ours.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._compile import compiled, inlined

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


@compiled
def ways_on(
    tasks: Records,
    windows: Ints,
    terms: Records,
    legs: Ints,
    prices: Floats,
    home_s: Ints,
    home_cost: Floats,
    dual: Floats,
    worth: Ints,
    value: Floats,
    onward: Ints,
) -> None:
    """Fill `value[layer, step, job, 0:2]` and `onward` with the two cheapest ways on.

    Layer 1 means that the break has been taken. `onward` holds the next job
    (plus the number of jobs where it is reached in layer 1), or -1 for home;
    the two ways have different next jobs. Visits whose price does not cover
    their cost by `terms.slack` are not made.
    """
    term = terms[0]
    count = len(tasks)
    for step in range(term.steps - 1, -1, -1):
        now = term.origin + step * term.grid
        live = 0
        for job in range(count):
            begin = _open(windows, tasks[job], now)
            if begin < NEVER:
                finish = begin + tasks[job].service
                if _cost(tasks[job], term.cap, now, finish) - dual[job] < term.slack:
                    worth[live] = job
                    live += 1
        for layer in range(term.layers - 1, -1, -1):
            for job in range(count):
                onward[layer, step, job, 0] = -1
                onward[layer, step, job, 1] = -1
                value[layer, step, job, 0] = np.inf
                value[layer, step, job, 1] = np.inf
                if _cost(tasks[job], term.cap, -NEVER, now) - dual[job] < term.slack:
                    value[layer, step, job, 0] = _home(term, home_s[job], home_cost[job], now)
                    _extend(
                        tasks,
                        windows,
                        term,
                        legs,
                        prices,
                        dual,
                        value,
                        onward,
                        worth[:live],
                        layer,
                        step,
                        job,
                        False,
                    )
            for _ in range(term.chain):
                for job in range(count):
                    if value[layer, step, job, 0] < np.inf:
                        _extend(
                            tasks,
                            windows,
                            term,
                            legs,
                            prices,
                            dual,
                            value,
                            onward,
                            worth[:live],
                            layer,
                            step,
                            job,
                            True,
                        )


@compiled
def _extend(  # noqa: PLR0912 - one loop, kept whole for speed
    tasks: Records,
    windows: Ints,
    term: Any,
    legs: Ints,
    prices: Floats,
    dual: Floats,
    value: Floats,
    onward: Ints,
    worth: Ints,
    layer: int,
    step: int,
    job: int,
    inside: bool,
) -> None:
    """Try every job worth a visit as the next one; `inside` tries what ends in the same grid step."""
    count = len(tasks)
    now = term.origin + step * term.grid
    per_grid = 1.0 / term.grid
    resting = layer == 0 and term.layers == 2
    for following in worth:
        if following == job:
            continue
        task = tasks[following]
        arrival = now + legs[job, following]
        if inside and arrival + task.service >= now + term.grid:
            continue
        for rests in range(2 if resting else 1):
            ready = arrival if rests == 0 else max(arrival, term.rest_from) + term.rest
            start = _open(windows, task, ready)
            if start >= NEVER:
                continue
            finish = start + task.service
            if resting and rests == 0 and finish > term.rest_to:
                continue
            cost = prices[job, following] - dual[following] + _cost(task, term.cap, arrival, finish)
            at = int((finish - term.origin) * per_grid + 1e-9)
            if (at == step) != inside:
                continue
            then = layer + rests
            if at >= term.steps:
                cost += _home(term, term.least_home_s, term.least_home_cost, finish)
            elif onward[then, at, following, 0] < 0 or onward[then, at, following, 0] % count != job:
                cost += value[then, at, following, 0]
            else:
                cost += value[then, at, following, 1]
            if cost < value[layer, step, job, 1]:
                code = following + count * then
                if onward[layer, step, job, 0] >= 0 and onward[layer, step, job, 0] % count == following:
                    if cost < value[layer, step, job, 0]:
                        value[layer, step, job, 0] = cost
                        onward[layer, step, job, 0] = code
                elif cost < value[layer, step, job, 0]:
                    value[layer, step, job, 1] = value[layer, step, job, 0]
                    onward[layer, step, job, 1] = onward[layer, step, job, 0]
                    value[layer, step, job, 0] = cost
                    onward[layer, step, job, 0] = code
                else:
                    value[layer, step, job, 1] = cost
                    onward[layer, step, job, 1] = code


@compiled
def ways_on_plain(  # noqa: PLR0912 - one loop, kept whole for speed
    tasks: Records,
    terms: Records,
    legs: Ints,
    hops: Ints,
    base: Floats,
    linear: bool,
    home_s: Ints,
    home_cost: Floats,
    dual: Floats,
    worth: Ints,
    value: Floats,
    onward: Ints,
) -> None:
    """The same as `ways_on` for jobs without windows and crews without breaks, several times faster.

    Then a leg with its work takes `hops` steps of the grid at any time of day.
    `base` is the price of the leg less the dual, where costs are `linear` in
    time with the cost of the finish counted from the step's time.
    """
    term = terms[0]
    count = len(tasks)
    for step in range(term.steps - 1, -1, -1):
        now = term.origin + step * term.grid
        live = _worth_a_visit(tasks, term, dual, now, worth)
        for job in range(count):
            onward[0, step, job, 0] = -1
            onward[0, step, job, 1] = -1
            value[0, step, job, 1] = np.inf
            value[0, step, job, 0] = np.inf
            if _cost(tasks[job], term.cap, -NEVER, now) - dual[job] >= term.slack:
                continue
            best, second = _home(term, home_s[job], home_cost[job], now), np.inf
            best_job, second_job = -1, -1
            for k in range(live):
                following = worth[k]
                at = step + hops[job, following]
                if following == job or at == step:
                    continue
                if linear:
                    cost = base[job, following] + tasks[following].rate * now
                else:
                    arrival = now + legs[job, following]
                    finish = arrival + tasks[following].service
                    cost = base[job, following] + _cost(tasks[following], term.cap, arrival, finish)
                if at >= term.steps:
                    finish = now + legs[job, following] + tasks[following].service
                    cost += _home(term, term.least_home_s, term.least_home_cost, finish)
                elif onward[0, at, following, 0] != job:
                    cost += value[0, at, following, 0]
                else:
                    cost += value[0, at, following, 1]
                if cost < best:
                    second, second_job = best, best_job
                    best, best_job = cost, following
                elif cost < second:
                    second, second_job = cost, following
            value[0, step, job, 0] = best
            onward[0, step, job, 0] = best_job
            value[0, step, job, 1] = second
            onward[0, step, job, 1] = second_job
        for _ in range(term.chain):
            for job in range(count):
                if value[0, step, job, 0] < np.inf:
                    _extend_inside(
                        tasks, term, legs, hops, base, linear, worth[:live], value, onward, step, job
                    )


@compiled
def _worth_a_visit(tasks: Records, term: Any, dual: Floats, now: int, worth: Ints) -> int:
    live = 0
    for job in range(len(tasks)):
        if _cost(tasks[job], term.cap, now, now + tasks[job].service) - dual[job] < term.slack:
            worth[live] = job
            live += 1
    return live


@compiled
def _extend_inside(
    tasks: Records,
    term: Any,
    legs: Ints,
    hops: Ints,
    base: Floats,
    linear: bool,
    worth: Ints,
    value: Floats,
    onward: Ints,
    step: int,
    job: int,
) -> None:
    """Try the jobs that are reached and done within the same step of the grid."""
    now = term.origin + step * term.grid
    for following in worth:
        if following == job or hops[job, following] > 0:
            continue
        if linear:
            cost = base[job, following] + tasks[following].rate * now
        else:
            arrival = now + legs[job, following]
            finish = arrival + tasks[following].service
            cost = base[job, following] + _cost(tasks[following], term.cap, arrival, finish)
        if onward[0, step, following, 0] != job:
            cost += value[0, step, following, 0]
        else:
            cost += value[0, step, following, 1]
        if onward[0, step, job, 0] == following:
            value[0, step, job, 0] = min(cost, value[0, step, job, 0])
        elif cost < value[0, step, job, 0]:
            value[0, step, job, 1] = value[0, step, job, 0]
            onward[0, step, job, 1] = onward[0, step, job, 0]
            value[0, step, job, 0] = cost
            onward[0, step, job, 0] = following
        elif cost < value[0, step, job, 1]:
            value[0, step, job, 1] = cost
            onward[0, step, job, 1] = following


@compiled
def best_route(  # noqa: PLR0912 - one loop, kept whole for speed
    tasks: Records,
    windows: Ints,
    terms: Records,
    legs: Ints,
    dual: Floats,
    value: Floats,
    onward: Ints,
    first_s: Ints,
    first_price: Floats,
    shift_start: int,
    times: Floats,
) -> float:
    """Reduced cost of the cheapest walk from a crew's starts, written into `times`.

    `times[job, 0]` counts its visits, `times[job, 1]` sums their capped finish
    times. Returns infinity where the crew can reach nothing.
    """
    term = terms[0]
    count = len(tasks)
    best, best_job, best_layer, best_finish = np.inf, -1, 0, 0
    for job in range(count):
        for place in range(first_s.shape[0]):
            arrival = shift_start + first_s[place, job]
            for rests in range(term.layers):
                ready = arrival if rests == 0 else max(arrival, term.rest_from) + term.rest
                start = _open(windows, tasks[job], ready)
                if start >= NEVER:
                    continue
                finish = start + tasks[job].service
                if term.layers == 2 and rests == 0 and finish > term.rest_to:
                    continue
                cost = first_price[place, job] - dual[job] + _cost(tasks[job], term.cap, arrival, finish)
                at = (finish - term.origin) // term.grid
                if at >= term.steps:
                    cost += _home(term, term.least_home_s, term.least_home_cost, finish)
                else:
                    cost += value[rests, at, job, 0]
                if cost < best:
                    best, best_job, best_layer, best_finish = cost, job, rests, finish
    job, layer, finish, before = best_job, best_layer, best_finish, -1
    for _ in range(4 * count):
        if job < 0:
            break
        times[job, 0] += 1
        times[job, 1] += min(max(finish, 0), term.cap)
        at = (finish - term.origin) // term.grid
        if at >= term.steps:
            break
        code = onward[layer, at, job, 0]
        if code >= 0 and code % count == before:
            code = onward[layer, at, job, 1]
        if code < 0:
            break
        then, following = code // count, code % count
        ready = term.origin + at * term.grid + legs[job, following]
        if then > layer:
            ready = max(ready, term.rest_from) + term.rest
        finish = _open(windows, tasks[following], ready) + tasks[following].service
        before, job, layer = job, following, then
    return best
