"""Grids written as text.

One line of text per line or device, from bus to bus; buses whose names begin with S are sources::

    S1 [B1] a       breaker, remote         a -- b         line
    a  (R1) b       recloser, remote        b <F1> c       fuse
    b  |M1| c       switch, manual          b {Q1} c       switch, remote
    c  /T1/ d       tie, manual             c //T1// d     tie, remote
    a 100           a transformer 'Ta' of 100 kVA at bus a

After a device or line ``@500`` gives its rating in kW, ``!open`` or ``!closed`` its present state.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd
import pytest

from geo import Grid

MARKS = {
    r"\[(\w+)\]": ("breaker", "remote", "closed"),
    r"\((\w+)\)": ("recloser", "remote", "closed"),
    r"<(\w+)>": ("fuse", "manual", "closed"),
    r"\|(\w+)\|": ("switch", "manual", "closed"),
    r"\{(\w+)\}": ("switch", "remote", "closed"),
    r"//(\w+)//": ("switch", "remote", "open"),
    r"/(\w+)/": ("switch", "manual", "open"),
}


def tables_of(text: str) -> dict[str, pd.DataFrame]:
    buses: dict[str, None] = {}
    lines, switches, transformers = [], [], []
    for row in text.strip().splitlines():
        here, mark, *rest = row.split()
        there, more = (rest[0], rest[1:]) if rest else ("", [])
        buses |= dict.fromkeys([here, *([there] if there else [])])
        rating = next((word[1:] for word in more if word.startswith("@")), "")
        present = next((word[1:] for word in more if word.startswith("!")), "")
        if mark.isdigit():
            transformers.append((f"T{here}", here, mark))
        elif mark.startswith("--") or mark == "lv":
            kind = "lv" if mark == "lv" else "overhead"
            lines.append((f"{here}-{there}", here, there, 100, kind, rating))
        else:
            pattern, (kind, control, normal) = next(i for i in MARKS.items() if re.fullmatch(i[0], mark))
            name = re.fullmatch(pattern, mark)[1]
            switches.append((name, here, there, kind, control, normal, present, rating))
    places = [
        (name, 7.8 + 0.001 * k, 48.4, "source" if name.startswith("S") else "bus")
        for k, name in enumerate(buses)
    ]
    return {
        "buses": pd.DataFrame(places, columns=["id", "lon", "lat", "kind"]),
        "lines": pd.DataFrame(lines, columns=["id", "from_bus", "to_bus", "length_m", "kind", "rating_kw"]),
        "switches": pd.DataFrame(
            switches,
            columns=["id", "from_bus", "to_bus", "kind", "control", "normal", "present", "rating_kw"],
        ),
        "transformers": pd.DataFrame(transformers, columns=["id", "bus", "rating_kva"]),
    }


@pytest.fixture
def grid_of() -> Callable[..., Grid]:
    """Make a grid of text."""

    def make(text: str, check: bool = True) -> Grid:
        return Grid.from_tables(**tables_of(text), check=check)

    return make
