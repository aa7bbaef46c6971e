"""The steps of a ticket, in the order in which they are done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Act = Literal[
    "check_open",
    "check_closed",
    "open",
    "close",
    "lock_tag",
    "prove_dead",
    "earth",
    "guard",
    "clear",
    "remove_earth",
    "remove_tag",
    "reclosing_off",
    "reclosing_on",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a ticket.

    Parameters
    ----------
    device, name : what it is done to; empty at the place of work.
    remote : the control room does it.
    after_work : it waits until the work is done.
    """

    id: str
    act: Act
    device: str = ""
    name: str = ""
    remote: bool = False
    after_work: bool = False

    def to_data(self) -> dict[str, Any]:
        """Plain data for the journal."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A device at the edge of the place of work.

    Parameters
    ----------
    closed : whether it is closed at present.
    """

    device: str
    name: str
    closed: bool
    remote: bool


def dead_work(points: Sequence[Point]) -> tuple[Step, ...]:
    """Open, lock and tag all round; prove dead; earth all round; work; and everything back."""
    return _numbered(_dead_work(points))


def _dead_work(points: Sequence[Point]) -> Iterator[dict[str, Any]]:
    for point in points:
        yield _of(point, "open" if point.closed else "check_open")
    for point in points:
        if point.closed:
            yield _of(point, "check_open") | {"remote": False}
        yield _of(point, "lock_tag") | {"remote": False}
    yield {"act": "prove_dead"}
    for point in points:
        yield _of(point, "earth") | {"remote": False}
    yield {"act": "guard"}
    yield {"act": "clear", "after_work": True}
    for point in points:
        yield _of(point, "remove_earth") | {"remote": False, "after_work": True}
    for point in points:
        yield _of(point, "remove_tag") | {"remote": False, "after_work": True}


def live_work(point: Point | None) -> tuple[Step, ...]:
    """Reclosing off, guarded, and on again."""
    head: dict[str, Any] = _of(point, "reclosing_off") if point else {"act": "reclosing_off"}
    back: dict[str, Any] = _of(point, "reclosing_on") if point else {"act": "reclosing_on"}
    return _numbered(
        [head, {"act": "guard"}, {"act": "clear", "after_work": True}, back | {"after_work": True}]
    )


def switching(actions: Sequence[tuple[Point, Literal["open", "close"]]]) -> tuple[Step, ...]:
    """Each operation with the look before and after it; what is opened is tagged."""
    return _numbered(_switching(actions))


def _switching(actions: Sequence[tuple[Point, Literal["open", "close"]]]) -> Iterator[dict[str, Any]]:
    for point, act in actions:
        opens = act == "open"
        yield _of(point, "check_closed" if opens else "check_open")
        yield _of(point, act)
        yield _of(point, "check_open" if opens else "check_closed")
        if opens:
            yield _of(point, "lock_tag")


def _of(point: Point, act: Act) -> dict[str, Any]:
    return {"act": act, "device": point.device, "name": point.name, "remote": point.remote}


def _numbered(rows: Iterator[dict[str, Any]] | Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(id=str(number), **row) for number, row in enumerate(rows, 1))
