"""What a day stands on, by version, changed while it runs: crews, depots, customers, switches, beliefs.

A version says what it changes. Those in force, one after the other, make the case of now; a
plan remembers how many there were when it was made, and is worked out again with those alone.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from ...ground.case import Case
from ...ground.errors import DispatchError
from ...ground.shifts import Shifts
from ...store import Event, Store, record
from ...store.present import Present
from ...store.queries import newest_events
from ...store.standing_rows import (
    case_standing,
    next_standing,
    standing_bodies,
    standing_row,
    standing_rows,
    standing_turns,
    touched_since,
)
from .parts import KINDS, Rows, beliefs_of

CASE = "case"
# Of cases, and of parts of each kind, so many are held: the one in force and those of recent plans.
MOST_KEPT = 12
MOST_NOTE = 2000
MOST_REPAIRS = 100


class StandingRefused(DispatchError):
    """A version that cannot be kept or put in force; `code` says why."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingVersion:
    """One version of one kind, without its rows.

    Parameters
    ----------
    state : waiting, active (the newest in force of its kind), former, declined.
    turn : how many versions of any kind had come into force with this one; None before.
    base : the turn that it was compared with.
    """

    id: int
    kind: str
    state: str
    turn: int | None
    base: int
    file: str
    note: str
    made_by: str
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a version changes: rows that are put, by key, and keys that are gone."""

    put: Rows
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.put or self.gone)

    @property
    def keys(self) -> frozenset[str]:
        """Every key that it touches."""
        return frozenset(self.put) | frozenset(self.gone)


class Standing:
    """The standing data of a desk; `own` is the case that the program started with."""

    def __init__(self, own: Case, store: Store, present: Present) -> None:
        self.own, self._store, self._present = own, store, present
        self._lock = threading.RLock()
        self._parts: dict[tuple[str, int], Any] = {}
        self._shifts: dict[tuple[int, int], Shifts] = {}
        self._cases: dict[Any, tuple[datetime, datetime, Case]] = {}
        self._bases: dict[tuple[int, ...], Case] = {}
        self._crews: tuple[Any, ...] = own.crews

    def begin(self, at: datetime) -> None:
        """Write down what the case folder says of the kinds that are kept, as far as that is new.

        A file of the folder that was changed between two starts counts from the second on.
        """
        happened = []
        for kind in KINDS.values():
            if kind.kept:
                rows, before = kind.rows(kind.own(self.own)), case_standing(self._store, kind.name)
                change = difference(before, rows)
                if change:
                    happened.append((kind.name, change))
        with self._store.writing() as connection:
            for name, change in happened:
                number = self._send(connection, name, change, "", "", CASE, "file", at)
                self._decide(connection, "standing_activated", number, CASE, "", at, "file")

    def turn(self) -> int:
        """How many versions have come into force."""
        return max((turns[-1] for turns in self._turns().values()), default=0)

    def marks(self, turn: int | None = None) -> dict[str, int]:
        """Of each kind the turn at which it changed last."""
        if turn is None:
            return self._present.kept("standing marks", ("standing",), lambda: _marks(self._turns()))
        return _marks(self._turns(), turn)

    def mark(self, kind: str, turn: int | None = None) -> int:
        """The turn at which a kind changed last: what depends on it is kept by this."""
        return self.marks(turn)[kind]

    def part(self, kind: str, turn: int | None = None) -> Any:
        """A kind as it stood after so many turns; without a number as it stands now."""
        mark = self.mark(kind, turn)
        with self._lock:
            known = self._parts.get((kind, mark))
            return known if known is not None else self._made(kind, mark)

    def shifts(self, turn: int | None = None) -> Shifts:
        """Who works when."""
        key = (self.mark("crews", turn), self.mark("roster", turn))
        with self._lock:
            if key not in self._shifts:
                _make_room(self._shifts)
                dated, rules = self.part("crews", turn), self.part("roster", turn)
                zone, calendar = self.own.settings.zone, self.own.policy.calendar
                self._shifts[key] = Shifts(dated.values(), rules.values(), zone, calendar)
            return self._shifts[key]

    def case_at(self, now: datetime, turn: int | None = None, staying: Collection[str] = ()) -> Case:
        """The case with what is in force, every crew with the shift that counts at a moment.

        Parameters
        ----------
        turn : with what had come into force by then.
        staying : crews that are still at work though their shift has ended.
        """
        marks = tuple(self.marks(turn).values())
        key = (marks, frozenset(staying))
        with self._lock:
            known = self._cases.get(key)
            if known is None or not known[0] <= now < known[1]:
                ahead = timedelta(hours=self.own.settings.unserved_after_h)
                crews, until = self.shifts(turn).at(now, ahead, staying)
                case = self._with_crews(self._base(marks, turn), crews)
                self._cases.pop(key, None)
                _make_room(self._cases)
                known = self._cases[key] = (now, until, case)
            return known[2]

    def versions(self, kind: str | None = None) -> list[StandingVersion]:
        """Every version, the newest first."""
        rows = self._present.kept("standing rows", ("standing",), lambda: standing_rows(self._store))
        return [StandingVersion(**row) for row in rows if kind is None or row["kind"] == kind]

    def version(self, number: int) -> StandingVersion:
        """One version.

        Raises
        ------
        KeyError
            There is none of that number.
        """
        for each in self.versions():
            if each.id == number:
                return each
        raise KeyError(number)

    def change_of(self, number: int) -> Change:
        """What a version changes.

        Raises
        ------
        KeyError
            There is none of that number.
        """
        with self._store.reading() as connection:
            row = standing_row(connection, number)
        return Change(put=row["put"], gone=tuple(row["gone"]))

    def send(
        self,
        kind: str,
        change: Change,
        file: str,
        note: str,
        who: str,
        at: datetime,
        *,
        source: str = "board",
        repairs: Sequence[str] = (),
    ) -> int:
        """Keep a checked change until somebody decides; returns its number.

        Parameters
        ----------
        repairs : what of the file was read otherwise than it is written.

        Raises
        ------
        StandingRefused
            It changes nothing (``same``).
        """
        if not change:
            raise StandingRefused("same", f"{file} says what is in force already")
        with self._store.writing() as connection:
            return self._send(connection, kind, change, file, note, who, source, at, repairs)

    def repairs_of(self, number: int) -> tuple[str, ...]:
        """What of a version's file was read otherwise than it is written."""
        found = newest_events(self._store, "standing_sent", 1, str(number))
        return tuple(map(str, found[0].data.get("repairs", ()))) if found else ()

    def edit(
        self, kind: str, change: Change, note: str, who: str, at: datetime, *, source: str = "board"
    ) -> int:
        """Put a small change in force at once; returns its number."""
        if not change:
            raise StandingRefused("same", "nothing would change")
        with self._store.writing() as connection:
            number = self._send(connection, kind, change, "", note, who, source, at)
            self._decide(connection, "standing_activated", number, who, note, at, source)
        return number

    def activate(self, number: int, who: str, note: str, at: datetime, *, source: str = "board") -> None:
        """Put a waiting version in force.

        Raises
        ------
        StandingRefused
            It does not wait (its state is the code), rows that it touches were changed in the
            meantime (``conflict``), or it is large and whoever sent it decides (``two_persons``).
        KeyError
            There is none of that number.
        """
        with self._store.writing() as connection:
            row = standing_row(connection, number)
            if row["state"] != "waiting":
                raise StandingRefused(row["state"], f"version {number} is {row['state']}")
            own = Change(put=row["put"], gone=tuple(row["gone"])).keys
            most = self.own.settings.second_person_from_rows
            if 0 < most <= len(own) and who == row["made_by"]:
                text = f"version {number} changes {len(own)} rows; from {most} on another person decides"
                raise StandingRefused("two_persons", text)
            for other in touched_since(connection, row["kind"], row["base"]):
                if own & (frozenset(other["put"]) | frozenset(other["gone"])):
                    text = f"version {other['id']} changed the same rows in the meantime"
                    raise StandingRefused("conflict", text)
            self._decide(connection, "standing_activated", number, who, note, at, source)

    def decline(self, number: int, who: str, note: str, at: datetime, *, source: str = "board") -> None:
        """Say no to a version that waits.

        Raises
        ------
        StandingRefused
            It does not wait.
        """
        with self._store.writing() as connection:
            row = standing_row(connection, number)
            if row["state"] != "waiting":
                raise StandingRefused(row["state"], f"version {number} is {row['state']}")
            self._decide(connection, "standing_declined", number, who, note, at, source)

    # -- inside ----------------------------------------------------------------

    def _turns(self) -> Mapping[str, Sequence[int]]:
        return self._present.kept("standing turns", ("standing",), lambda: standing_turns(self._store))

    def _made(self, kind: str, mark: int) -> Any:
        """Work a part out from the nearest one before it that is held."""
        about = KINDS[kind]
        held = [turn for name, turn in self._parts if name == kind and turn < mark]
        first = max(held, default=0)
        # What the case had is among the versions of a kind that is kept, so that it need not be here again.
        empty = about.kept and mark > 0
        part = self._parts[kind, first] if held else ({} if empty else about.own(self.own))
        bodies = standing_bodies(self._store, kind, first, mark) if mark else []
        put: dict[str, Any] = {}
        gone: set[str] = set()
        for body in bodies:
            for key in body["gone"]:
                put.pop(key, None)
                gone.add(key)
            put |= body["put"]
            gone -= body["put"].keys()
        part = about.applied(part, put, gone) if bodies else part
        own = [key for key in self._parts if key[0] == kind]
        if len(own) >= MOST_KEPT:
            del self._parts[min(own)]
        self._parts[kind, mark] = part
        return part

    def _base(self, marks: tuple[int, ...], turn: int | None) -> Case:
        """The case without regard to shifts."""
        if marks not in self._bases:
            _make_room(self._bases)
            own, parts = self.own, {kind: self.part(kind, turn) for kind in KINDS}
            depots = tuple(parts["depots"].values())
            self._bases[marks] = replace(
                own,
                depots=own.depots if depots == own.depots else depots,
                customers=parts["customers"],
                grid=parts["switches"],
                beliefs=beliefs_of(parts["beliefs"]),
            )
        return self._bases[marks]

    def _with_crews(self, base: Case, found: tuple[Any, ...]) -> Case:
        """A case with its crews; the very same tuple as before where nothing has changed."""
        order = {each.id: at for at, each in enumerate(self.own.crews)}
        crews = tuple(sorted(found, key=lambda each: (order.get(each.id, len(order)), each.id)))
        if crews == self._crews:
            crews = self._crews
        self._crews = crews
        return replace(base, crews=crews)

    def _send(
        self,
        connection: Any,
        kind: str,
        change: Change,
        file: str,
        note: str,
        who: str,
        source: str,
        at: datetime,
        repairs: Sequence[str] = (),
    ) -> int:
        number = next_standing(connection)
        data = {
            "kind": kind,
            "base": self.turn(),
            "file": file[:200],
            "note": note[:MOST_NOTE],
            "put": dict(change.put),
            "gone": list(change.gone),
        }
        if repairs:
            data["repairs"] = [each[:MOST_NOTE] for each in repairs[:MOST_REPAIRS]]
        event = Event(at=at, actor=who, source=source, kind="standing_sent", subject=str(number), data=data)
        record(connection, event)
        return number

    def _decide(
        self, connection: Any, kind: str, number: int, who: str, note: str, at: datetime, source: str
    ) -> None:
        data = {"note": note[:MOST_NOTE]}
        record(
            connection,
            Event(at=at, actor=who, source=source, kind=kind, subject=str(number), data=data),
        )


def difference(before: Rows, after: Rows) -> Change:
    """What makes some rows of others."""
    put = {key: row for key, row in after.items() if before.get(key) != row}
    return Change(put=put, gone=tuple(key for key in before if key not in after))


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]


def _marks(turns: Mapping[str, Sequence[int]], until: float = inf) -> dict[str, int]:
    return {kind: max((each for each in turns.get(kind, ()) if each <= until), default=0) for kind in KINDS}
