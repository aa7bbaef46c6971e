"""Smith's rule where customers come back together: how a block's cost per second is shared by jobs.

W. E. Smith, "Various optimizers for single-stage production" (Naval Research Logistics Quarterly,
1956): work goes in the order of cost per second over duration. A job that brings a block back only
together with others has no rate of its own. Two variants share the block's:

- evenly: the jobs of its way with the fewest jobs, each alike (here; the dispatcher's rule, the order
  in which removed jobs are put back, the guide of the search);
- by work: the jobs of its quickest way with all that must be done before them, in proportion to their
  duration, and again whenever one of them is done (`listing`; the start of a re-plan).
"""

from __future__ import annotations

import numpy as np

from ...ground.problem import Problem
from .._compile import compiled
from .flat import NEVER, Floats, Ints


def even_rates(problem: Problem) -> Floats:
    """Cost per second that finishing each job stops, blocks shared evenly: (n,).

    Of several ways with the fewest jobs the first counts.
    """
    idx = {job.id: i for i, job in enumerate(problem.jobs)}
    rate = np.array([job.cost_per_s for job in problem.jobs], float)
    for block in problem.blocks:
        way = min(block.restored_by, key=len, default=())
        for name in way:
            if name in idx:
                rate[idx[name]] += block.cost_per_s / len(way)
    return rate


@compiled
def share_evenly(
    blocks: int, rate: Floats, block_ptr: Ints, way_ptr: Ints, way_job: Ints, share: Floats
) -> None:
    """The same for flat blocks: add to `share` (n,) each job's part of the first `blocks` blocks.

    Parameters
    ----------
    rate : (blocks,) cost per second.
    block_ptr, way_ptr, way_job : as in `Arrays`.
    """
    for b in range(blocks):
        least, way = NEVER, -1
        for w in range(block_ptr[b], block_ptr[b + 1]):
            if way_ptr[w + 1] - way_ptr[w] < least:
                least, way = way_ptr[w + 1] - way_ptr[w], w
        if way >= 0:
            for q in range(way_ptr[way], way_ptr[way + 1]):
                share[way_job[q]] += rate[b] / least
