"""What the control room knows at a moment, as a problem for the solver. Origin is that moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..ground.problem import Block, Crew, Job, Problem
from ..planning.replan import Moment
from .field import Team
from .stage import Stage

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
# A turn that begins later than this is not looked at yet.
LOOK_AHEAD_S = 16 * 3600
ENDLESS_S = 10**7


class Outlook:
    """Derives the problem of a moment from the stage, which was built once.

    Attributes
    ----------
    known : seconds at which each discovered fault became known, by position; mended ones are gone.
    done : jobs that are done.
    service_s : what is known of a job's stay by now, where it differs from the first guess.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.job_by_id = {job.id: job for job in stage.jobs}
        self.fault_of = {job: at for at, fault in enumerate(stage.faults) for job in fault.jobs}
        self.known: dict[int, int] = {}
        self.done: set[str] = set()
        self.service_s: dict[str, int] = {}
        self._day: Problem | None = None
        # The same three as arrays, which a moment is made of; the last fault stands for jobs without one.
        self._job_at = {job.id: at for at, job in enumerate(stage.jobs)}
        self._known_s = np.full(len(stage.faults) + 1, -1, np.int64)
        self._undone = np.ones(len(stage.jobs), bool)
        self._stay_s = np.array([job.service_s for job in stage.jobs], np.int64)
        self.blocks_of_fault: dict[int, list[int]] = {}
        for number, block in enumerate(stage.blocks):
            for fault in sorted(
                {self.fault_of[j] for w in block.restored_by for j in w if j in self.fault_of}
            ):
                self.blocks_of_fault.setdefault(fault, []).append(number)

    def hear(self, fault: int, now_s: int) -> None:
        """A fault becomes known."""
        self.known[fault] = self._known_s[fault] = now_s

    def mend(self, fault: int) -> None:
        """A fault is no more."""
        self.known.pop(fault, None)
        self._known_s[fault] = -1

    def finish(self, job: str) -> None:
        """A job is done."""
        self.done.add(job)
        self._undone[self._job_at[job]] = False

    def learn(self, job: str, service_s: int) -> None:
        """How long a job takes is known better."""
        self.service_s[job] = self._stay_s[self._job_at[job]] = service_s

    def problem(self, teams: Iterable[Team], now_s: int) -> Problem:
        """What is open and known, with the crews as they stand."""
        blocks = self._blocks()
        jobs = self._jobs(blocks, now_s)
        names = {job.id for job in jobs}
        crews = tuple(
            self._crew(team, now_s, names) for team in teams if team.job is not None or _soon(team, now_s)
        )
        return Problem(
            travel=self.stage.travel_at(now_s),
            jobs=jobs,
            crews=crews,
            blocks=tuple(blocks),
            unserved_at_s=max(1, self.stage.horizon_s - now_s),
            costs=self.stage.costs,
        )

    def day(self, now_s: int = 0) -> Problem:
        """All that may count at some moment of the day, with the drives of a moment."""
        travel = self.stage.travel_at(now_s)
        if self._day is None or self._day.travel is not travel:
            self._day = Problem(
                travel=travel,
                jobs=tuple(replace(job, load=self._scarce(job)) for job in self.stage.jobs),
                crews=self.stage.crews,
                blocks=self.stage.blocks,
                unserved_at_s=self.stage.horizon_s,
                costs=self.stage.costs,
            )
        return self._day

    def _scarce(self, job: Job) -> dict[str, float]:
        """What a job takes of the goods that some crew carries a counted stock of."""
        return {what: count for what, count in job.load.items() if what in self._goods}

    @cached_property
    def _goods(self) -> tuple[str, ...]:
        carried = {what for crew in self.stage.crews for what in crew.capacity}
        return tuple(sorted({what for job in self.stage.jobs for what in job.load} & carried))

    @cached_property
    def _tables(self) -> _Tables:
        return _Tables(self.stage, self.fault_of)

    def moment(self, teams: Sequence[Team], now_s: int) -> Moment:
        """The same as `problem`, as positions in `day`: quicker to make and to plan."""
        known_s, blocks, wanted = self.asked(now_s)
        crews = [at for at, team in enumerate(teams) if team.job is not None or _soon(team, now_s)]
        states = [self._state(teams[at], now_s) for at in crews]
        place, begin_s, end_s, overtime_s = np.array([state[:4] for state in states], np.int64).T
        committed = [
            [self._job_at[job] for job in self._must(teams[at]) if wanted[self._job_at[job]]] for at in crews
        ]
        return Moment(
            jobs=np.flatnonzero(wanted),
            service_s=self._stay_s.copy(),
            moved_s=known_s - now_s,
            blocks=blocks,
            crews=np.array(crews, np.int64),
            place=place,
            shift_from_s=begin_s,
            shift_to_s=end_s,
            overtime_s=overtime_s,
            committed=committed,
            unserved_s=max(1, self.stage.horizon_s - now_s),
            used=np.array([[teams[at].used.get(what, 0.0) for what in self._goods] for at in crews]),
        )

    def asked(self, now_s: int) -> tuple[Ints, Ints, Flags]:
        """Since when each job is known, the blocks that are out, and which jobs may be done for them."""
        t = self._tables
        self._known_s[-1] = now_s
        known_s = self._known_s[t.fault_of]
        due = (known_s >= 0) & self._undone
        blocks = t.out(self._known_s[:-1] >= 0, due)
        return known_s, blocks, t.wanted(blocks, due)

    def _blocks(self) -> list[Block]:
        """Blocks that the control room takes to be out, by what it knows."""
        seen = sorted({block for fault in self.known for block in self.blocks_of_fault.get(fault, ())})
        found = []
        for number in seen:
            block = self.stage.blocks[number]
            ways = tuple(tuple(job for job in way if self._due(job)) for way in block.restored_by)
            if all(ways):
                found.append(replace(block, since_s=0, restored_by=tuple(dict.fromkeys(ways))))
        return found

    def _due(self, job: str) -> bool:
        fault = self.fault_of.get(job)
        return job not in self.done and (fault is None or fault in self.known)

    def _jobs(self, blocks: Sequence[Block], now_s: int) -> tuple[Job, ...]:
        wanted: dict[str, None] = {}
        for fault in self.known:
            wanted.update(dict.fromkeys(job for job in self.stage.faults[fault].jobs if job not in self.done))
        stack = sorted({job for block in blocks for way in block.restored_by for job in way} - set(wanted))
        while stack:
            job = stack.pop()
            if job not in wanted and self._due(job):
                wanted[job] = None
                stack.extend(each.job for each in self.job_by_id[job].after)
        return tuple(self._job(self.job_by_id[job], now_s, wanted) for job in wanted)

    def _job(self, job: Job, now_s: int, wanted: Mapping[str, None]) -> Job:
        fault = self.fault_of.get(job.id)
        moved_s = self.known[fault] - now_s if fault is not None else 0
        return replace(
            job,
            service_s=self.service_s.get(job.id, job.service_s),
            arrive_by_s=None if job.arrive_by_s is None else job.arrive_by_s + moved_s,
            finish_by_s=None if job.finish_by_s is None else job.finish_by_s + moved_s,
            after=tuple(each for each in job.after if each.job in wanted),
        )

    def _crew(self, team: Team, now_s: int, names: set[str]) -> Crew:
        at, begin_s, end_s, overtime_s = self._state(team, now_s)
        left = {what: count - team.used.get(what, 0.0) for what, count in team.crew.capacity.items()}
        return replace(
            team.crew,
            capacity=left,
            start=(at,),
            shift=(begin_s, end_s),
            overtime_s=overtime_s,
            committed=tuple(job for job in self._must(team) if job in names),
        )

    def _must(self, team: Team) -> list[str]:
        return ([team.job] if team.job else []) + list(team.queue)

    def _state(self, team: Team, now_s: int) -> tuple[int, int, int, int]:
        """(place, shift from, shift to, overtime) of a crew.

        One under way is told from where and when it left, so that its arrival comes out as it is.
        """
        crew, left_s = team.crew, max(now_s, team.begin_s)
        at = team.at
        if team.job is not None and team.start_s is not None:
            at, left_s = self.job_by_id[team.job].location, team.start_s
        elif team.job is not None and team.arrive_s <= now_s:
            at = self.job_by_id[team.job].location
        elif team.job is not None:
            drive = self.stage.travel_at(now_s).between(at, self.job_by_id[team.job].location)
            left_s = team.arrive_s - crew.drive_s(drive)
        if crew.shift is None:
            return at, left_s - now_s, ENDLESS_S, crew.overtime_s
        end_s = max(crew.shift[1], left_s) - now_s
        return at, left_s - now_s, end_s, crew.overtime_s + self._over_s(team, now_s)

    def _over_s(self, team: Team, now_s: int) -> int:
        """Seconds by which a job in hand keeps its crew longer than it may be planned for."""
        if team.job is None or team.crew.shift is None:
            return 0
        crew = team.crew
        assert crew.shift is not None
        done_s, travel = now_s, self.stage.travel_at(now_s)
        at = team.at if team.start_s is None else self.job_by_id[team.job].location
        for name in (team.job, *team.queue):
            job = self.job_by_id[name]
            done_s += crew.drive_s(travel.between(at, job.location))
            done_s += self.service_s.get(name, job.service_s)
            at = job.location
        if crew.end is not None:
            done_s += crew.drive_s(travel.between(at, crew.end))
        late_s = done_s - crew.shift[1] - crew.overtime_s
        # A job that waits for another's may take longer still.
        waits = any(self.job_by_id[name].after for name in (team.job, *team.queue))
        return max(0, late_s) + (86_400 if waits and late_s > -86_400 else 0)


def _soon(team: Team, now_s: int) -> bool:
    shift = team.crew.shift
    return shift is None or (shift[0] <= now_s + LOOK_AHEAD_S and now_s < shift[1])


class Glance:
    """One moment of a day, made as a problem or as positions only when it is asked for."""

    def __init__(self, outlook: Outlook, teams: Sequence[Team], now_s: int) -> None:
        self.outlook, self.teams, self.now_s = outlook, teams, now_s

    @cached_property
    def problem(self) -> Problem:
        """All that is open, with the crews as they stand."""
        return self.outlook.problem(self.teams, self.now_s)

    @property
    def day(self) -> Problem:
        """All that may be open at some moment of the day."""
        return self.outlook.day(self.now_s)

    @cached_property
    def moment(self) -> Moment:
        """The same as `problem`, as positions in `day`."""
        return self.outlook.moment(self.teams, self.now_s)


class _Tables:
    """The stage as arrays: which fault a job belongs to, what a block may ask for.

    Most blocks ask for few of the jobs, so that what belongs together is kept as pairs of positions.
    """

    def __init__(self, stage: Stage, fault_of: Mapping[str, int]) -> None:
        self.blocks, self.faults = len(stage.blocks), len(stage.faults)
        at = {job.id: number for number, job in enumerate(stage.jobs)}
        self.fault_of = np.array([fault_of.get(job.id, self.faults) for job in stage.jobs], np.int64)
        self.of_fault = self.fault_of < self.faults
        block_fault: list[tuple[int, int]] = []
        block_job: list[tuple[int, int]] = []
        way_job: list[tuple[int, int]] = []
        block_of_way: list[int] = []
        for number, block in enumerate(stage.blocks):
            for way in block.restored_by:
                way_job += [(len(block_of_way), at[job]) for job in way]
                block_of_way.append(number)
            asked = {job for way in block.restored_by for job in way}
            behind = {fault_of[job] for job in asked if job in fault_of}
            block_fault += [(number, fault) for fault in sorted(behind)]
            block_job += [(number, job) for job in sorted(_with_before(stage, at, asked))]
        self.block_fault, self.block_job, self.way_job = map(_pairs, (block_fault, block_job, way_job))
        self.block_of_way = np.array(block_of_way, np.int64)

    def out(self, known: Flags, due: Flags) -> Ints:
        """Blocks behind a known fault of which no way has nothing left to do."""
        found = np.zeros(self.blocks, bool)
        block, fault = self.block_fault
        found[block[known[fault]]] = True
        left = np.zeros(len(self.block_of_way), bool)
        way, job = self.way_job
        left[way[due[job]]] = True
        found[self.block_of_way[~left]] = False
        return np.flatnonzero(found)

    def wanted(self, blocks: Ints, due: Flags) -> Flags:
        """Jobs that are due: those of known faults, and what some blocks may ask for."""
        asked = np.zeros(self.blocks, bool)
        asked[blocks] = True
        found = self.of_fault.copy()
        block, job = self.block_job
        found[job[asked[block]]] = True
        return found & due


def _with_before(stage: Stage, at: Mapping[str, int], asked: set[str]) -> set[int]:
    """Positions of some jobs and of all that must be done before them."""
    found: set[int] = set()
    stack = [at[job] for job in asked]
    while stack:
        number = stack.pop()
        if number not in found:
            found.add(number)
            stack += [at[each.job] for each in stage.jobs[number].after if each.job in at]
    return found


def _pairs(rows: Sequence[tuple[int, int]]) -> tuple[Ints, Ints]:
    first, second = np.array(rows, np.int64).reshape(-1, 2).T
    return np.ascontiguousarray(first), np.ascontiguousarray(second)
