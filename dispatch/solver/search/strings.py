"""What the searches that take strings out and put jobs back draw alike, whatever they keep routes in.

Adjacent string removal and the order of putting back after Christiaens and Vanden Berghe, "Slack
Induction by String Removals for Vehicle Routing Problems" (Transportation Science, 2020).
"""

# mypy: disable-error-code="no-any-return"
# Fields of record arrays are untyped.

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._compile import inlined
from .moves import below, uniform

RECALLED_NEAR = 4  # jobs left out near the strings that are tried again
RECALLED = 3  # random jobs left out that are tried again in a step
SPLIT = 0.5  # share of strings that keep a stretch in their middle
KEEP_ON = 0.5  # chance that the stretch kept grows by one


@inlined
def how_many_strings(random: NDArray[np.uint64], string: float, longest: float) -> int:
    """How many routes lose a string, where `string` jobs go in the mean and `longest` from one route."""
    return int(uniform(random) * (4.0 * string / (1.0 + longest) - 1.0) + 1.0)


@inlined
def draw_string(
    random: NDArray[np.uint64], count: int, pos: int, longest: float
) -> tuple[int, int, int, int]:
    """A random string that holds visit `pos` of `count`: (first, length, first kept, how many are kept).

    All count from the first visit that may be moved; what is kept lies within the string.
    """
    length = min(count, int(uniform(random) * min(float(count), longest)) + 1)
    keep = 0
    if length > 1 and length < count and uniform(random) < SPLIT:
        keep = 1
        while length + keep < count and uniform(random) < KEEP_ON:
            keep += 1
    whole = length + keep
    lowest, highest = max(0, pos - whole + 1), min(pos, count - whole)
    first = lowest + below(random, highest - lowest + 1)
    keep_from = first + 1 + below(random, max(1, length - 1))
    return first, whole, keep_from, keep


@inlined
def order_key(draw: float, chance: float, rate: float, service: float, far: float, fails: float) -> float:
    """What removed jobs are sorted by: chance, cost rate, Smith's ratio, lateness or distance, failures.

    Parameters
    ----------
    draw : 0 to 1, the same for all jobs of a step: which key it is.
    chance : 0 to 1, drawn for this job.
    rate : cost per second of the job.
    service : seconds.
    far : latest start or drive, seconds.
    fails : how often the job found no place.
    """
    key = chance
    if draw < 0.3:
        pass
    elif draw < 0.55:
        key = -rate
    elif draw < 0.8:
        key = -rate / (service + 1.0)
    elif draw < 0.9:
        key = far
    else:
        key = -fails
    return key
