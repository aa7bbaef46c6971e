"""Event by event through one day: information appears when it would, crews act on the plan of the moment."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from .dispatchers import Dispatcher, Routes
from .field import Team
from .outlook import Glance, Outlook
from .stage import Stage
from .supply import Interruption, Supply

# A stay that differs from what was thought by less is no news.
NEWS_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A job that was done: by whom, when."""

    job: str
    crew: str
    left_s: int
    arrive_s: int
    start_s: int
    finish_s: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one day.

    Parameters
    ----------
    known_s : when each fault was discovered, by position; missing where it never was.
    unserved : customers still out at the end.
    replans : how often the dispatcher was asked.
    etr_s : when each fault was first expected to be mended, by position, as told at the first plan that
        knew of it; nothing where the dispatcher does not say.
    """

    interruptions: tuple[Interruption, ...]
    works: tuple[Work, ...]
    teams: tuple[Team, ...]
    known_s: dict[int, int]
    mended_s: dict[int, int]
    unserved: int
    replans: int
    end_s: int
    etr_s: Mapping[int, int] = field(default_factory=dict)


def play(stage: Stage, dispatcher: Dispatcher, *, seed: int = 1, every_s: int = 0) -> Outcome:
    """Live through a stage.

    Parameters
    ----------
    seed : of the planning; what happens is in the stage.
    every_s : shortest time between two re-plans.
    """
    return _Engine(stage, dispatcher, seed, every_s).run()


class _Engine:
    def __init__(self, stage: Stage, dispatcher: Dispatcher, seed: int, every_s: int) -> None:
        self.stage, self.dispatcher, self.seed, self.every_s = stage, dispatcher, seed, every_s
        self.supply = Supply(stage=stage)
        self.outlook = Outlook(stage)
        self.teams = {crew.id: Team(crew=crew, at=crew.start[0]) for crew in stage.crews}
        self.heap: list[tuple[int, int, str, str]] = []
        self.count = 0
        self.open: set[int] = set()
        self.hidden: set[int] = set()
        self.known_s: dict[int, int] = {}
        self.mended_s: dict[int, int] = {}
        self.routes: Routes = {}
        self.looks: set[int] = set()
        self.news = False
        self.asked_s: int | None = None
        self.replans = 0
        self.works: list[Work] = []
        self.doers: dict[str, set[str]] = {}
        self.etr_s: dict[int, int] = {}

    def run(self) -> Outcome:
        for at, fault in enumerate(self.stage.faults):
            self._later(fault.at_s, "happen", str(at))
        for name, team in self.teams.items():
            self._rest_after_turn(team, 0)
            self._later(team.begin_s, "sign_on", name)
        for from_s, _ in self.stage.later_travel:
            self._later(from_s, "roads_change", "")
        now = 0
        while self.heap and self.heap[0][0] <= self.stage.horizon_s:
            now = self.heap[0][0]
            while self.heap and self.heap[0][0] == now:
                _, _, kind, what = heapq.heappop(self.heap)
                getattr(self, f"_{kind}")(what, now)
            self._plan(now)
            self._send(now)
        unserved = self.supply.close(self.stage.horizon_s)
        return Outcome(
            interruptions=tuple(self.supply.interruptions),
            works=tuple(self.works),
            teams=tuple(self.teams.values()),
            known_s=self.known_s,
            mended_s=self.mended_s,
            unserved=unserved,
            replans=self.replans,
            end_s=now,
            etr_s=self.etr_s,
        )

    def _later(self, at_s: int, kind: str, what: str) -> None:
        self.count += 1
        heapq.heappush(self.heap, (at_s, self.count, kind, what))

    # what happens

    def _happen(self, what: str, now: int) -> None:
        at = int(what)
        self.open.add(at)
        self.supply.lose(self.stage.faults[at].jobs[-1], now)
        self._hear_of(at, now)

    def _hear_of(self, at: int, now: int) -> None:
        """Nobody calls about a fault where all is dark already."""
        if self.open.isdisjoint(self.stage.faults[at].above):
            self.hidden.discard(at)
            self._later(now + self.stage.faults[at].call_s, "call", what=str(at))
        else:
            self.hidden.add(at)

    def _call(self, what: str, now: int) -> None:
        at = int(what)
        if at in self.open and at not in self.known_s:
            self.known_s[at] = now
            self.outlook.hear(at, now)
            self.news = True

    def _sign_on(self, what: str, now: int) -> None:
        self.news = True

    def _roads_change(self, what: str, now: int) -> None:
        """Drives are others from now on; who is under way arrives as he would have."""
        self.news = True

    def _arrive(self, what: str, now: int) -> None:
        team = self.teams[what]
        assert team.job is not None
        self._learn(team.job)
        self._start_if_ready(team.job, now)

    def _learn(self, job: str) -> None:
        """On site, or after a patrol, the true repair time is known."""
        at = self.outlook.fault_of.get(job)
        if at is None:
            return
        fault = self.stage.faults[at]
        repair = fault.jobs[-1]
        if job == repair or job.endswith("/patrol"):
            thought = self.outlook.service_s.get(repair, self.outlook.job_by_id[repair].service_s)
            self.outlook.learn(repair, fault.repair_s)
            self.news |= abs(thought - fault.repair_s) > NEWS_S

    def _start_if_ready(self, job: str, now: int) -> None:
        spec = self.outlook.job_by_id[job]
        doers = [self.teams[name] for name in sorted(self.doers.get(job, ()))]
        there = [team for team in doers if team.job == job and team.start_s is None and team.arrive_s <= now]
        if len(there) < spec.crews_needed or any(not self._over(each.job) for each in spec.after):
            return
        finish = now + self.outlook.service_s.get(job, spec.service_s)
        for team in there:
            team.start_s, team.finish_s = now, finish
            self._later(finish, "finish", team.crew.id)

    def _over(self, job: str) -> bool:
        """Whether nothing of a job is left to wait for: done, or its fault is not there (any more).

        Nobody waits for a fault that nobody knows of: whoever switches finds it out (`_trip`).
        """
        at = self.outlook.fault_of.get(job)
        if job in self.outlook.done:
            return True
        return at is not None and (at not in self.open or at not in self.outlook.known)

    def _finish(self, what: str, now: int) -> None:
        team = self.teams[what]
        job = team.job
        assert job is not None
        assert team.start_s is not None
        spec = self.outlook.job_by_id[job]
        self.works.append(
            Work(
                job=job,
                crew=what,
                left_s=team.left_s,
                arrive_s=team.arrive_s,
                start_s=team.start_s,
                finish_s=now,
            )
        )
        team.drive_s += team.arrive_s - team.left_s
        team.work_s += now - team.start_s
        team.visits += 1
        for goods, count in spec.load.items():
            team.used[goods] = team.used.get(goods, 0.0) + count
        team.at, team.last_s, team.free_since_s = spec.location, now, now
        team.job = team.start_s = team.finish_s = None
        self._rest_after_turn(team, now)
        self._take_break(team, now)
        if job not in self.outlook.done:
            self._done(job, now)

    def _done(self, job: str, now: int) -> None:
        self.outlook.finish(job)
        self.supply.gain(job, now)
        at = self.outlook.fault_of.get(job)
        self._trip(job, now)
        if job.endswith("/patrol"):
            self._learn(job)
        if at is not None and job == self.stage.faults[at].jobs[-1]:
            self.open.discard(at)
            self.mended_s[at] = now
            self.outlook.mend(at)
            for below in sorted(self.hidden):
                if at in self.stage.faults[below].above:
                    self._hear_of(below, now)
        for team in self.teams.values():
            if team.job is not None and team.start_s is None and team.arrive_s <= now:
                self._start_if_ready(team.job, now)

    def _trip(self, job: str, now: int) -> None:
        """A section is switched in with faults in it that nobody knew of: it trips, and they are known."""
        for missing in self.supply.switched_in(job):
            faults = {self.outlook.fault_of.get(each) for each in missing}
            if not any(at is None or at in self.outlook.known for at in faults):
                for repair in sorted(missing):
                    self._call(str(self.outlook.fault_of[repair]), now)

    def _take_break(self, team: Team, now: int) -> None:
        """A break that has fallen due begins when the job in hand is over."""
        duty = self.stage.duties.get(team.crew.id)
        if duty is None or duty.break_after_s is None or team.since_s is None:
            return
        if now - team.since_s >= duty.break_after_s:
            team.not_before_s = now + duty.break_s
            team.since_s = None
            self._look_again(team.not_before_s)

    def _rest_after_turn(self, team: Team, now: int) -> None:
        """The next turn begins no earlier than the rest after this one allows."""
        duty = self.stage.duties.get(team.crew.id)
        if duty is None or duty.next_turn is None or team.crew.shift is None or not duty.rest_s:
            return
        following = self.teams[duty.next_turn]
        home_s = 0
        if now and team.crew.end is not None:
            home_s = team.crew.drive_s(self.stage.travel_at(now).between(team.at, team.crew.end))
        begin_s = max(team.crew.shift[1], now + home_s) + duty.rest_s
        if begin_s > following.begin_s:
            following.not_before_s = begin_s
            self._later(begin_s, "sign_on", duty.next_turn)

    # what is decided

    def _plan(self, now: int) -> None:
        if not self.outlook.known:
            self.news = False
            return
        if not self.news and not self.dispatcher.asks_when_free:
            return
        idle = [name for name, team in self.teams.items() if self._idle(team, now)]
        if not self.news and not idle:
            return
        if self.asked_s is not None and now < self.asked_s + self.every_s:
            self._look_again(self.asked_s + self.every_s)
            return
        view = Glance(self.outlook, tuple(self.teams.values()), now)
        self.routes = self.dispatcher.routes(view, self.routes, idle, self.seed)
        self.news, self.asked_s = False, now
        self.replans += 1
        self._note_etrs(now)

    def _note_etrs(self, now: int) -> None:
        """What customers are told first: when the plan has their fault mended."""
        expected_s = self.dispatcher.expected_s
        if expected_s:
            for at in self.outlook.known:
                repair = self.stage.faults[at].jobs[-1]
                if at not in self.etr_s and repair in expected_s:
                    self.etr_s[at] = now + expected_s[repair]

    def _look_again(self, at_s: int) -> None:
        if at_s not in self.looks:
            self.looks.add(at_s)
            self._later(at_s, "look", "")

    def _look(self, what: str, now: int) -> None:
        """Nothing happens but that a re-plan may be made again."""

    def _idle(self, team: Team, now: int) -> bool:
        return team.job is None and team.on_duty(now)

    def _send(self, now: int) -> None:
        """Send free crews to their next jobs; sending one may let another go."""
        sent = True
        while sent:
            sent = False
            for team in self.teams.values():
                if team.job is None and team.on_duty(now):
                    job = self._next(team, now)
                    if job is not None:
                        self._go(team, job, now)
                        sent = True

    def _next(self, team: Team, now: int) -> str | None:
        if team.queue:
            return team.queue[0]
        for job in self.routes.get(team.crew.id, ()):
            if job in self.outlook.done or team.crew.id in self.doers.get(job, ()):
                continue
            at = self.outlook.fault_of.get(job)
            if at is not None and at not in self.outlook.known:
                continue
            begin_s = self._may_begin_s(job)
            if team.crew.shift is None:
                # The desk goes on with what can be done now.
                if begin_s is not None and begin_s <= now:
                    return job
                continue
            if begin_s is None:
                return None
            leave_s = begin_s - self._drive_s(team, job, now)
            if leave_s > now:
                self._look_again(leave_s)
                return None
            return job
        return None

    def _may_begin_s(self, job: str) -> int | None:
        """When all that a job waits for should be over; None while nobody has set out to some of it.

        Whoever is sent to wait for a job that nobody has set out to might wait for ever.
        """
        begin_s = 0
        for each in self.outlook.job_by_id[job].after:
            if self._over(each.job):
                continue
            doers = [self.teams[name] for name in self.doers.get(each.job, ())]
            if not doers or any(team.job != each.job for team in doers):
                return None
            service_s = self.outlook.service_s.get(each.job, self.outlook.job_by_id[each.job].service_s)
            ends = [team.finish_s or team.arrive_s + service_s for team in doers]
            begin_s = max(begin_s, *ends)
        return begin_s

    def _drive_s(self, team: Team, job: str, now: int) -> int:
        place = self.outlook.job_by_id[job].location
        return team.crew.drive_s(self.stage.travel_at(now).between(team.at, place))

    def _go(self, team: Team, job: str, now: int) -> None:
        spec = self.outlook.job_by_id[job]
        if team.queue and team.queue[0] == job:
            team.queue.popleft()
        self.doers.setdefault(job, set()).add(team.crew.id)
        team.job, team.left_s = job, now
        team.first_s = now if team.first_s is None else team.first_s
        self._count_from(team, now)
        team.arrive_s = now + self._drive_s(team, job, now)
        self._later(team.arrive_s, "arrive", team.crew.id)
        if spec.crews_needed > 1:
            self._bind_partners(job)

    def _count_from(self, team: Team, now: int) -> None:
        """Since when a crew has worked without a break; waiting as long as a break lasts is one."""
        duty = self.stage.duties.get(team.crew.id)
        if duty is not None and (team.since_s is None or now - team.free_since_s >= duty.break_s):
            team.since_s = now

    def _bind_partners(self, job: str) -> None:
        """Whoever else the plan sends there must come, or the first would wait in vain."""
        for name, jobs in self.routes.items():
            if job in jobs and name not in self.doers[job]:
                self.doers[job].add(name)
                self.teams[name].queue.append(job)
