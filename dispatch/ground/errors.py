"""What goes wrong on the way in, said all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_SHOWN = 50


class DispatchError(Exception):
    """Base of every error that `dispatch` raises on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with an input.

    Parameters
    ----------
    file : name of the file, as the user gave it.
    place : where in it, e.g. ``row 12, column 'lon'`` or ``jobs[3].service_s``.
    text : what is wrong, with the value and what was expected.
    """

    file: str
    place: str
    text: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.text}"


class InputFaults(DispatchError):
    """All faults of an input; the message lists the first fifty and the count."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        lines = [str(fault) for fault in self.faults[:MOST_SHOWN]]
        if len(self.faults) > MOST_SHOWN:
            lines.append(f"... and {len(self.faults) - MOST_SHOWN} more")
        count = len(self.faults)
        lines.append(f"{count} fault{'s' if count != 1 else ''}")
        super().__init__("\n".join(lines))


class ProblemFaults(InputFaults, ValueError):
    """All faults of what a Python program handed over: a problem, a plan, an option."""


class UnknownJob(ProblemFaults, KeyError):
    """The job that is asked about is not in the problem."""

    __str__ = Exception.__str__


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the known name nearest to `name`, or ``""``.

    Parameters
    ----------
    name : what was written.
    known : the names there are.

    Returns
    -------
    str
        To be added to a message.
    """
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{found[0]}'?" if found else ""
