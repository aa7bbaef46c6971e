"""Moves of the plain latency problem: what each would change, in constant time, and making it."""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from typing import Any

from .._compile import compiled, inlined
from ..kernels.latency import Latency, tell

# ruff: noqa: E741 (l is the latency problem everywhere here, like a and s elsewhere)


@inlined
def arrival(l: Latency, stop: Any) -> float:
    """When the crew comes to a stop."""
    return stop.finish - l.service[stop.job]


@inlined
def total(l: Latency, c: int) -> float:
    """Weight of all jobs of a route."""
    return l.stop[c, l.visits[c]].heavy


@inlined
def segment_change(l: Latency, c: int, i: int, j: int, d: int, q: int, flip: bool) -> float:
    """Change of cost when stops i..j of route c come after stop q of route d, turned around if `flip`."""
    before: Any = l.stop[c, i - 1]
    first: Any = l.stop[c, i]
    last: Any = l.stop[c, j]
    after: Any = l.stop[c, j + 1]
    p: Any = l.stop[d, q]
    r: Any = l.stop[d, q + 1]
    heavy = last.heavy - before.heavy
    gap = before.finish + l.drive[before.job, after.job] - arrival(l, after)
    begin = p.finish
    if c == d and q > j:
        begin += gap
    if flip:
        begin += l.drive[p.job, last.job]
        price = heavy * (begin + last.back) + last.turned - before.turned
        leave = begin + last.back - first.back + l.service[first.job] + l.drive[first.job, r.job]
    else:
        begin += l.drive[p.job, first.job]
        shift = begin - arrival(l, first)
        price = last.price - before.price + shift * heavy
        leave = last.finish + shift + l.drive[last.job, r.job]
    late = leave - arrival(l, r)
    change = price - (last.price - before.price)
    if c != d:
        change += gap * (total(l, c) - last.heavy) + late * (total(l, d) - p.heavy)
    elif q > j:
        change += gap * (p.heavy - last.heavy) + late * (total(l, c) - p.heavy)
    else:
        change += late * (before.heavy - p.heavy) + (gap + late) * (total(l, c) - last.heavy)
    return change


@inlined
def turn_change(l: Latency, c: int, i: int, j: int) -> float:
    """Change of cost when stops i..j of route c are served the other way round."""
    before: Any = l.stop[c, i - 1]
    first: Any = l.stop[c, i]
    last: Any = l.stop[c, j]
    after: Any = l.stop[c, j + 1]
    begin = before.finish + l.drive[before.job, last.job]
    price = (last.heavy - before.heavy) * (begin + last.back) + last.turned - before.turned
    leave = begin + last.back - first.back + l.service[first.job] + l.drive[first.job, after.job]
    return price - (last.price - before.price) + (leave - arrival(l, after)) * (total(l, c) - last.heavy)


@inlined
def tails_change(l: Latency, c: int, p: int, d: int, q: int) -> float:
    """Change of cost when routes c after stop p and d from stop q on change places."""
    mine: Any = l.stop[c, p]
    mine_next: Any = l.stop[c, p + 1]
    other: Any = l.stop[d, q - 1]
    other_next: Any = l.stop[d, q]
    late = mine.finish + l.drive[mine.job, other_next.job] - arrival(l, other_next)
    other_late = other.finish + l.drive[other.job, mine_next.job] - arrival(l, mine_next)
    return late * (total(l, d) - other.heavy) + other_late * (total(l, c) - mine.heavy)


@inlined
def replace_change(l: Latency, c: int, i: int, x: int) -> float:
    """Change of route c's cost when job x is done at stop i instead of the job there."""
    before: Any = l.stop[c, i - 1]
    now: Any = l.stop[c, i]
    after: Any = l.stop[c, i + 1]
    finish = before.finish + l.drive[before.job, x] + l.service[x]
    late = finish + l.drive[x, after.job] - arrival(l, after)
    return l.weight[x] * finish - l.weight[now.job] * now.finish + late * (total(l, c) - now.heavy)


@inlined
def swap_change(l: Latency, c: int, i: int, k: int) -> float:
    """Change of cost when the jobs at stops i and k > i + 1 of one route change places."""
    before: Any = l.stop[c, i - 1]
    one: Any = l.stop[c, i]
    after_one: Any = l.stop[c, i + 1]
    before_two: Any = l.stop[c, k - 1]
    two: Any = l.stop[c, k]
    after: Any = l.stop[c, k + 1]
    x, y = two.job, one.job
    finish = before.finish + l.drive[before.job, x] + l.service[x]
    late = finish + l.drive[x, after_one.job] - arrival(l, after_one)
    change = l.weight[x] * finish - l.weight[y] * one.finish + late * (before_two.heavy - one.heavy)
    finish = before_two.finish + late + l.drive[before_two.job, y] + l.service[y]
    late = finish + l.drive[y, after.job] - arrival(l, after)
    return change + l.weight[y] * finish - l.weight[x] * two.finish + late * (total(l, c) - two.heavy)


@inlined
def insert_change(l: Latency, d: int, q: int, x: int) -> float:
    """Change of route d's cost when job x is done after stop q."""
    p: Any = l.stop[d, q]
    r: Any = l.stop[d, q + 1]
    finish = p.finish + l.drive[p.job, x] + l.service[x]
    late = finish + l.drive[x, r.job] - arrival(l, r)
    return l.weight[x] * finish + late * (total(l, d) - p.heavy)


@inlined
def remove_change(l: Latency, c: int, i: int) -> float:
    """Change of route c's cost when stop i is left out."""
    before: Any = l.stop[c, i - 1]
    now: Any = l.stop[c, i]
    after: Any = l.stop[c, i + 1]
    gap = before.finish + l.drive[before.job, after.job] - arrival(l, after)
    return gap * (total(l, c) - now.heavy) - l.weight[now.job] * now.finish


@compiled
def serves(l: Latency, d: int, c: int, first: int, last: int) -> bool:
    """Whether crew d has the skills for stops first..last of route c."""
    if l.tally[0].skilled and l.skill[c] != l.skill[d]:
        for i in range(first, last + 1):
            if not l.able[l.skill[d], l.stop[c, i].job]:
                return False
    return True


@compiled
def turn(l: Latency, c: int, i: int, j: int) -> None:
    """Serve stops i..j of route c the other way round."""
    first = i
    while i < j:
        job = l.stop[c, i].job
        l.stop[c, i].job = l.stop[c, j].job
        l.stop[c, j].job = job
        i += 1
        j -= 1
    tell(l, c, first)


@compiled
def move_segment(l: Latency, c: int, i: int, j: int, d: int, q: int, flip: bool) -> None:
    """Put stops i..j of route c after stop q of route d."""
    size = j - i + 1
    for k in range(size):
        l.buffer[k] = l.stop[c, j - k if flip else i + k].job
    if c == d and q > j:
        for k in range(j + 1, q + 1):
            l.stop[c, k - size].job = l.stop[c, k].job
        q -= size
    elif c == d:
        for k in range(i - 1, q, -1):
            l.stop[c, k + size].job = l.stop[c, k].job
    else:
        for k in range(j + 1, l.visits[c] + 1):
            l.stop[c, k - size].job = l.stop[c, k].job
        for k in range(l.visits[d], q, -1):
            l.stop[d, k + size].job = l.stop[d, k].job
        l.visits[c] -= size
        l.visits[d] += size
    for k in range(size):
        l.stop[d, q + 1 + k].job = l.buffer[k]
    tell(l, d, min(i, q + 1) if c == d else q + 1)
    if c != d:
        tell(l, c, i)


@compiled
def swap_tails(l: Latency, c: int, p: int, d: int, q: int) -> None:
    """Let the crews c, after stop p, and d, from stop q on, change places."""
    mine, other = l.visits[c] - p, l.visits[d] - q + 1
    for k in range(mine):
        l.buffer[k] = l.stop[c, p + 1 + k].job
    for k in range(other):
        l.stop[c, p + 1 + k].job = l.stop[d, q + k].job
    for k in range(mine):
        l.stop[d, q + k].job = l.buffer[k]
    l.visits[c] = p + other
    l.visits[d] = q - 1 + mine
    tell(l, c, p + 1)
    tell(l, d, q)


@compiled
def put_in(l: Latency, d: int, q: int, x: int) -> None:
    """Do job x after stop q of route d."""
    for k in range(l.visits[d], q, -1):
        l.stop[d, k + 1].job = l.stop[d, k].job
    l.stop[d, q + 1].job = x
    l.visits[d] += 1
    tell(l, d, q + 1)


@compiled
def take_out(l: Latency, c: int, i: int) -> None:
    """Leave stop i of route c out."""
    l.own[l.stop[c, i].job] = -1
    for k in range(i, l.visits[c]):
        l.stop[c, k].job = l.stop[c, k + 1].job
    l.visits[c] -= 1
    tell(l, c, i)
