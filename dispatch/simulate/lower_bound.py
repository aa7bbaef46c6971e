"""A bound from below: customer-minutes that no dispatcher saves, whatever he knows beforehand.

Holds for every day that the engine can live through on a stage, as long as nobody sets out to a fault
before it is called in and nothing is switched before a block behind a known fault may ask for it.

What is left out of the day, each of which can only make it cheaper:

- Crews are one pool by skills and turn; a job takes its work and the shortest drive to its place that any
  able crew could have. Several may work on one job at once, and leave it and come back.
- A job of a fault is not begun before the fault's first call; where a fault that is surely still open hides
  it, not before that one is mended and the call has come. A fault that switching may find by a trip is taken
  to be known at once.
- A block stays out at least from a fault that every way of it asks for until the job of that fault which
  even the quickest way asks for; a block with several such faults, until the last of them.
- Any other block stays out at least as long as its quickest way takes if everybody stood ready.

Why the pool gives a bound. Let y(t) be the share of a job worked on at t and M its mean busy time, the mean
of t under y. A job of length p that one crew works on without a pause ends at C = M + p / 2; with pauses,
and no more than one crew at a time, C >= M + p / 2, for the last p seconds before C are the latest that y can
lie. So a real day, seen as y, satisfies the linear program below with its own C, and the program's optimum is
no more than its cost. With one pool, no drives and nobody waiting for several faults the optimum is the
preemptive rule of Smith on one machine that is as quick as all crews (over y it is a transport problem).
A chain of jobs of one fault (patrol, make safe, repair) is one job of the summed length, for they cannot
overlap. Time is cut into bins, and work in a bin counts as done at its beginning. Work that is never
ended counts as ended at the end of the day. After its turn a crew ends at most the one job that it set
out to before.

References
----------
Smith, Naval Research Logistics Quarterly 3, 1956. Eastman, Even, Isaacs, Management Science 11, 1964.
Goemans, Queyranne, Schulz, Skutella, Wang, SIAM Journal on Discrete Mathematics 15, 2002: mean busy times
with release dates, and their fast single machine for parallel ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from ..ground.drive import IMPASSABLE_S
from ..ground.problem import Crew, Job
from .measures import MOMENTARY_S
from .relaxed import Piece, Pool, Wait
from .stage import Stage

Floats = NDArray[np.float64]
BIN_S = 600


def lower_bound(stage: Stage, bin_s: int = BIN_S) -> float:
    """Customer-minutes that every lived day of a stage has at least.

    Parameters
    ----------
    bin_s : time is cut into pieces of this length; the shorter, the nearer the bound and the longer it takes.
    """
    return _Relaxed(stage, bin_s).customer_minutes()


class _Relaxed:
    def __init__(self, stage: Stage, bin_s: int) -> None:
        self.stage, self.bin_s = stage, bin_s
        self.job_by_id = {job.id: job for job in stage.jobs}
        self.fault_of = {job: at for at, fault in enumerate(stage.faults) for job in fault.jobs}
        repairs = {fault.jobs[-1] for fault in stage.faults}
        ways = [way for block in stage.blocks for way in block.restored_by if not repairs.issuperset(way)]
        self.trips = repairs.intersection(*[{job for way in ways for job in way}])
        """Repairs of faults that switching may find before anybody calls."""
        self.called_s = [
            float(fault.at_s + (0 if fault.jobs[-1] in self.trips else fault.call_s))
            for fault in stage.faults
        ]
        self.behind: dict[int, list[int]] = {}
        """Faults that surely hide another when it happens, by its position."""

        self._hide()

    # what the day asks for

    @cached_property
    def stay_s(self) -> Mapping[str, int]:
        """The true stay at each job."""
        told = {job.id: job.service_s for job in self.stage.jobs}
        told.update({fault.jobs[-1]: fault.repair_s for fault in self.stage.faults})
        return told

    @cached_property
    def inbound_s(self) -> Floats:
        """(locations,) shortest drive to a place from any other that a crew may come from."""
        places = sorted({job.location for job in self.stage.jobs} | {c.start[0] for c in self.stage.crews})
        shared = Counter(job.location for job in self.stage.jobs if not self._follows(job))
        shared.update({start for crew in self.stage.crews for start in crew.start})
        travels = [self.stage.travel, *(travel for _, travel in self.stage.later_travel)]
        table = np.minimum.reduce([travel.matrix_s for travel in travels]).astype(np.float64)
        found = np.full(len(table), np.inf)
        for place in places:
            others = [each for each in places if each != place or shared[place] > 1]
            found[place] = min((table[each, place] for each in others), default=0.0)
        return found

    def _follows(self, job: Job) -> bool:
        """Whether a job is the next of its fault after one that must be over before it."""
        at = self.fault_of.get(job.id)
        order = self.stage.faults[at].jobs if at is not None else (job.id,)
        place = order.index(job.id)
        return place > 0 and order[place - 1] in {each.job for each in job.after}

    @cached_property
    def pieces(self) -> list[Piece]:
        """The jobs of the faults; every chain in its order."""
        found: list[Piece] = []
        for at, fault in enumerate(self.stage.faults):
            chain: list[int] = []
            for name in fault.jobs:
                job = self.job_by_id[name]
                follows = self._follows(job)
                chain = [*chain, len(found)] if follows else [len(found)]
                found.append(
                    Piece(
                        job=job,
                        fault=at,
                        chain=tuple(chain),
                        work_s=self.stay_s[name] + (0 if follows else self._drive_s(job)),
                        release_s=self.called_s[at],
                        late_s=self._late_s(job),
                    )
                )
        return found

    def _hide(self) -> None:
        """Nobody calls about a fault behind one that cannot be mended yet: known after that one's end."""
        for at in sorted(range(len(self.stage.faults)), key=lambda at: self.stage.faults[at].at_s):
            fault = self.stage.faults[at]
            for above in () if fault.jobs[-1] in self.trips else fault.above:
                earlier = self.stage.faults[above].at_s < fault.at_s
                end_s = self.called_s[above] + self.stay_s[self.stage.faults[above].jobs[-1]]
                if earlier and end_s > fault.at_s:
                    self.behind.setdefault(at, []).append(above)
                    self.called_s[at] = max(self.called_s[at], end_s + fault.call_s)

    def _drive_s(self, job: Job) -> float:
        speeds = [crew.speed_factor for crew in self.stage.crews if job.skills <= crew.skills]
        drive_s = float(self.inbound_s[job.location])
        return 0.0 if drive_s >= IMPASSABLE_S else min(speeds, default=0.0) * drive_s

    def _late_s(self, job: Job) -> float:
        """Longest time from setting out to the end of a job: somebody has set out to what it waits for."""
        if job.crews_needed > 1:
            return float("inf")
        longest = [self.stage.travel.longest_s, *(t.longest_s for _, t in self.stage.later_travel)]
        slowest = max((crew.speed_factor for crew in self.stage.crews), default=1.0)
        own = self.stay_s[job.id] + max(longest) * max(1.0, slowest) + 1
        return own + sum(self._late_s(self.job_by_id[each.job]) for each in job.after)

    @cached_property
    def pools(self) -> list[Pool]:
        """Crews by skills and turn."""
        alike: dict[tuple[frozenset[str], int, int], list[Crew]] = defaultdict(list)
        end_s = self.stage.horizon_s
        for crew in self.stage.crews:
            from_s, to_s = crew.shift or (0, end_s)
            alike[crew.skills, max(0, from_s), to_s].append(crew)
        return [
            Pool(like=crews[0], count=len(crews), from_s=begin, to_s=end)
            for (_, begin, end), crews in alike.items()
        ]

    # who waits for what

    @cached_property
    def waits(self) -> list[Wait]:
        """Blocks that stay out for a while in any case."""
        found = []
        piece_at = {piece.job.id: at for at, piece in enumerate(self.pieces)}
        pairs = zip(self.stage.blocks, self.stage.block_customers, strict=True)
        for block, customers in pairs:
            ways = block.restored_by
            pieces = tuple(
                (piece_at[job], self.stage.faults[self.fault_of[job]].at_s)
                for job in self._asked_by_all(ways)
            )
            least = max([self._quickest_s(ways), *(self.alone_s(at) - since for at, since in pieces)])
            # Momentary interruptions are not counted, and might be made of a longer one by nobody.
            if customers and least > MOMENTARY_S:
                found.append(Wait(customers=customers, least_s=least, pieces=pieces))
        return found

    def _asked_by_all(self, ways: Sequence[Sequence[str]]) -> Iterator[str]:
        """Of each fault that every way asks for, the job that even the quickest way asks for."""
        asked = [{self.fault_of[job] for job in way if job in self.fault_of} for way in ways]
        for fault in sorted(set.intersection(*asked)) if asked else ():
            order = self.stage.faults[fault].jobs
            yield order[min(max(order.index(job) for job in way if job in order) for way in ways)]

    def alone_s(self, at: int) -> float:
        """End of a piece if a crew stood ready for it, or of the day."""
        piece = self.pieces[at]
        ready_s = piece.release_s + sum(self.pieces[each].work_s for each in piece.chain)
        return min(float(self.stage.horizon_s), ready_s)

    def _quickest_s(self, ways: Sequence[Sequence[str]]) -> float:
        """How long a block is out at least, by its quickest way, if somebody stood ready for each job.

        It goes out with the first fault of the one way that is made of repairs alone; where there are several
        such ways, it need not go out at all.
        """
        repairs = {fault.jobs[-1] for fault in self.stage.faults}
        plain = [way for way in ways if way and repairs.issuperset(way)]
        if len(plain) != 1:
            return 0.0
        out_s = min(self.stage.faults[self.fault_of[job]].at_s for job in plain[0])
        back_s = min(max(self._ready_s(job, out_s) for job in way) for way in ways)
        return min(float(self.stage.horizon_s), back_s) - out_s

    def _ready_s(self, job: str, out_s: int) -> float:
        """End of a job if somebody stood ready; `out_s` where it may be over, or not be missing, by then."""
        at = self.fault_of.get(job)
        if at is None:
            return max(float(out_s), self._asked_s.get(job, 0.0) + self.stay_s[job])
        fault = self.stage.faults[at]
        missing = fault.at_s <= out_s or job != fault.jobs[-1]
        return max(float(out_s), self.called_s[at] + self.stay_s[job]) if missing else float(out_s)

    @cached_property
    def _asked_s(self) -> Mapping[str, float]:
        """When a switching may be asked for at the earliest: a block that it helps, behind a known fault."""
        found: dict[str, float] = {}
        for block in self.stage.blocks:
            jobs = {job for way in block.restored_by for job in way}
            known_s = min(
                (self.called_s[self.fault_of[job]] for job in jobs if job in self.fault_of), default=0
            )
            stack = [job for job in jobs if job not in self.fault_of]
            while stack:
                job = stack.pop()
                found[job] = min(found.get(job, float("inf")), known_s)
                stack += [each.job for each in self.job_by_id[job].after if each.job not in self.fault_of]
        return found

    def customer_minutes(self) -> float:
        """The optimum of the program."""
        return _Program(self).optimum_s() / 60 if self.waits else 0.0


class _Program:
    """Columns: seconds of work by piece, pool and bin; work never done; ends of pieces; waits of blocks."""

    def __init__(self, day: _Relaxed) -> None:
        self.day = day
        last = {fault.jobs[-1] for fault in day.stage.faults}
        self.repair_of = {piece.fault: at for at, piece in enumerate(day.pieces) if piece.job.id in last}
        self.ends = self._with_hiding({last for wait in day.waits for last, _ in wait.pieces})
        self.needed = sorted({each for at in self.ends for each in day.pieces[at].chain})
        self.entries: list[tuple[int, int, float]] = []
        self.limit: list[float] = []
        self.sums: list[tuple[int, int, float]] = []
        self.cost: list[float] = []
        self.least: list[float] = []
        # By piece: its columns, and the moment that work in each counts for.
        self.moments: dict[int, list[tuple[int, float]]] = {at: [] for at in self.needed}

    def optimum_s(self) -> float:
        """Customer-seconds; where the program is not solved, those that are sure without it."""
        self._never()
        for pool in self.day.pools:
            self._work(pool)
        end_column = {at: self._end(at) for at in self.ends}
        for at, column in end_column.items():
            self._after_hiding(at, column, end_column)
        for wait in self.day.waits:
            column = self._column(wait.customers, wait.least_s)
            for last, since_s in wait.pieces:
                self._row({end_column[last]: 1.0, column: -1.0}, since_s)
        size = len(self.cost)
        row, col, value = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        where, what, one = zip(*self.sums, strict=True) if self.sums else ((), (), ())
        found = linprog(
            np.asarray(self.cost),
            A_ub=coo_array((value, (row, col)), shape=(len(self.limit), size)).tocsr(),
            b_ub=np.asarray(self.limit),
            A_eq=coo_array((one, (where, what)), shape=(len(self.needed), size)).tocsr(),
            b_eq=np.asarray([self.day.pieces[at].work_s for at in self.needed]),
            bounds=np.stack([self.least, np.full(size, np.inf)], axis=1),
            method="highs",
        )
        return float(found.fun) if found.status == 0 else float(np.dot(self.cost, self.least))

    def _with_hiding(self, ends: set[int]) -> list[int]:
        """Pieces whose ends count, with the repairs that hide their faults."""
        stack = [*ends]
        while stack:
            fault = self.day.pieces[stack.pop()].fault
            new = {self.repair_of[above] for above in self.day.behind.get(fault, ())} - ends
            ends |= new
            stack += new
        return sorted(ends)

    def _after_hiding(self, at: int, column: int, end_column: Mapping[int, int]) -> None:
        """A fault that another hides ends no earlier than that one, the call, and its own chain; or the day.

        The earlier of the two is concave in the other's end, and so is no less than its chord.
        """
        day, piece = self.day, self.day.pieces[at]
        chain_s = sum(day.pieces[each].work_s for each in piece.chain)
        after_s = day.stage.faults[piece.fault].call_s + chain_s
        for above in day.behind.get(piece.fault, ()):
            least_s = day.alone_s(self.repair_of[above])
            left_s = day.stage.horizon_s - least_s
            if after_s < left_s:
                slope = 1 - after_s / left_s
                first = end_column[self.repair_of[above]]
                self._row({first: slope, column: -1.0}, slope * least_s - least_s - after_s)

    def _column(self, cost: float = 0.0, least: float = 0.0) -> int:
        self.cost.append(cost)
        self.least.append(least)
        return len(self.cost) - 1

    def _row(self, values: Mapping[int, float], limit: float) -> None:
        """The sum of values times columns is no more than a limit."""
        self.entries += [(len(self.limit), column, value) for column, value in values.items()]
        self.limit.append(limit)

    def _done(self, number: int, moment_s: float) -> int:
        """A column of work on the piece `needed[number]` that counts for a moment."""
        column = self._column()
        self.sums.append((number, column, 1.0))
        self.moments[self.needed[number]].append((column, moment_s))
        return column

    def _never(self) -> None:
        """Work that is not done by the end of the day: so late that its chain ends no later than the day."""
        for number, at in enumerate(self.needed):
            chain = [self.day.pieces[each].work_s for each in self.day.pieces[at].chain]
            self._done(number, self.day.stage.horizon_s - sum(chain[:-1]) - chain[-1] / 2)

    def _work(self, pool: Pool) -> None:
        """What a pool may do in each bin; after its turn, the rest of one job for each crew."""
        day, late = self.day, dict[int, float]()
        able = [
            (number, day.pieces[at])
            for number, at in enumerate(self.needed)
            if day.pieces[at].job.skills <= pool.like.skills
        ]
        for begin in range(pool.from_s // day.bin_s * day.bin_s, day.stage.horizon_s, day.bin_s):
            end = min(begin + day.bin_s, day.stage.horizon_s)
            open_ = [
                (number, piece)
                for number, piece in able
                if piece.release_s < end and begin < pool.to_s + piece.late_s
            ]
            columns = [self._done(number, max(begin, piece.release_s)) for number, piece in open_]
            if columns:
                self._row(dict.fromkeys(columns, 1.0), pool.count * (end - max(begin, pool.from_s)))
            if begin >= pool.to_s:
                late |= {
                    column: 1 / piece.work_s
                    for column, (_, piece) in zip(columns, open_, strict=True)
                    if piece.work_s and piece.job.crews_needed == 1
                }
        if late:
            self._row(late, pool.count)

    def _end(self, at: int) -> int:
        """A column for the end of a piece: no earlier than its chain's mean busy time and half its length."""
        column = self._column(0.0, self.day.alone_s(at))
        chain = self.day.pieces[at].chain
        whole = sum(self.day.pieces[each].work_s for each in chain)
        if whole:
            values = {col: when / whole for each in chain for col, when in self.moments[each]}
            self._row({**values, column: -1.0}, -whole / 2)
        return column
