"""Open days: the work of a moment before any route, opened once and kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from geo import GeoError

from ..ground.case import Case, Request
from ..ground.day import OpenDay
from ..planning.main_road import open_day
from ..planning.running import Running
from ..store import ENDED, queries
from ..store.request_list import changes_after
from .book import Book
from .changes import Change, change_of, reshaped
from .entries import as_heard, request_of
from .field import at_work
from .grading import Grading
from .refusals import Refused

_RUNNING = TypeAdapter(Running)
MOST_KEPT = 6
Shut = frozenset[tuple[str, str]]


class Openings:
    """Opens the day of a moment, as it is now or as it was when a plan was made."""

    def __init__(self, book: Book, grading: Grading) -> None:
        self._book, self._grading = book, grading
        self._kept: dict[str, OpenDay] = {}
        self._shut: tuple[Shut, Any] | None = None

    def standing_changes(self) -> tuple[Change, ...]:
        """What people changed or found, as far as its order is still open."""
        ended = {row["id"] for row in self._book.rows("orders") if row["state"] in (*ENDED, "restored")}
        found = [change_of(row) for row in self._book.rows("changes")]
        return tuple(each for each in found if each.subject.rsplit("/", 1)[0] not in ended)

    def case_at(
        self,
        now: datetime,
        changes: Sequence[Change] = (),
        only: Collection[str] | None = None,
        policy: int | None = None,
        *,
        standing: int | None = None,
        staying: Collection[str] = (),
        heard: int | None = None,
    ) -> Case:
        """The case of a moment, with the requests of then.

        Parameters
        ----------
        changes : closed roads among them are closed.
        only : requests by id; None for all that are open.
        policy, standing : versions; None for those in force.
        staying : crews that are at work and stay, whatever their shift.
        heard : number of the last event that counts; None for all.
        """
        rows = queries.request_rows(self._book.store, only)
        if heard is not None:
            rows = as_heard(rows, changes_after(self._book.store, heard, [row["id"] for row in rows]))
        found = tuple(request_of(row) for row in rows)
        shut = tuple((each.data["u"], each.data["v"]) for each in changes if each.what == "closed")
        return replace(
            self._grading.under(self._book.standing.case_at(now, standing, staying), policy),
            requests=found,
            settings=replace(self._book.standing.own.settings, now=now),
            roads=self.roads_without(frozenset(shut)),
        )

    def roads_without(self, shut: frozenset[tuple[str, str]]) -> Any:
        """The roads without those that are closed, kept while the same are closed.

        Raises
        ------
        Refused
            Too little of the network stays connected.
        """
        if not shut:
            return self._book.case.roads
        if self._shut is None or self._shut[0] != shut:
            try:
                self._shut = (shut, self._book.case.roads.closed(sorted(shut)))
            except GeoError as error:
                raise Refused("no_way_left") from error
        return self._shut[1]

    def brought(self, changes: Sequence[Change]) -> dict[str, Request]:
        """The requests that changes of kind "request" bring in, by id."""
        wanted = [each.subject for each in changes if each.what == "request"]
        rows = queries.request_rows(self._book.store, wanted) if wanted else []
        return {row["id"]: request_of(row) for row in rows}

    def changed(self, opened: OpenDay, changes: Sequence[Change], running: Running) -> OpenDay:
        """An open day with what people changed of its work."""
        if not changes:
            return opened
        grades = self._grading.grades_of(opened.case)
        return reshaped(opened, changes, grades, self.brought(changes), running)

    def opened(self, made_for: datetime, basis: Mapping[str, Any]) -> OpenDay:
        """The open day of a plan before anybody changed it by hand."""
        name = _name_of(basis, made_for)
        if name not in self._kept:
            shut = [change_of(each) for each in basis.get("closed", ())]
            running = running_in(basis)
            case = self.case_at(
                made_for,
                shut,
                basis["requests"],
                basis["policy"],
                standing=basis.get("standing"),
                staying=at_work(running),
                heard=basis.get("heard"),
            )
            self.keep(basis, made_for, open_day(case, running))
        return self._kept[name]

    def keep(self, basis: Mapping[str, Any], made_for: datetime, opened: OpenDay) -> None:
        """Hold an open day under all that it was opened with."""
        while len(self._kept) >= MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[_name_of(basis, made_for)] = opened


def running_in(basis: Mapping[str, Any]) -> Running:
    """What was under way when a plan was made, out of what is kept of it."""
    return _RUNNING.validate_python(basis["running"])


def running_kept(running: Running) -> dict[str, Any]:
    """What is under way, as a plan keeps it; `running_in` reads it again."""
    kept: dict[str, Any] = _RUNNING.dump_python(running, mode="json")
    return kept


def _name_of(basis: Mapping[str, Any], made_for: datetime) -> str:
    """What tells one open day from another: all that it was opened with."""
    told = [basis["requests"], basis["policy"], basis["running"], basis.get("closed", [])]
    told += [basis.get("standing"), basis.get("heard")]
    return json.dumps([made_for.timestamp(), *told], sort_keys=True)
