"""Who is urged to do what they owe a customer: by hand, by a second call, or because nobody answered."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ...service.urging import Way, first_level, rising, whom_of
from ...store import ENDED, record
from ...store.matters import count_urgings, one_matter
from ...store.request_list import one_order, one_request
from ..book import Book, Who, answers_for
from ..calls import Calls
from ..entries import Logged
from ..grading import Grading
from ..refusals import Refused
from .complaints import COMPLAINT
from .matters import CLOCK

USUAL = timedelta(hours=4)
CALLER = Who(name="customer", source="call")
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What somebody is urged about: a request, a work order or a complaint.

    Parameters
    ----------
    facts : of the policy's `order` stage, as far as they are known.
    """

    id: str
    owner: str | None
    ended: bool
    facts: Mapping[str, Any]


class Urging:
    """Urging and supervision."""

    def __init__(self, book: Book, grading: Grading, calls: Calls) -> None:
        self._book, self._grading, self._calls = book, grading, calls

    def urge(
        self,
        subject: str,
        who: Who,
        words: str,
        *,
        way: Way = "hand",
        level: int | None = None,
        within: timedelta | None = None,
        key: str | None = None,
    ) -> bool:
        """Urge whoever answers for something; False when that was done under the same key.

        Parameters
        ----------
        level : whom it goes to; the first one that there is without it.
        within : time to answer, where a supervisor sets it; the policy's time without it.

        Raises
        ------
        Refused
            There is no such thing, it has ended, or nothing is said.
        """
        if not words.strip():
            raise Refused("note_missing")
        if within is not None and not timedelta(0) < within <= LONGEST:
            raise Refused("time_past")
        with self._book.lock, self._book.store.writing() as connection:
            found = self._subject(connection, subject)
            if found.ended:
                raise Refused("urging_ended", subject=subject)
            step = level or first_level(found.owner)
            due = self._book.clock() + (within or self._within(found))
            number = count_urgings(connection, subject) + 1
            data = {"id": f"{subject}!{number}", "whom": whom_of(step, found.owner), "level": step}
            data |= {"way": way, "words": words.strip(), "due_at": due.isoformat()}
            before = self._book.store.newest(connection)
            return record(connection, self._book.event(who, "urged", subject, data, key)) > before

    def answer(self, subject: str, who: Who, text: str) -> None:
        """Say what was done; that answers everything that is open on the same subject.

        Raises
        ------
        Refused
            Nobody was urged about it, or nothing is said.
        """
        if not text.strip():
            raise Refused("note_missing")
        with self._book.lock:
            if not any(row["subject"] == subject for row in self._book.rows("urgings")):
                raise Refused("urging_none", subject=subject)
            self._book.note("urging_answered", subject, {"answer": text.strip()}, who)

    def called_again(self, logged: Logged, words: str) -> bool:
        """A customer calls again while an earlier request is open: whoever answers for that one is urged."""
        if not logged.earlier or logged.known:
            return False
        return self.urge(logged.earlier[0], CALLER, words or "–", way="call", key=f"urged/call/{logged.id}")

    def rise(self) -> int:
        """Urge the next level where nobody answered in time; what has ended needs no answer any more."""
        waiting = self._book.rows("urgings")
        if not waiting:
            return 0
        with self._book.store.reading() as connection:
            found = {row["subject"]: self._subject(connection, row["subject"]) for row in waiting}
        over = [subject for subject, each in found.items() if each.ended]
        self._book.record(
            *(self._book.event(CLOCK, "urging_answered", each, {"answer": "ended"}) for each in over)
        )
        risen = 0
        for subject, level in rising(waiting, self._book.clock()):
            if found[subject].ended:
                continue
            last = max((row for row in waiting if row["subject"] == subject), key=lambda row: row["level"])
            key = f"urged/rise/{last['id']}/{level}"
            # It may have ended since it was read.
            with suppress(Refused):
                risen += self.urge(subject, CLOCK, last["words"], way="rise", level=level, key=key)
        return risen

    # -- inside ----------------------------------------------------------------

    def _within(self, subject: Subject) -> timedelta:
        policy = self._grading.case_under().policy
        minutes = policy.decide("order", subject.facts).outcome.get("urge_answer_min")
        return USUAL if minutes is None else timedelta(minutes=float(minutes))

    def _subject(self, connection: Any, id_: str) -> Subject:
        matter = one_matter(connection, id_)
        if matter is not None:
            about = {"kind": COMPLAINT, "complaint_level": matter["level"]}
            facts = about if matter["kind"] == COMPLAINT else {}
            return Subject(id=id_, owner=matter["owner"], ended=matter["ended_at"] is not None, facts=facts)
        request = one_request(connection, id_)
        if request is not None:
            call = self._calls.classified(request)
            facts = {"kind": call.kind, "grade": call.grade}
            return Subject(id=id_, owner=request["owner"], ended=not request["open"], facts=facts)
        order = one_order(connection, id_)
        if order is None:
            raise Refused("urging_unknown", subject=id_)
        kind = {"kind": "outage"} if order["place"] else {}
        return Subject(id=id_, owner=answers_for(order) or None, ended=order["state"] in ENDED, facts=kind)
