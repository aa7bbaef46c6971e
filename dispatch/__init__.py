"""From requests to a checked plan: the part of gridcrew that decides.

These names are the public Python API; `docs/python.md` shows how to use them and
`docs/compatibility.md` says what stays the same. Each is loaded when it is first asked
for, because the solver takes seconds to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .files.exports import plan_geojson
    from .files.plan_files import plan_to_dict, read_plan, write_plan
    from .files.problem_files import problem_from_dict, problem_to_dict, read_problem, write_problem
    from .ground.case import Case
    from .ground.day import DayPlan
    from .ground.errors import DispatchError, InputFaults, ProblemFaults
    from .ground.plan import Dropped, Plan, Rest, Route, Visit
    from .ground.problem import After, Block, Break, Costs, Crew, Job, Previous, Problem, Travel
    from .ground.verdict import Verdict, Violation
    from .intake.case import load_case
    from .judge.asked import check, explain
    from .judge.findings import Explanation
    from .planning.main_road import plan_day
    from .solver.progress import Progress, ProgressLine
    from .solver.solve import solve

__all__ = [
    "After",
    "Block",
    "Break",
    "Case",
    "Costs",
    "Crew",
    "DayPlan",
    "DispatchError",
    "Dropped",
    "Explanation",
    "InputFaults",
    "Job",
    "Plan",
    "Previous",
    "Problem",
    "ProblemFaults",
    "Progress",
    "ProgressLine",
    "Rest",
    "Route",
    "Travel",
    "Verdict",
    "Violation",
    "Visit",
    "check",
    "explain",
    "load_case",
    "plan_day",
    "plan_geojson",
    "plan_to_dict",
    "problem_from_dict",
    "problem_to_dict",
    "read_plan",
    "read_problem",
    "solve",
    "write_plan",
    "write_problem",
]

# Where each name is made.
_HOMES = {
    ".files.exports": ("plan_geojson",),
    ".files.plan_files": ("plan_to_dict", "read_plan", "write_plan"),
    ".files.problem_files": ("problem_from_dict", "problem_to_dict", "read_problem", "write_problem"),
    ".ground.case": ("Case",),
    ".ground.day": ("DayPlan",),
    ".ground.errors": ("DispatchError", "InputFaults", "ProblemFaults"),
    ".ground.plan": ("Dropped", "Plan", "Rest", "Route", "Visit"),
    ".ground.problem": (
        *("After", "Block", "Break", "Costs", "Crew", "Job", "Previous", "Problem", "Travel"),
    ),
    ".ground.verdict": ("Verdict", "Violation"),
    ".intake.case": ("load_case",),
    ".judge.asked": ("check", "explain"),
    ".judge.findings": ("Explanation",),
    ".planning.main_road": ("plan_day",),
    ".solver.progress": ("Progress", "ProgressLine"),
    ".solver.solve": ("solve",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name from the module that makes it."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOME_OF[name], __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The public names, and what every module has."""
    return sorted({*globals(), *__all__})
