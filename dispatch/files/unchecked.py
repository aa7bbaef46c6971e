"""Where to find the problem whose plan failed its check: such a fault can be looked into only with it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from ..ground.errors import DispatchError
from ..planning.replan import UncheckedPlan
from .problem_files import write_problem


def told(error: DispatchError) -> str:
    """What to say of an error; where a plan failed its check, its problem is written and the file named.

    Parameters
    ----------
    error : what went wrong.

    Returns
    -------
    str
        A sentence or several.
    """
    if not isinstance(error, UncheckedPlan):
        return str(error)
    path = _folder() / "problem.json"
    try:
        write_problem(path, error.problem)
    except OSError as failed:
        return f"{error} The problem could not be written to {path} ({failed.strerror or failed})."
    return f"{error} The problem is in {path}."


@cache
def _folder() -> Path:
    """A folder that nobody else reads, one for each process: the newest problem replaces the one before."""
    return Path(mkdtemp(prefix="gridcrew-unchecked-"))
