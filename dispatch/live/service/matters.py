"""What the parts of the customer desk share: a matter begins, is read at a version, goes one act further."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from ...service.figures import figures
from ...service.matters import Changed, Impossible
from ...store import record
from ...store.matters import count_matters, one_matter
from ...store.persons import persons
from ...store.request_list import key_is_known, subject_with_key
from ..book import Book, Who
from ..grading import Grading
from ..refusals import Refused

CLOCK = Who(name="service", source="timer")
Row = Mapping[str, Any]
Make = Callable[[Row, Any], Changed]


class Matters:
    """Matters of one kind.

    Attributes
    ----------
    kind : what they are, as the table of matters holds it.
    prefix : their numbers begin so.
    """

    kind: ClassVar[str]
    prefix: ClassVar[str]

    def __init__(self, book: Book, grading: Grading) -> None:
        self._book, self._grading = book, grading

    def figures(self, **facts: Any) -> Mapping[str, Any]:
        """What the policy in force says of this kind of matter."""
        return figures(self._grading.case_under().policy, self.kind, **facts)

    def grade_of(self, customer: str | None) -> str | None:
        """The grade of a customer; None for somebody unknown."""
        return self._grading.grade_of(customer)

    def act(
        self, id_: str, act: str, who: Who, make: Make, *, seen: int, key: str | None = None, **told: Any
    ) -> int:
        """Take a matter one act further; returns its new version. The same key twice is once.

        Parameters
        ----------
        make : what the act changes, out of the matter as it stands.
        told : what is said with it, kept in the history.

        Raises
        ------
        Refused
            There is no such matter, somebody changed it since version `seen`, or the act cannot follow.
        """
        with self._book.lock, self._book.store.writing() as connection:
            row = self._row(connection, id_)
            if key_is_known(connection, key):
                return int(row["version"])
            if row["version"] != seen:
                raise Refused("matter_changed", subject=id_)
            if row["ended_at"] is not None:
                raise Refused("matter_ended", subject=id_)
            changed = self._made(row, connection, make)
            data = {"act": act, "to": dict(changed.to), "put": dict(changed.put), **_said(told)}
            if row["owner"] is None and who.answers:
                data["to"].setdefault("owner", who.name)
            record(connection, self._book.event(who, "matter_changed", id_, data, key))
        return int(row["version"]) + 1

    def hand_over(self, id_: str, to: str, who: Who, *, seen: int, reason: str) -> int:
        """Give a matter to somebody else, with a reason; returns its new version.

        Raises
        ------
        Refused
            There is no such person or matter, it has ended or changed, or no reason is given.
        """
        if to not in persons(self._book.store):
            raise Refused("unknown_person", person=to)
        if not reason.strip():
            raise Refused("reason_missing")
        made = Changed(to={"owner": to})
        return self.act(id_, "hand_over", who, lambda *_: made, seen=seen, reason=reason.strip())

    def noted(self, id_: str, act: str, changed: Changed, *, key: str) -> bool:
        """What the clock does to a matter, once per key; False when it was done."""
        data = {"act": act, "to": dict(changed.to), "put": dict(changed.put)}
        return self._book.note("matter_changed", id_, data, CLOCK, key=key)

    def _begun(self, connection: Any, key: str | None) -> str | None:
        """The number of the matter that was begun under the same mark of a sender; None where none was."""
        return subject_with_key(connection, key)

    def _begin(self, connection: Any, who: Who, key: str | None, id_: str | None = None, **about: Any) -> str:
        """Begin a matter inside a transaction; returns its number."""
        id_ = id_ or f"{self.prefix}{count_matters(connection, self.kind) + 1:04d}"
        data = {"kind": self.kind, **about}
        if who.answers:
            data.setdefault("owner", who.name)
        record(connection, self._book.event(who, "matter_opened", id_, data, key))
        return id_

    def _row(self, connection: Any, id_: str) -> Row:
        row = one_matter(connection, id_)
        if row is None or row["kind"] != self.kind:
            raise Refused("unknown_matter", subject=id_)
        return row

    def _made(self, row: Row, connection: Any, make: Make) -> Changed:
        try:
            return make(row, connection)
        except Impossible as error:
            raise Refused(error.code, **{"subject": row["id"], **error.values}) from error


def _said(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in (None, "")}
