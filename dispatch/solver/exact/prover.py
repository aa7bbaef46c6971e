"""The far end of `proofs`: a process of its own, in which CP-SAT solves one model.

It imports nothing of this project, so that it starts in a fifth of a second. One line comes in, with the
model; a line goes out for each better solution and each better bound, the last one with the status.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import time
from typing import Any

QUIET_S = 0.05  # between two bounds told


def main() -> None:
    """Solve the model on standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this one decides
    asked = json.loads(sys.stdin.readline())
    sys.path[:] = asked["path"]
    threading.Thread(target=_end_with_the_other, daemon=True).start()
    _solve(asked)


def _end_with_the_other() -> None:
    """End when the process that asked has ended."""
    sys.stdin.read()
    os._exit(1)


def _solve(asked: dict[str, Any]) -> None:
    cp_sat: Any = importlib.import_module("ortools.sat.python.cp_model_helper")  # now that the path is known
    last_told_s = 0.0

    class Told(cp_sat.SolutionCallback):  # type: ignore[misc]
        def OnSolutionCallback(self) -> None:
            _tell(values=list(self.Response().solution), bound=self.BestObjectiveBound())

    def tell_bound(bound: float) -> None:
        nonlocal last_told_s
        if time.monotonic() - last_told_s > QUIET_S:
            last_told_s = time.monotonic()
            _tell(bound=bound)

    model, parameters = cp_sat.CpModelProto(), cp_sat.SatParameters()
    model.parse_text_format(asked["model"])
    parameters.parse_text_format(asked["parameters"])
    if asked["until"] is not None:
        parameters.max_time_in_seconds = max(0.01, asked["until"] - time.monotonic())
    solver, told = cp_sat.SolveWrapper(), Told()
    solver.set_parameters(parameters)
    solver.add_solution_callback(told)
    solver.add_best_bound_callback(tell_bound)
    response = solver.solve(model)
    _tell(status=response.status.name, values=list(response.solution), bound=response.best_objective_bound)


def _tell(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
    os._exit(0)
