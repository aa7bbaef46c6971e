"""Compile the kernels before a clock runs: once on a machine; afterwards they are loaded from disk."""

from __future__ import annotations

import fcntl
import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ..ground.problem import After, Block, Break, Crew, Job, Problem, Travel
from ._compile import KERNELS
from .bound.limit import lower_bound
from .budget import Budget
from .exact.subsets import solve_subsets
from .kernels.arrays import build
from .search.engine import Engine
from .session import better_start, few_moves
from .starts.construct import rule_routes

STEPS = 3
BOUND_S = 0.01
LAST_COMPILED = ("coupled_search.anneal_coupled", "plain.anneal", "latency_search.anneal_latency")
LAST_OF_REPLANS = ("in_force.anneal_near", "in_force.search_near", "repair.search_on")
ABOUT_COMPILED = 160  # kernels and their variants
SCALE = 60.0  # seconds a unit


@cache
def ready() -> None:
    """Run every kernel once; what is not yet compiled is compiled by that, for this process and the next.

    Without it the first plan after an installation would spend its time limit on compiling.
    """
    compile_part(0, 1)


def compile_part(part: int, parts: int) -> None:
    """Run the kernels on every so many-th of the problems that together need all of them."""
    for problem in _tiny_problems()[part::parts]:
        arrays, lookup = build(problem)
        engine = Engine(arrays, seed=1)
        engine.start(rule_routes(problem, arrays, lookup.place, arrays.legs[0]))
        engine.run(STEPS, 1.0, 0.1)
        engine.timed(problem, lookup)
        rule_routes(problem, arrays, lookup.place, None)
        lower_bound(problem, BOUND_S)
        solve_subsets(problem)


def compile_part_alone(part: int, parts: int) -> None:
    """Compile a part of everything, alone among all processes that keep compiled kernels in one place.

    Several servers that start on a new machine would each compile all of it, and share the processors
    for that; whoever waits finds it on disk.
    """
    with _alone(f"compiling-{part}-of-{parts}.lock"):
        compile_part(part, parts)
        compile_part_of_replans(part, parts)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold a lock beside what numba keeps; where none can be written there, hold none."""
    try:
        folder = min(_caches())
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / name).open("ab")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)  # let go with the file, or with the process
        yield


@cache
def ready_to_replan() -> None:
    """The same for what goes on from a plan in force, and for what asks who could take one more job."""
    ready()
    compile_part_of_replans(0, 1)


def compile_part_of_replans(part: int, parts: int) -> None:
    """Run the kernels of re-plans on every so many-th of the problems that together need all of them."""
    for problem in _tiny_problems()[part::parts]:
        better_start(problem, [[job.id for job in problem.jobs], []])
        tiny = Budget(began=0.0, seconds=None, work=STEPS)
        few_moves(problem, [[problem.jobs[0].id], []], tiny, seed=1, move_price=0.01)


def is_compiled() -> bool:
    """Whether the kernels lie compiled on disk, so that `ready` takes a second."""
    return _lie_there(LAST_COMPILED)


def is_compiled_for_replans() -> bool:
    """The same for `ready_to_replan`."""
    return _lie_there((*LAST_COMPILED, *LAST_OF_REPLANS))


def _lie_there(kernels: Sequence[str]) -> bool:
    folders = _caches()
    return all(any(any(folder.glob(f"{kernel}*.nbi")) for folder in folders) for kernel in kernels)


def compiled_share() -> float:
    """How many of the kernels lie compiled on disk, 0 to 1, roughly."""
    return min(1.0, sum(1 for folder in _caches() for _ in folder.glob("*.nbc")) / ABOUT_COMPILED)


def _caches() -> set[Path]:
    """Where numba keeps what it compiled: a folder beside each folder of kernels."""
    names = (f"{__package__}.{name.replace('/', '.')}" for name in KERNELS)
    found = (value for name in names for value in vars(importlib.import_module(name)).values())
    return {Path(value._cache.cache_path) for value in found if hasattr(value, "signatures")}


def _tiny_problems() -> tuple[Problem, ...]:
    """Plain latency, by points and by table; windows, breaks and blocks; jobs that wait for one another."""
    travel = Travel(xy=np.array([[0, 0], [3, 4], [6, 8], [0, 5]]), scale=SCALE)
    jobs = tuple(Job(id=f"J{at}", location=at, service_s=600, cost_per_s=1) for at in (1, 2, 3))
    crews = tuple(Crew(id=name, start=(0,)) for name in ("A", "B"))
    plain = Problem(travel=travel, jobs=jobs, crews=crews)
    table = replace(plain, travel=Travel(durations_s=travel.matrix_s))
    hours = Crew(id="A", start=(0,), shift=(0, 7200), breaks=(Break(window=(0, 3600), duration_s=600),))
    loose = tuple(
        Job(id=job.id, location=job.location, service_s=600, windows=((0, 7200),), drop_cost=10_000)
        for job in jobs
    )
    block = Block(id="B", cost_per_s=1, restored_by=(("J1",), ("J2", "J3")))
    shifts = Problem(travel=travel, jobs=loose, crews=(hours, crews[1]), blocks=(block,), unserved_at_s=9000)
    waits = (
        jobs[0],
        Job(id="J2", location=2, service_s=600, crews_needed=2, drop_cost=10_000),
        Job(id="J3", location=3, service_s=600, after=(After(job="J1"),), drop_cost=10_000),
    )
    coupled = Problem(travel=travel, jobs=waits, crews=crews, blocks=(block,), unserved_at_s=9000)
    return plain, coupled, shifts, table  # every second one is about half of the work
