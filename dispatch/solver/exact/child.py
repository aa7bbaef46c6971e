"""CP-SAT in a process of its own: whatever becomes of it, the process that asks goes on.

A native solver that fails takes its whole process with it, and the plan in hand. Here it takes nothing:
solutions and bounds are told as they are found, and those told before it died count.
"""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ortools.sat.python import cp_model

from rules.checks.cp_sat import one_worker_solver

PROVER = Path(__file__).with_name("prover.py")
LOOK_S = 0.05
GRACE_S = 0.25  # beyond its limit, after which the process is ended
Stop = Callable[[], bool]


@dataclass(slots=True, kw_only=True)
class Answer:
    """What a model's solver has found: all of it, or what it told before it was ended.

    Parameters
    ----------
    status : "OPTIMAL" or "INFEASIBLE" once that is proven, else "FEASIBLE" or "UNKNOWN".
    values : of the variables in the model's order; empty without a solution.
    bound : on the model's objective.
    """

    status: str = "UNKNOWN"
    values: tuple[int, ...] = ()
    bound: float = -math.inf

    @property
    def found(self) -> bool:
        """Whether there is a solution."""
        return bool(self.values)

    @property
    def optimal(self) -> bool:
        """Whether no solution is better."""
        return self.status == "OPTIMAL"

    @property
    def infeasible(self) -> bool:
        """Whether it is proven that there is no solution."""
        return self.status == "INFEASIBLE"

    def value(self, variable: Any) -> int:
        """Of a variable or of a negated one in the best solution."""
        index: int = variable.index
        return self.values[index] if index >= 0 else 1 - self.values[-index - 1]

    def hear(self, told: dict[str, Any]) -> None:
        """Take in a line of the other process."""
        self.values = tuple(told.get("values", ())) or self.values
        self.bound = max(self.bound, told.get("bound", -math.inf))
        self.status = told.get("status", "FEASIBLE" if self.values else "UNKNOWN")


def solve_model(
    model: cp_model.CpModel,
    *,
    seconds: float | None = None,
    work: float | None = None,
    seed: int = 1,
    stop: Stop | None = None,
    combinatorial: bool = False,
) -> Answer:
    """Minimise a model in a process of its own.

    Parameters
    ----------
    seconds : wall clock from now on, the start of the process included.
    work : CP-SAT's own measure of what it does, about a second each, the same on any machine.
    stop : asked 20 times a second; True ends it with what it has told.
    combinatorial : without a linear relaxation, which says little where times decide.
    """
    until = None if seconds is None else time.monotonic() + seconds
    solver = one_worker_solver(work=work, seed=seed)
    if combinatorial:
        solver.parameters.linearization_level = 0
    asked = {
        "path": sys.path,
        "model": str(model.proto),
        "parameters": str(solver.parameters),
        "until": until,
    }
    answer = Answer()
    with _prover() as running:
        listener = threading.Thread(target=_talk, args=(running, asked, answer), daemon=True)
        listener.start()
        _wait(listener, math.inf if until is None else until + GRACE_S, stop)
        running.kill()
        listener.join()
    return answer


@contextlib.contextmanager
def _prover() -> Iterator[subprocess.Popen[str]]:
    """A running prover that is gone at the end."""
    with subprocess.Popen(
        [sys.executable, "-I", str(PROVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def _talk(running: subprocess.Popen[str], asked: dict[str, Any], answer: Answer) -> None:
    """Ask, and hear the answers until there are no more; a line cut short ends them."""
    assert running.stdin is not None
    assert running.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        running.stdin.write(json.dumps(asked) + "\n")
        running.stdin.flush()
        for line in running.stdout:
            answer.hear(json.loads(line))


def _wait(listener: threading.Thread, until: float, stop: Stop | None) -> None:
    while listener.is_alive() and time.monotonic() < until:
        listener.join(LOOK_S)
        if stop is not None and stop():
            return
