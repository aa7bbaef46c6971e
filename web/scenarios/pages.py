"""What the pages about scenarios show, out of what is kept of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dispatch.simulate.sections import Section
from dispatch.simulate.studies import Kept


def study_row(kept: Kept) -> dict[str, Any]:
    """A line of the list of studies."""
    order = kept.order
    return {
        "id": kept.id,
        "scenario": order["scenario"],
        "alternatives": [each["name"] for each in order["alternatives"]],
        "replications": order["replications"],
        "seed": order["seed"],
        "crews_for_h": order.get("crews_for_h"),
        "by": order.get("by", ""),
        "at": str(order.get("at", ""))[:16].replace("T", " "),
        "state": kept.state,
        "done": kept.status.get("done", 0),
        "total": kept.status.get("total", 0),
        "text": kept.status.get("text", ""),
    }


def interval_cells(row: Sequence[str]) -> list[dict[str, str]]:
    """Each cell as its figure and, smaller, the interval behind it."""
    found = []
    for cell in row:
        figure, bracket, rest = cell.partition(" (")
        found.append({"figure": figure, "rest": f"({rest}" if bracket else ""})
    return found


def section_cells(section: Section) -> dict[str, Any]:
    """A table of a report with its title and note."""
    rows = [interval_cells(row) for row in section.rows]
    return {"title": section.title, "note": section.note, "rows": rows}


def crews_command(crews: Mapping[str, Any]) -> str:
    """The command that finds a number of crews again."""
    return (
        f"gridcrew simulate scenario.yaml --replications {crews['replications']} --seed {crews['seed']} "
        f"--crews-for {crews['hours']:g} --certainty {crews['certainty']:g} --out OUT"
    )
