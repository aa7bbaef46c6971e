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
    return float(
        task.rate * finish
        + task.constant
        + task.capped_rate * capped
        + task.arrive_rate * late_in
        + task.finish_rate * late_out
    )


@inlined
def _home(terms: Any, home_s: int, home_cost: float, finish: int) -> float:
    """Price of ending a route here, infinite where it ends too late."""
    over = max(0, finish + home_s - terms.shift_end)
    if over > terms.overtime:
        return np.inf
    return home_cost + over * terms.overtime_rate


@compiled
def ways_on(
    tasks: Records,
    windows: Ints,
    terms: Records,
    able: Ints,
    legs: Ints,
    prices: Floats,
    home_s: Ints,
    home_cost: Floats,
    dual: Floats,
    value: Floats,
    onward: Ints,
) -> None:
    """Fill `value[layer, step, job, 0:2]` and `onward` with the two cheapest ways on.

    Layer 1 means that the break has been taken. `onward` holds the next job
    (plus the number of jobs where it is reached in layer 1), or -1 for home;
    the two ways have different next jobs.
    """
    term = terms[0]
    count, short = len(tasks), term.chain > 0
    for step in range(term.steps - 1, -1, -1):
        now = term.origin + step * term.grid
        for layer in range(term.layers - 1, -1, -1):
            for job in range(count):
                value[layer, step, job, 0] = _home(term, home_s[job], home_cost[job], now)
                value[layer, step, job, 1] = np.inf
                onward[layer, step, job, 0] = -1
                onward[layer, step, job, 1] = -1
                _extend(
                    tasks,
                    windows,
                    term,
                    able,
                    legs,
                    prices,
                    home_s,
                    home_cost,
                    dual,
                    value,
                    onward,
                    layer,
                    step,
                    job,
                    0,
                )
            if short:
                for _ in range(term.chain):
                    for job in range(count):
                        _extend(
                            tasks,
                            windows,
                            term,
                            able,
                            legs,
                            prices,
                            home_s,
                            home_cost,
                            dual,
                            value,
                            onward,
                            layer,
                            step,
                            job,
                            1,
                        )


@inlined
def _extend(
    tasks: Records,
    windows: Ints,
    term: Any,
    able: Ints,
    legs: Ints,
    prices: Floats,
    home_s: Ints,
    home_cost: Floats,
    dual: Floats,
    value: Floats,
    onward: Ints,
    layer: int,
    step: int,
    job: int,
    inside: int,
) -> None:
    count = len(tasks)
    now = term.origin + step * term.grid
    for following in range(count):
        if following == job or not able[following]:
            continue
        task = tasks[following]
        arrival = now + legs[job, following]
        if inside and arrival + task.service >= now + term.grid:
            continue
        resting = layer == 0 and term.layers == 2
        for rests in range(2 if resting else 1):
            ready = arrival if rests == 0 else max(arrival, term.rest_from) + term.rest
            start = _open(windows, task, ready)
            if start >= NEVER:
                continue
            finish = start + task.service
            if resting and rests == 0 and finish > term.rest_to:
                continue
            cost = prices[job, following] - dual[following] + _cost(task, term.cap, arrival, finish)
            at = (finish - term.origin) // term.grid
            if (at == step) != (inside == 1):
                continue
            then = layer + rests
            if at >= term.steps:
                cost += _home(term, term.least_home_s, term.least_home_cost, finish)
            elif onward[then, at, following, 0] % count != job or onward[then, at, following, 0] < 0:
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
def best_route(
    tasks: Records,
    windows: Ints,
    terms: Records,
    able: Ints,
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
        if not able[job]:
            continue
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
