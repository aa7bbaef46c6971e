"""What goes wrong with a network that is read in, said all at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

MOST_SHOWN = 50
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class GeoFault:
    """One thing wrong with a road network or a grid.

    Parameters
    ----------
    file : name of the file or layer, as the user gave it.
    place : where in it, e.g. ``row 12, column 'lon'`` or ``switch 'S-4'``.
    text : what is wrong, with the value and what was expected.
    code : short name of the kind of fault, the same for all of a kind, e.g. ``loop``.
    severity : an ``error`` is refused; a ``warning`` is worth knowing and does no harm.
    lon, lat : where it lies on the map, degrees, where that is known.
    """

    file: str
    place: str
    text: str
    code: str = ""
    severity: Literal["error", "warning"] = "error"
    lon: float | None = None
    lat: float | None = None

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return printable(f"{where}: {self.text}")


def printable(text: str, most: int = 2000) -> str:
    """Text that does nothing to a terminal: control characters escaped, very long ones cut."""
    shown = text if len(text) <= most else f"{text[:most]}..."
    return _UNPRINTABLE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), shown)


class GeoError(Exception):
    """Base of every error that `geo` raises on purpose; carries all faults found.

    The message lists the first fifty faults and the count.
    """

    def __init__(self, faults: Sequence[GeoFault] | GeoFault | str) -> None:
        self.faults: tuple[GeoFault, ...] = ()
        if isinstance(faults, str):
            super().__init__(faults)
            return
        self.faults = (faults,) if isinstance(faults, GeoFault) else tuple(faults)
        lines = [str(fault) for fault in self.faults[:MOST_SHOWN]]
        if len(self.faults) > MOST_SHOWN:
            lines.append(f"... and {len(self.faults) - MOST_SHOWN} more")
        count = len(self.faults)
        lines.append(f"{count} fault{'s' if count != 1 else ''}")
        super().__init__("\n".join(lines))


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name may be meant.

    Parameters
    ----------
    name : as it was written.
    known : the names that exist.

    Returns
    -------
    str
        ``"; did you mean 'x'?"`` for the nearest one, or ``""``.
    """
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{found[0]}'?" if found else ""
