"""What the control room knows at a moment, as a problem for the solver. Origin is that moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..problem import Block, Crew, Job, Problem
from .field import Team
from .stage import Stage

# A turn that begins later than this is not looked at yet.
LOOK_AHEAD_S = 16 * 3600


class Outlook:
    """Derives the problem of a moment from the stage, which was built once.

    Parameters
    ----------
    known : seconds at which each discovered fault became known, by position; mended ones are gone.
    service_s : what is known of a job's stay by now, where it differs from the first guess.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.job_by_id = {job.id: job for job in stage.jobs}
        self.fault_of = {job: at for at, fault in enumerate(stage.faults) for job in fault.jobs}
        self.known: dict[int, int] = {}
        self.done: set[str] = set()
        self.service_s: dict[str, int] = {}
        self.blocks_of_fault: dict[int, list[int]] = {}
        for number, block in enumerate(stage.blocks):
            for fault in sorted(
                {self.fault_of[j] for w in block.restored_by for j in w if j in self.fault_of}
            ):
                self.blocks_of_fault.setdefault(fault, []).append(number)

    def problem(self, teams: Iterable[Team], now_s: int) -> Problem:
        """What is open and known, with the crews as they stand."""
        blocks = self._blocks()
        jobs = self._jobs(blocks, now_s)
        names = {job.id for job in jobs}
        crews = tuple(
            self._crew(team, now_s, names) for team in teams if team.job is not None or _soon(team, now_s)
        )
        return Problem(
            travel=self.stage.travel,
            jobs=jobs,
            crews=crews,
            blocks=tuple(blocks),
            unserved_at_s=max(1, self.stage.horizon_s - now_s),
            costs=self.stage.costs,
        )

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
        """A crew under way is told from where it left, so that its arrival comes out as it is."""
        crew, left_s = team.crew, max(now_s, team.begin_s)
        at = team.at
        if team.job is not None and team.start_s is not None:
            at, left_s = self.job_by_id[team.job].location, team.start_s
        elif team.job is not None and team.arrive_s <= now_s:
            at = self.job_by_id[team.job].location
        elif team.job is not None:
            left_s = team.left_s
        committed = tuple(job for job in ([team.job] if team.job else []) + list(team.queue) if job in names)
        if crew.shift is None:
            return replace(crew, shift=(left_s - now_s, 10**7), start=(at,), committed=committed)
        return replace(
            crew,
            start=(at,),
            shift=(left_s - now_s, max(crew.shift[1], left_s) - now_s),
            overtime_s=crew.overtime_s + self._over_s(team, now_s),
            committed=committed,
        )

    def _over_s(self, team: Team, now_s: int) -> int:
        """Seconds by which a job in hand keeps its crew longer than it may be planned for."""
        if team.job is None or team.crew.shift is None:
            return 0
        crew = team.crew
        assert crew.shift is not None
        done_s = now_s
        at = team.at if team.start_s is None else self.job_by_id[team.job].location
        for name in (team.job, *team.queue):
            job = self.job_by_id[name]
            done_s += crew.drive_s(self.stage.travel.between(at, job.location))
            done_s += self.service_s.get(name, job.service_s)
            at = job.location
        if crew.end is not None:
            done_s += crew.drive_s(self.stage.travel.between(at, crew.end))
        late_s = done_s - crew.shift[1] - crew.overtime_s
        # A job that waits for another's may take longer still.
        waits = any(self.job_by_id[name].after for name in (team.job, *team.queue))
        return max(0, late_s) + (86_400 if waits and late_s > -86_400 else 0)


def _soon(team: Team, now_s: int) -> bool:
    shift = team.crew.shift
    return shift is None or (shift[0] <= now_s + LOOK_AHEAD_S and now_s < shift[1])
