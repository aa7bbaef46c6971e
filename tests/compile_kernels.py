"""Compile the solver's kernels, so that no test's time limit counts it: `python tests/compile_kernels.py`."""

from __future__ import annotations

from dispatch.solver.compiling import Compiling
from dispatch.solver.ready import ready_to_replan

MOST_S = 1200

if __name__ == "__main__":
    with Compiling() as compiling:
        compiling.wait(MOST_S)
    ready_to_replan()
