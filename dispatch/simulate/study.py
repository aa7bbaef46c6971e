"""Many replications of every alternative: in processes, the same on one as on many, and never twice.

Each replication of each alternative is one record in `OUT/runs/`; a study that
was interrupted, or is asked for more replications, computes what is missing.
"""

from __future__ import annotations

import gc
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from ..ground.errors import DispatchError
from ..ground.whole import written_whole
from .dispatchers import dispatcher_of
from .engine import Outcome, play
from .made_of import MadeOf, case_read, code_hash, made_of, record
from .measures import measure
from .scenario import Scenario, Study
from .stage import Stage, make_stage
from .storms import draw_hits
from .world import World, load_world

Record = Mapping[str, Any]
OnProgress = Callable[[int, int, float], None]
# A change here makes earlier records invalid.
ENGINE = 4
# Whose records were kept under a key without the case's content and the code.
ENGINE_BEFORE = 2
CONNECT_S = 20


class NoCluster(DispatchError):
    """The cluster that was asked for cannot be used."""


class ClusterLost(DispatchError):
    """The cluster went away while it computed."""


class OtherCode(DispatchError):
    """A worker elsewhere has another version of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One replication of one alternative."""

    name: str
    scenario: Scenario
    case_folder: Path
    seed: int
    replication: int
    made: MadeOf | None

    @property
    def key(self) -> str:
        """Hash of everything the result depends on: wherever it is computed, it is the same."""
        # In the scenario's own order: that of its causes is part of what is drawn.
        scenario = self.scenario.model_dump(mode="json")
        if self.made is None:
            return _digest([ENGINE_BEFORE, scenario, str(self.case_folder), self.seed, self.replication])
        scenario["case"] = None
        scenario["plan"]["policy"] = None
        return _digest([ENGINE, scenario, self.made.part(self.scenario), self.seed, self.replication])


def _digest(said: list[Any]) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]


def tasks_of(study: Study, replications: int, seed: int, made: MadeOf | None) -> list[Task]:
    """Every replication of every alternative.

    Parameters
    ----------
    made : what the results are made of; None for those that an older version kept.
    """
    return [
        Task(
            name=name,
            scenario=scenario,
            case_folder=study.case_folder,
            seed=seed,
            replication=number,
            made=made,
        )
        for number in range(replications)
        for name, scenario in study.alternatives.items()
    ]


def run_study(
    study: Study,
    *,
    replications: int,
    seed: int,
    out: Path,
    processes: int = 1,
    scheduler: str | None = None,
    on_progress: OnProgress | None = None,
    on_lost: Callable[[str], None] | None = None,
) -> dict[str, list[Record]]:
    """Records of every alternative, by replication.

    Parameters
    ----------
    out : folder of the study; `runs/` in it keeps the records.
    scheduler : address of a Dask scheduler to compute on instead of own processes; where it goes away
        on the way, what is missing is computed here.
    on_lost : told in a sentence that the scheduler has gone.
    """
    made = made_of(study)
    tasks = tasks_of(study, replications, seed, made)
    kept = out / "runs"
    kept.mkdir(parents=True, exist_ok=True)
    record(out, made)
    missing = [task for task in tasks if not (kept / f"{task.key}.json").exists()]
    began = time.monotonic()
    for number, (key, found_out) in enumerate(_computed(missing, processes, scheduler, on_lost), start=1):
        with written_whole(kept / f"{key}.json") as file:
            file.write(json.dumps(found_out).encode())
        if on_progress is not None:
            on_progress(number, len(missing), time.monotonic() - began)
    found: dict[str, list[Record]] = {name: [] for name in study.alternatives}
    for task in tasks:
        found[task.name].append(json.loads((kept / f"{task.key}.json").read_text()))
    return found


def run_task(task: Task) -> tuple[str, Record]:
    """One replication: what happens, how it is lived through, what it says.

    Raises
    ------
    OtherCode
        The program here is not the one that asked: its results would not be those of the key.
    """
    if task.made is not None and task.made.code != code_hash():
        raise OtherCode("a worker of the cluster runs other code than this program; install the same version")
    if task.made is not None and task.made.case != case_read(task.case_folder):
        raise OtherCode(f"a worker reads another case at {task.case_folder} than this program")
    stage, outcome = live(shared_world(task.case_folder), task.scenario, task.seed, task.replication)
    return task.key, {"replication": task.replication, **measure(stage, outcome)}


def live(world: World, scenario: Scenario, seed: int, replication: int) -> tuple[Stage, Outcome]:
    """One day, from what happens to how it was lived through."""
    stage = make_stage(world, scenario, draw_hits(world, scenario, seed, replication))
    every_s = round(scenario.plan.every_min * 60)
    return stage, play(stage, dispatcher_of(scenario.plan), seed=seed, every_s=every_s)


@lru_cache(maxsize=1)
def shared_world(case_folder: Path) -> World:
    """A process loads the case once."""
    world = load_world(case_folder)
    # What all days share is no garbage: it need not be looked through again and again.
    gc.collect()
    gc.freeze()
    return world


def _computed(
    tasks: Sequence[Task], processes: int, scheduler: str | None, on_lost: Callable[[str], None] | None
) -> Iterator[tuple[str, Record]]:
    if scheduler is None:
        yield from _here(tasks, processes)
        return
    done: set[str] = set()
    try:
        for key, found in _on_cluster(tasks, scheduler):
            done.add(key)
            yield key, found
    except ClusterLost as error:
        left = [task for task in tasks if task.key not in done]
        if on_lost is not None:
            on_lost(
                f"{error}; {len(done)} of {len(tasks)} replications are kept, {len(left)} are computed here"
            )
        yield from _here(left, processes)


def _here(tasks: Sequence[Task], processes: int) -> Iterable[tuple[str, Record]]:
    if processes == 1 or len(tasks) < 2:
        return map(run_task, tasks)
    # Records come in the order in which they are ready; each is kept under its own key.
    work = Parallel(n_jobs=processes, return_as="generator_unordered", batch_size=1)
    found: Iterable[tuple[str, Record]] = work(delayed(run_task)(task) for task in tasks)
    return found


def _on_cluster(tasks: Sequence[Task], scheduler: str) -> Iterator[tuple[str, Record]]:
    """Records as they become ready; not more than a few tasks per worker are under way.

    Every worker reads the case folder from its own path, so that nothing large is sent.

    Raises
    ------
    NoCluster
        dask is not installed, or nobody answers at the address.
    """
    try:
        # An extra, and untyped.
        distributed: Any = import_module("distributed")
    except ImportError:
        raise NoCluster("--scheduler needs dask: pip install 'gridcrew[cluster]'") from None
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_S)
    except (OSError, TimeoutError) as error:
        raise NoCluster(f"no Dask scheduler answers at {scheduler}: {error}") from None
    with client:
        waiting = iter(tasks)
        room = 2 * max(1, sum(client.nthreads().values()))
        # The task's own key is not the future's: a scheduler would answer a failed one from its memory.
        first = [client.submit(run_task, task, pure=False) for task in islice(waiting, room)]
        running = distributed.as_completed(first)
        for future in running:
            yield _result(future, scheduler)
            following = next(waiting, None)
            if following is not None:
                running.add(client.submit(run_task, following, pure=False))


def _result(future: Any, scheduler: str) -> tuple[str, Record]:
    """What a worker found; what its own work went wrong with is raised as it is."""
    if future.status in ("cancelled", "lost"):
        raise ClusterLost(f"the Dask scheduler at {scheduler} has gone")
    try:
        found: tuple[str, Record] = future.result()
    except (CancelledError, OSError) as error:
        raise ClusterLost(f"the Dask scheduler at {scheduler} has gone") from error
    return found
