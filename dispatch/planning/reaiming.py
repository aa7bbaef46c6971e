"""Crews that are on their way to a device when the evidence turns to another: the new place is theirs.

before   O-M2a/repair   crew-2 is on its way
now      O-T2/repair    the neighbours are dark too: the transformer, not the main; crew-2 goes there
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..ground.case import CrewShift
from ..ground.day import Outage
from ..ground.problem import Job
from ..outages import SupplyTree
from .drafting import job_id, people_skills, repair_job
from .running import Running

OUTAGE = "O-"
AGAIN = re.compile(r"-\d+$")


def successors(
    jobs: Iterable[str], outages: Sequence[Outage], tree: SupplyTree, known: Container[str]
) -> dict[str, str]:
    """By job of an outage that is no more, the job at the device that is now named in its stead.

    The nearest device above that is named, else the largest one beneath. What crews had been sent to before
    keeps its crew.

    Parameters
    ----------
    jobs : of routes in force, in the order in which they come first.
    known : ids of all jobs that there are now.
    """
    jobs = list(dict.fromkeys(jobs))
    now = {each.id for each in outages}
    taken, found = set(jobs), dict[str, str]()
    for job in jobs:
        outage, _, kind = job.rpartition("/")
        if not outage.startswith(OUTAGE) or outage in now:
            continue
        stead = _stead(outage.removeprefix(OUTAGE), outages, tree)
        wanted = () if stead is None else (job_id(stead.id, kind), repair_job(stead.id))
        new = next((each for each in wanted if each in known), None)
        if new is not None and new not in taken:
            taken.add(new)
            found[job] = new
    return found


def re_aimed(
    running: Running,
    jobs: Mapping[str, Job],
    outages: Sequence[Outage],
    tree: SupplyTree,
    skills: Mapping[str, frozenset[str]],
) -> Running:
    """What is under way, with crews on their way to where evidence points now, as far as they can work there.

    Parameters
    ----------
    jobs : all that there are now, by id.
    skills : of the crews on shift.
    """
    sent = [
        job for routes in (running.committed, running.previous) for route in routes.values() for job in route
    ]
    new = successors((job for job in sent if job not in running.on_site), outages, tree, jobs)
    if not new:
        return running

    def aimed(crew: str, route: Sequence[str]) -> Iterator[str]:
        for job in route:
            there = new.get(job, job)
            able = there in jobs and jobs[there].skills <= skills.get(crew, frozenset())
            yield there if there == job or able else job

    return replace(
        running,
        previous={crew: tuple(aimed(crew, route)) for crew, route in running.previous.items()},
        committed={crew: tuple(aimed(crew, route)) for crew, route in running.committed.items()},
    )


def skills_of(crews: Iterable[CrewShift]) -> dict[str, frozenset[str]]:
    """By crew what it can do, its size among it."""
    return {crew.id: crew.skills | people_skills(crew.people) for crew in crews}


def _stead(place: str, outages: Sequence[Outage], tree: SupplyTree) -> Outage | None:
    node = _node(place, tree)
    if node is None:
        return None
    nodes = [
        (each, at) for each in outages if (at := _node(each.device or each.fault.place, tree)) is not None
    ]
    for up in tree.above(node):
        above = next((each for each, at in nodes if at == up), None)
        if above is not None:
            return above
    beneath = [each for each, at in nodes if node in tree.above(at)]
    return max(beneath, key=lambda each: (each.customers_out, each.id), default=None)


def _node(place: str, tree: SupplyTree) -> int | None:
    """The node of a place, or that a customer hangs on; a place that failed again has a number behind it."""
    for name in (place, AGAIN.sub("", place)):
        node, row = tree.node_of_place(name), tree.row_of_customer(name)
        if node is None and row is not None:
            node = int(tree.customer_node_idx[row])
        if node is not None and node >= 0:
            return node
    return None
