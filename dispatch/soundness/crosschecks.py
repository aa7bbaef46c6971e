"""Faults of a problem that concern several of its records at once.

Works on what `dispatch.soundness.problem_keys` has read so far, where a value that was faulty
by itself is None or absent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..ground.errors import nearest
from .parsing import Gatherer, shown

Found = Mapping[str, Any]


def check_references(found: Found, faults: Gatherer) -> None:
    """Note ids given twice, references to nothing, places out of range, cycles, missing forms.

    Parameters
    ----------
    found : the parsed file.
    faults : gathers what is wrong.
    """
    jobs, crews = _ids(found, "jobs", faults), _ids(found, "crews", faults)
    _ids(found, "blocks", faults)
    size = _travel(found, faults)
    if size is not None:
        _places(found, size, faults)
    _waits(found, jobs, faults)
    _ways(found, jobs, faults)
    _committed(found, jobs, faults)
    _previous(found, jobs, crews, faults)
    if found.get("blocks") and found.get("unserved_at_s") is None:
        faults.add(
            "unserved_at_s",
            "is missing; blocks need it: when the unrestored counts as restored",
        )


def _records(found: Found, group: str) -> Iterator[tuple[str, Found]]:
    for at, entry in enumerate(found.get(group) or ()):
        if entry is not None:
            yield f"{group}[{at}]", entry


def _ids(found: Found, group: str, faults: Gatherer) -> set[str]:
    first: dict[str, str] = {}
    for place, entry in _records(found, group):
        name = entry.get("id")
        if name is None:
            continue
        if name in first:
            faults.add(f"{place}.id", f"is {shown(name)}, which stands twice: {first[name]} has the same id")
        first.setdefault(name, place)
    return set(first)


def _travel(found: Found, faults: Gatherer) -> int | None:
    """Check the travel forms; the number of locations where it is known."""
    travel = found.get("travel")
    if travel is None:
        return None
    forms = [form for form in ("durations_s", "xy") if form in travel]
    if len(forms) != 1:
        given = "both are given" if forms else "neither is given"
        faults.add("travel", f"must have one of durations_s and xy; {given}")
        return None
    for name in ("metric", "scale", "rounding"):
        if forms == ["durations_s"] and name in travel:
            faults.add(f"travel.{name}", "goes with xy, not with durations_s")
    table = travel[forms[0]]
    metres = travel.get("distances_m")
    if table is not None and metres is not None and len(metres) != len(table):
        text = f"has {len(metres)} rows; {forms[0]} has {len(table)} locations"
        faults.add("travel.distances_m", text)
    return None if table is None else len(table)


def _places(found: Found, size: int, faults: Gatherer) -> None:
    for place, job in _records(found, "jobs"):
        _place(f"{place}.location", job.get("location"), size, faults)
    for place, crew in _records(found, "crews"):
        for start in crew.get("start") or ():
            _place(f"{place}.start", start, size, faults)
        _place(f"{place}.end", crew.get("end"), size, faults)


def _place(place: str, location: int | None, size: int, faults: Gatherer) -> None:
    if location is not None and location >= size:
        faults.add(place, f"is {location}; the travel data has {size} locations (0 to {size - 1})")


def _known(place: str, name: str | None, known: Collection[str], what: str, faults: Gatherer) -> bool:
    if name is None or name in known:
        return name is not None
    faults.add(place, f"is {shown(name)}; there is no such {what}{nearest(name, known)}")
    return False


def _waits(found: Found, jobs: set[str], faults: Gatherer) -> None:
    before: dict[str, list[str]] = {}
    for place, job in _records(found, "jobs"):
        for at, wait in enumerate(job.get("after") or ()):
            first = (wait or {}).get("job")
            if _known(f"{place}.after[{at}].job", first, jobs, "job", faults) and job.get("id"):
                before.setdefault(job["id"], []).append(str(first))
    for cycle in _cycles(before):
        faults.add("jobs", f"wait for each other in a circle: {' after '.join([*cycle, cycle[0]])}")


def _cycles(before: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """One circle out of each knot of waits."""
    state: dict[str, int] = {}
    for root in before:
        if state.get(root):
            continue
        path, stack = [root], [iter(before[root])]
        state[root] = 1
        while stack:
            following = next(stack[-1], None)
            if following is None:
                state[path.pop()] = 2
                stack.pop()
            elif state.get(following) == 1:
                yield path[path.index(following) :]
            elif not state.get(following):
                state[following] = 1
                path.append(following)
                stack.append(iter(before.get(following, ())))


def _ways(found: Found, jobs: set[str], faults: Gatherer) -> None:
    for place, block in _records(found, "blocks"):
        for at, way in enumerate(block.get("restored_by") or ()):
            for position, name in enumerate(way or ()):
                _known(f"{place}.restored_by[{at}][{position}]", name, jobs, "job", faults)


def _committed(found: Found, jobs: set[str], faults: Gatherer) -> None:
    needed = {job["id"]: job.get("crews_needed") or 1 for _, job in _records(found, "jobs") if job.get("id")}
    count: dict[str, int] = {}
    for place, crew in _records(found, "crews"):
        for at, name in enumerate(crew.get("committed") or ()):
            where = f"{place}.committed[{at}]"
            if _known(where, name, jobs, "job", faults):
                count[name] = count.get(name, 0) + 1
                if count[name] > needed.get(name, 1):
                    faults.add(where, f"is {shown(name)}; more crews are committed to it than it needs")


def _previous(found: Found, jobs: set[str], crews: set[str], faults: Gatherer) -> None:
    for place, previous in _records(found, "previous"):
        _known(f"{place}.crew", previous.get("crew"), crews, "crew", faults)
        for at, name in enumerate(previous.get("jobs") or ()):
            _known(f"{place}.jobs[{at}]", name, jobs, "job", faults)
