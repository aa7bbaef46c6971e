"""Problem files: `dispatch-problem/1` in and out.

What the keys mean is stated in `docs/format.md`. Reading gathers every fault
with its place and raises once; writing replaces a file in one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..ground import problem as problems
from ..ground.problem import Problem
from ..soundness.crosschecks import check_references
from ..soundness.parsing import Gatherer, record
from ..soundness.problem_keys import KEYS, PROBLEM, problem_of
from .reading import load_json, save_json

__all__ = ["KEYS", "problem_from_dict", "problem_to_dict", "read_problem", "write_problem"]


def read_problem(path: Path | str) -> Problem:
    """Read a problem file.

    Parameters
    ----------
    path : the problem file.

    Returns
    -------
    Problem
        Checked.

    Raises
    ------
    InputFaults
        With every fault of the file, each with its place.
    """
    return problem_from_dict(load_json(Path(path)), str(path))


def problem_from_dict(data: Any, file: str = "problem") -> Problem:
    """Build a problem from parsed JSON; `file` is what messages call it.

    Parameters
    ----------
    data : parsed JSON.
    file : what messages call it.

    Returns
    -------
    Problem
        Checked.

    Raises
    ------
    InputFaults
        With every fault, each with its place, e.g. ``jobs[3].service_s``.
    """
    faults = Gatherer(file)
    found = record(PROBLEM)(data, "", faults)
    if found is not None:
        check_references(found, faults)
    faults.stop_on_faults()
    assert found is not None
    return problem_of(found)


def problem_to_dict(problem: Problem) -> dict[str, Any]:
    """The problem as JSON-ready data; keys at their default are left out.

    Parameters
    ----------
    problem : any problem.

    Returns
    -------
    dict
        As `docs/format.md` describes it.
    """
    out: dict[str, Any] = {"format": problems.FORMAT, **_plain(problem)}
    out["travel"] = _plain(problem.travel)
    if problem.travel.xy is not None and not problem.travel.xy.size:
        out["travel"]["xy"] = []
    return out


def _plain(value: Any) -> Any:
    """Records, arrays and sets as lists and objects, without keys at their default."""
    if hasattr(value, "__dataclass_fields__"):
        return {
            key.name: _plain(getattr(value, key.name))
            for key in fields(value)
            if not _is_default(getattr(value, key.name), key)
        }
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def _is_default(value: Any, key: Any) -> bool:
    if isinstance(value, np.ndarray):
        return False
    if key.default is not MISSING:
        return bool(value == key.default)
    return key.default_factory is not MISSING and not value


def write_problem(path: Path | str, problem: Problem) -> None:
    """Write a problem file in one step.

    Parameters
    ----------
    path : the file; one that is there is replaced.
    problem : any problem.
    """
    save_json(Path(path), problem_to_dict(problem))
