"""How CP-SAT is run wherever it is used: with one worker, told by parameters from one place.

With two workers or more, OR-Tools 9.14 and 9.15 now and then end the whole process with a
segmentation fault, on models of a few hundred variables (measured in `benchmarks/README.md`).
"""

from __future__ import annotations

from ortools.sat.python import cp_model


def one_worker_solver(
    *, seconds: float | None = None, work: float | None = None, seed: int = 0
) -> cp_model.CpSolver:
    """Make a solver of one worker.

    Parameters
    ----------
    seconds : wall clock, or None for no limit.
    work : CP-SAT's own measure of what it does, about a second each and the same on any machine.
    """
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.catch_sigint_signal = False  # it would leave Ctrl-C deadly ever after
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
    if work is not None:
        solver.parameters.max_deterministic_time = work
    return solver
