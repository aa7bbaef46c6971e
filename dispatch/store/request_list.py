"""The list of all requests: those that nobody has yet first, then doubts, answers, open, ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select

from ..ground.numbers import LEAST_DIGITS
from .journal import Event, read
from .store import Conflict, Store
from .tables import events, orders, requests

WAITING, KIND, ANSWER, OPEN, ENDED = "waiting", "kind", "answer", "open", "ended"
GROUPS = (WAITING, KIND, ANSWER, OPEN, ENDED)
MOST_ROWS = 200
# An IN of more is longer than some databases read.
MOST_NAMED = 5000
# "10 kV" and "3 flats" may be looked for by those who must not learn of numbers.
TELLING_DIGITS = 3
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that must be found in a request.

    Parameters
    ----------
    text : lower case, in plain characters.
    digits : of a telephone number; empty when the word is none.
    customers : ids of the customers whose name, address or number holds the word.
    """

    text: str
    digits: str = ""
    customers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A part of the list; `next` goes into `after` for the following one, None at the end."""

    rows: list[Row]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """Open requests that a person must look at, by what was made of them.

    Parameters
    ----------
    dangers : ids of dangers that nobody can place: above all else that waits.
    undecided : ids whose kind a person must say: above the rest of what waits.
    doubtful : ids of requests with an order of the likeliest kind, until a person says the kind.
    """

    dangers: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()

    def rank_of(self, id_: str) -> int:
        """Where a waiting request stands: 0 danger, 1 undecided, 2 all others."""
        return 0 if id_ in self.dangers else 1 if id_ in self.undecided else 2


NOTHING_PRESSES = Pressing()


def _in_group(name: str, pressing: Pressing) -> ColumnElement[bool]:
    """Which requests stand in a group."""
    doubtful = requests.c.id.in_(pressing.doubtful[:MOST_NAMED])
    is_open, ordered = requests.c.open == 1, requests.c.order_id.is_not(None)
    return {
        WAITING: and_(is_open, ~ordered),
        KIND: and_(is_open, ordered, doubtful),
        ANSWER: and_(is_open, ordered, ~doubtful, requests.c.desk == 1),
        OPEN: and_(is_open, ordered, ~doubtful, requests.c.desk == 0),
        ENDED: requests.c.open == 0,
    }[name]


def request_list(
    store: Store,
    *,
    group: str | None = None,
    words: Sequence[Word] = (),
    pressing: Pressing = NOTHING_PRESSES,
    most: int = 50,
    after: str | None = None,
    personal: bool = True,
    owner: str | None = None,
) -> Listed:
    """Requests by group, in each the newest first.

    Parameters
    ----------
    group : only this one; None for all, one after the other.
    words : each must be found in number, order, words, address, telephone number or customer.
    pressing : what a person must look at.
    most : 1 to 200 rows.
    after : `next` of the part before.
    personal : whether customers and telephone numbers may be searched too.
    owner : who answers for it; "" for nobody, None for everybody's.
    """
    most = max(1, min(most, MOST_ROWS))
    found: list[Row] = []
    with store.reading() as connection:
        name, last = _last(connection, after, pressing)
        groups = GROUPS if group is None else (group,)
        for each in groups[groups.index(name) :] if name in groups else groups:
            where = [_in_group(each, pressing), *(_holds(word, personal) for word in words), *_owned(owner)]
            wanted = _wanted(where, pressing if each == WAITING else NOTHING_PRESSES, last).limit(
                most + 1 - len(found)
            )
            found += [dict(row) | {"group": each} for row in connection.execute(wanted).mappings()]
            last = None
            if len(found) > most:
                break
    kept = found[:most]
    return Listed(rows=kept, next=f"{kept[-1]['group']}:{kept[-1]['id']}" if len(found) > most else None)


def request_counts(
    store: Store, pressing: Pressing = NOTHING_PRESSES, owner: str | None = None
) -> dict[str, int]:
    """How many requests there are in each group, of everybody or of one owner."""
    with store.reading() as connection:
        counted = {
            name: select(func.count()).select_from(requests).where(_in_group(name, pressing), *_owned(owner))
            for name in GROUPS
        }
        return {name: int(connection.scalar(wanted) or 0) for name, wanted in counted.items()}


def waiting_rows(store: Store, most: int) -> list[Row]:
    """Requests that no work order holds yet, the newest first."""
    newest = (requests.c.received_at.desc(), requests.c.id.desc())
    wanted = select(requests).where(_in_group(WAITING, NOTHING_PRESSES)).order_by(*newest).limit(most)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def calls_from_number(store: Store, digits: str, most: int) -> list[Row]:
    """The newest requests from a telephone number, however it was written."""
    newest = (requests.c.received_at.desc(), requests.c.id.desc())
    wanted = select(requests).where(_numbered(digits)).order_by(*newest).limit(most)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def order_rows(store: Store, only: Collection[str]) -> dict[str, Row]:
    """Work orders by id."""
    wanted = select(orders).where(orders.c.id.in_(only))
    with store.reading() as connection:
        return {row["id"]: dict(row) for row in connection.execute(wanted).mappings()}


def requests_same_as(connection: Connection, id_: str) -> list[Row]:
    """The requests that say the same as another."""
    wanted = select(requests).where(requests.c.same_as == id_).order_by(requests.c.id)
    return [dict(row) for row in connection.execute(wanted).mappings()]


def one_request(connection: Connection, id_: str) -> Row | None:
    """A request's row, inside a transaction."""
    found = connection.execute(select(requests).where(requests.c.id == id_)).mappings().one_or_none()
    return None if found is None else dict(found)


def one_order(connection: Connection, id_: str) -> Row | None:
    """A work order's row, inside a transaction."""
    found = connection.execute(select(orders).where(orders.c.id == id_)).mappings().one_or_none()
    return None if found is None else dict(found)


def subject_with_key(connection: Connection, key: str | None) -> str | None:
    """What the event is about that was written under a sender's mark; None where there is none."""
    return None if key is None else connection.scalar(select(events.c.subject).where(events.c.key == key))


def key_is_known(connection: Connection, key: str | None) -> bool:
    """Whether something was written under a sender's mark."""
    return subject_with_key(connection, key) is not None


def others_of_order(connection: Connection, order: str, but: Collection[str]) -> int:
    """How many open requests an order has beside some."""
    wanted = select(func.count()).where(
        requests.c.order_id == order, requests.c.open == 1, requests.c.id.not_in(but)
    )
    return int(connection.scalar(wanted) or 0)


def expect_request(connection: Connection, row: Row, seen: int) -> None:
    """Refuse to go on when somebody has changed a request since it was read.

    Raises
    ------
    Conflict
        With who changed it.
    """
    if row["version"] != seen:
        last = select(events.c.actor).where(events.c.subject == row["id"], events.c.kind == "request_changed")
        by = connection.scalar(last.order_by(events.c.seq.desc()).limit(1)) or "somebody"
        raise Conflict(row["id"], seen, row["version"], str(by))


def changes_after(store: Store, seq: int, ids: Collection[str]) -> list[Event]:
    """What people changed of some requests after an event, the newest first."""
    wanted = select(events.c.seq, events.c.subject).where(
        events.c.kind == "request_changed", events.c.seq > seq
    )
    known = set(ids)
    with store.reading() as connection:
        numbers = [int(number) for number, subject in connection.execute(wanted) if subject in known]
        found = list(read(connection, seq, only=numbers)) if numbers else []
    return found[::-1]


def history_of(store: Store, id_: str, most: int) -> list[Event]:
    """What happened to a request, the newest first."""
    wanted = select(events.c.seq).where(events.c.subject == id_).order_by(events.c.seq.desc()).limit(most)
    with store.reading() as connection:
        numbers = list(connection.scalars(wanted))
        return list(read(connection, only=numbers))[::-1] if numbers else []


def _last(
    connection: Connection, after: str | None, pressing: Pressing
) -> tuple[str | None, tuple[int, Any, str] | None]:
    """Where the part before ended: the group, and what the last row was sorted by."""
    name, _, id_ = (after or "").partition(":")
    if name not in GROUPS:
        return None, None
    at = connection.scalar(select(requests.c.received_at).where(requests.c.id == id_))
    if at is None:
        return name, None
    return name, (pressing.rank_of(id_) if name == WAITING else NOTHING_PRESSES.rank_of(id_), at, id_)


def _wanted(
    where: Sequence[ColumnElement[bool]], pressing: Pressing, last: tuple[int, Any, str] | None
) -> Any:
    at, id_ = requests.c.received_at, requests.c.id
    chosen = select(requests).where(*where)
    if not (pressing.dangers or pressing.undecided):
        if last is not None:
            chosen = chosen.where(or_(at < last[1], and_(at == last[1], id_ < last[2])))
        return chosen.order_by(at.desc(), id_.desc())
    rank = case(
        (id_.in_(pressing.dangers[:MOST_NAMED]), literal(0)),
        (id_.in_(pressing.undecided[:MOST_NAMED]), literal(1)),
        else_=literal(2),
    )
    if last is not None:
        behind = or_(at < last[1], and_(at == last[1], id_ < last[2]))
        chosen = chosen.where(or_(rank > last[0], and_(rank == last[0], behind)))
    return chosen.order_by(rank, at.desc(), id_.desc())


def _owned(owner: str | None) -> list[ColumnElement[bool]]:
    if owner is None:
        return []
    return [requests.c.owner == owner if owner else requests.c.owner.is_(None)]


def _holds(word: Word, personal: bool) -> ColumnElement[bool]:
    columns = [requests.c.id, requests.c.order_id]
    if personal or not tells_number(word.text):
        columns += [requests.c.words, requests.c.address]
    ways = [func.coalesce(each, "").icontains(word.text, autoescape=True) for each in columns]
    if personal:
        ways.append(func.coalesce(requests.c.customer, "").icontains(word.text, autoescape=True))
        ways += [requests.c.customer.in_(word.customers[:MOST_NAMED])] if word.customers else []
        ways += [_numbered(word.digits)] if word.digits else []
    return or_(*ways)


def tells_number(text: str) -> bool:
    """Whether a word that is found, or not, tells a piece of a telephone number."""
    return sum(map(str.isdigit, text)) >= TELLING_DIGITS


def _numbered(digits: str) -> ColumnElement[bool]:
    """As `dispatch.ground.numbers.fits`: one number holds what was typed, or what was typed ends in it."""
    known = requests.c.digits
    whole = and_(func.length(known) >= LEAST_DIGITS, literal(digits).like("%" + known))
    return and_(known.is_not(None), or_(known.contains(digits, autoescape=True), whole))
