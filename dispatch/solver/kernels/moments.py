"""A moment of a day as flat arrays, cut out of the arrays of the whole day.

Flattening a problem anew costs more than searching it for a few steps. What a day holds in all
(drives, neighbours, who waits for whom, which ways bring a block back) is flattened once; a
moment is what of it is open, with the crews where they are.
"""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...ground.problem import Problem
from .._compile import compiled
from .arrays import build
from .flat import ALWAYS, NEVER, Arrays, Floats, Ints, Records
from .sharing import share_evenly

NEAREST = 40  # neighbours kept per job
MIX = 0x9E3779B97F4A7C15


class Whole(NamedTuple):
    """A day's arrays, its blocks one by one, and every job's neighbours in order."""

    arrays: Arrays
    place_of: Ints  # (locations,) index of a location among the arrays' places, -1 where unused
    order: NDArray[np.int32]  # (n, n) jobs by drive there and back, itself first
    rate: Floats  # (blocks,)
    block_ptr: Ints  # (blocks + 1,) ways
    way_ptr: Ints  # jobs
    way_job: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is open at a moment. Times in seconds from it.

    Parameters
    ----------
    jobs : positions of the open jobs in the day, ascending.
    service_s, moved_s : (n,) of all jobs of the day: the stay as known now, and what is added to due times.
    blocks : positions of the blocks that are out.
    crews : positions of the crews that count.
    place : (crews,) locations they leave from.
    shift_from_s, shift_to_s, overtime_s : (crews,).
    committed : positions of the jobs each must do first.
    unserved_s : when what is left out counts as restored.
    used : (crews, goods) of each crew's stock, the goods in alphabetical order.
    """

    jobs: Ints
    service_s: Ints
    moved_s: Ints
    blocks: Ints
    crews: Ints
    place: Ints
    shift_from_s: Ints
    shift_to_s: Ints
    overtime_s: Ints
    committed: Sequence[Sequence[int]]
    unserved_s: int
    used: Floats | None = None


def whole_day(problem: Problem) -> Whole:
    """Flatten everything that a day may ask for."""
    arrays, lookup = build(problem, nearest=1)
    place_of = np.full(problem.travel.size, -1, np.int64)
    place_of[lookup.place] = np.arange(len(lookup.place))
    legs, place = arrays.legs[0], arrays.job["place"]
    there = legs[np.ix_(place, place)].astype(np.float64)
    drive = there + there.T
    np.fill_diagonal(drive, -1.0)
    idx = {job.id: i for i, job in enumerate(problem.jobs)}
    ways = [[[idx[job] for job in way] for way in block.restored_by] for block in problem.blocks]
    flat = [way for block in ways for way in block]
    return Whole(
        arrays=arrays,
        place_of=place_of,
        order=np.argsort(drive, axis=1, kind="stable").astype(np.int32),
        rate=np.array([block.cost_per_s for block in problem.blocks], float),
        block_ptr=np.cumsum([0, *map(len, ways)]).astype(np.int64),
        way_ptr=np.cumsum([0, *map(len, flat)]).astype(np.int64),
        way_job=np.array([job for way in flat for job in way], np.int64),
    )


def cut_out(whole: Whole, moment: Moment) -> Arrays:
    """Arrays of a moment; positions are those within `moment.jobs` and `moment.crews`."""
    day, keep = whole.arrays, moment.jobs
    n = len(keep)
    new = np.full(len(day.job), -1, np.int64)
    new[keep] = np.arange(n)
    job = _jobs(day, moment)
    pred_ptr, succ_ptr = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    size = max(1, len(day.pred_job))
    pred_job, pred_lag, succ_job = (np.zeros(size, np.int64) for _ in range(3))
    before = day.pred_ptr, day.pred_job, day.pred_lag
    orders = _orders(*before, keep, new, pred_ptr, pred_job, pred_lag, succ_ptr, succ_job)
    crew, first_leg, first_place = _crews(whole, moment, job)
    near = np.zeros((n, min(n, NEAREST)), np.int32)
    _near(whole.order, keep, new, near)
    rules = day.rules.copy()
    rules[0]["coupled"], rules[0]["unserved"] = 1, max(0, moment.unserved_s)
    rules[0]["max_crews"] = min(rules[0]["max_crews"], len(crew))
    blocks = _Blocks.room(whole, moment, n)
    ways = whole.rate, whole.block_ptr, whole.way_ptr, whole.way_job
    _blocks(*ways, moment.blocks, new, job, blocks)
    count, kept, entries = blocks.size.tolist()
    share = job["weight"].copy()
    share_evenly(count, blocks.rate, blocks.block_ptr, blocks.way_ptr, blocks.way_job, share)
    job["share"] = share
    rules[0]["has_blocks"] = count > 0
    committed = np.full((len(crew), max([1, *map(len, moment.committed)])), -1, np.int32)
    for c, jobs in enumerate(moment.committed):
        for i, j in enumerate(jobs):
            committed[c, i] = new[j]
            job[new[j]]["fixed"] = 1
    arrays = day._replace(
        job=job,
        crew=crew,
        rules=rules,
        first_leg=first_leg,
        first_place=first_place,
        able=np.ascontiguousarray(day.able[:, keep]),
        load=np.ascontiguousarray(day.load[keep]),
        capacity=_capacity(day, moment),
        near=near,
        committed=committed,
        pred_ptr=pred_ptr,
        pred_job=pred_job[:orders],
        pred_lag=pred_lag[:orders],
        succ_ptr=succ_ptr,
        succ_job=succ_job[:orders],
        block_rate=blocks.rate[:count],
        block_ptr=blocks.block_ptr[: count + 1],
        way_ptr=blocks.way_ptr[: kept + 1],
        way_job=blocks.way_job[:entries],
        way_floor=np.full(kept, ALWAYS, np.int64),
        of_ptr=blocks.of_ptr,
        of_block=blocks.of_block[: int(blocks.of_ptr[n])],
    )
    _depths(job, pred_ptr, pred_job)
    return arrays


def _capacity(day: Arrays, moment: Moment) -> Floats:
    left: Floats = np.ascontiguousarray(day.capacity[moment.crews])
    return left if moment.used is None or not left.size else left - moment.used


def _jobs(day: Arrays, moment: Moment) -> Records:
    job: Records = day.job[moment.jobs]
    moved = moment.moved_s[moment.jobs]
    job["service"] = moment.service_s[moment.jobs]
    for due in ("arrive_by", "finish_by"):
        job[due] += np.where(job[due] < NEVER, moved, 0)
    job["fixed"] = 0
    job["depth"] = 0
    return job


def _crews(whole: Whole, moment: Moment, job: Records) -> tuple[Records, Records, Ints]:
    """Crew records, and the drives from where each crew is."""
    day = whole.arrays
    crew = day.crew[moment.crews]
    place = whole.place_of[moment.place]
    crew["starts"] = np.arange(len(crew))
    crew["shift_from"], crew["shift_to"] = moment.shift_from_s, moment.shift_to_s
    crew["overtime"] = moment.overtime_s
    crew["committed"] = [len(jobs) for jobs in moment.committed]
    crew["kind"] = _kinds(crew, place, moment)
    first_leg = np.ascontiguousarray(day.legs[crew["speed"][:, None], place[:, None], job["place"][None, :]])
    first_place = np.broadcast_to(place[:, None], first_leg.shape).copy()
    return crew, first_leg, first_place


def _kinds(crew: Records, place: Ints, moment: Moment) -> list[int]:
    """Number crews by kind: those of one are interchangeable while empty, unless they must do something."""
    alike: dict[tuple[int, ...], int] = {}
    bound = [c + 1 if jobs else 0 for c, jobs in enumerate(moment.committed)]
    columns = place, crew["kind"], moment.shift_from_s, moment.shift_to_s
    rows = zip(*(column.tolist() for column in columns), bound, strict=True)
    return [alike.setdefault(row, len(alike)) for row in rows]


class _Blocks(NamedTuple):
    """Room for the blocks of a moment."""

    size: Ints  # (3,): blocks, ways, jobs of ways
    rate: Floats
    block_ptr: Ints
    way_ptr: Ints
    way_job: Ints
    of_ptr: Ints
    of_block: Ints
    way_hash: NDArray[np.uint64]
    block_hash: NDArray[np.uint64]
    stamp: Ints

    @classmethod
    def room(cls, whole: Whole, moment: Moment, n: int) -> _Blocks:
        first, last = whole.block_ptr[moment.blocks], whole.block_ptr[moment.blocks + 1]
        blocks, ways = len(moment.blocks), int((last - first).sum())
        entries = int((whole.way_ptr[last] - whole.way_ptr[first]).sum())
        return cls(
            size=np.zeros(3, np.int64),
            rate=np.zeros(blocks),
            block_ptr=np.zeros(blocks + 1, np.int64),
            way_ptr=np.zeros(ways + 1, np.int64),
            way_job=np.zeros(entries, np.int64),
            of_ptr=np.zeros(n + 1, np.int64),
            of_block=np.zeros(entries, np.int64),
            way_hash=np.zeros(ways, np.uint64),
            block_hash=np.zeros(blocks, np.uint64),
            stamp=np.full(n, -1, np.int64),
        )


@compiled
def _orders(
    day_ptr: Ints,
    day_job: Ints,
    day_lag: Ints,
    keep: Ints,
    new: Ints,
    pred_ptr: Ints,
    pred_job: Ints,
    pred_lag: Ints,
    succ_ptr: Ints,
    succ_job: Ints,
) -> int:
    """Who waits for whom among the jobs that are kept; return how many such pairs there are."""
    count = 0
    for i in range(len(keep)):
        for q in range(day_ptr[keep[i]], day_ptr[keep[i] + 1]):
            p = new[day_job[q]]
            if p >= 0:
                pred_job[count] = p
                pred_lag[count] = day_lag[q]
                succ_ptr[p + 1] += 1
                count += 1
        pred_ptr[i + 1] = count
    for i in range(len(keep)):
        succ_ptr[i + 1] += succ_ptr[i]
    for i in range(len(keep) - 1, -1, -1):
        for q in range(pred_ptr[i + 1] - 1, pred_ptr[i] - 1, -1):
            # Filled from behind: the pointer of p + 1 moves down to where the list of p begins.
            p = pred_job[q]
            succ_ptr[p + 1] -= 1
            succ_job[succ_ptr[p + 1]] = i
    for i in range(len(keep)):
        succ_ptr[i] = succ_ptr[i + 1]
    succ_ptr[len(keep)] = count
    return count


@compiled
def _near(order: NDArray[np.int32], keep: Ints, new: Ints, near: NDArray[np.int32]) -> None:
    """The nearest of the jobs that are kept."""
    for i in range(len(keep)):
        found = 0
        for q in range(order.shape[1]):
            j = new[order[keep[i], q]]
            if j >= 0:
                near[i, found] = j
                found += 1
                if found == near.shape[1]:
                    break


@compiled
def _mixed(x: np.uint64) -> np.uint64:
    """A number that looks like no other (splitmix64, Steele et al. 2014)."""
    x = x * np.uint64(MIX) + np.uint64(0x632BE59BD9B4E019)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def _blocks(
    rate: Floats,
    block_ptr: Ints,
    way_ptr: Ints,
    way_job: Ints,
    chosen: Ints,
    new: Ints,
    job: Records,
    x: _Blocks,
) -> None:
    """Blocks with what of their ways is open; those with the same ways become one."""
    blocks, ways, entries = 0, 0, 0
    for at in range(len(chosen)):
        b = chosen[at]
        first_way, first_entry = ways, entries
        sum_hash = np.uint64(0)
        back = False
        for w in range(block_ptr[b], block_ptr[b + 1]):
            begin = entries
            way_hash = np.uint64(0)
            for q in range(way_ptr[w], way_ptr[w + 1]):
                j = new[way_job[q]]
                if j >= 0:
                    x.way_job[entries] = j
                    way_hash += _mixed(np.uint64(j + 1))
                    entries += 1
            back = back or entries == begin
            twice = False
            for k in range(first_way, ways):
                twice = twice or x.way_hash[k] == way_hash
            if twice:
                entries = begin
                continue
            x.way_hash[ways] = way_hash
            sum_hash += _mixed(way_hash)
            ways += 1
            x.way_ptr[ways] = entries
        same = -1
        for k in range(blocks):
            if x.block_hash[k] == sum_hash:
                same = k
        if back or same >= 0:
            if not back:
                x.rate[same] += rate[b]
            ways, entries = first_way, first_entry
            continue
        x.rate[blocks] = rate[b]
        x.block_hash[blocks] = sum_hash
        blocks += 1
        x.block_ptr[blocks] = ways
    x.size[0], x.size[1], x.size[2] = blocks, ways, entries
    _owners(blocks, len(job), x)


@compiled
def _owners(blocks: int, n: int, x: _Blocks) -> None:
    """Blocks by job."""
    for rounds in range(2):
        for j in range(n):
            x.stamp[j] = -1
        for b in range(blocks):
            for q in range(x.way_ptr[x.block_ptr[b]], x.way_ptr[x.block_ptr[b + 1]]):
                j = x.way_job[q]
                if x.stamp[j] != b:
                    x.stamp[j] = b
                    if rounds == 0:
                        x.of_ptr[j + 1] += 1
                    else:
                        x.of_block[x.of_ptr[j]] = b
                        x.of_ptr[j] += 1
        if rounds == 0:
            for j in range(n):
                x.of_ptr[j + 1] += x.of_ptr[j]
    for j in range(n, 0, -1):
        x.of_ptr[j] = x.of_ptr[j - 1]
    x.of_ptr[0] = 0


@compiled
def _depths(job: Records, pred_ptr: Ints, pred_job: Ints) -> None:
    """Longest chain before each job; what a fixed or necessary job needs is as binding as it."""
    changed = True
    rounds = 0
    while changed and rounds <= len(job):
        changed = False
        rounds += 1
        for j in range(len(job)):
            for q in range(pred_ptr[j], pred_ptr[j + 1]):
                p = pred_job[q]
                if job[p].depth + 1 > job[j].depth:
                    job[j].depth = job[p].depth + 1
                    changed = True
                if job[j].must and not job[p].must:
                    job[p].must = 1
                    changed = True
                if job[j].fixed and not job[p].fixed:
                    job[p].fixed = 2
                    changed = True
