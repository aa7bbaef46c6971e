"""Planned outages agreed on with important customers: times proposed, answers, a deadline, one time settled.

asking -> announced -> done
  ^          |    \\-> cancelled
  +----------+   announced again at another time
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

from .matters import Changed, Impossible

ASKING, ANNOUNCED, DONE, CANCELLED = "asking", "announced", "done", "cancelled"
Reply = Literal["accepts", "other_time", "generator"]
ANSWERS: tuple[Reply, ...] = get_args(Reply)
Way = Literal["phone", "visit", "letter", "text"]
WAYS: tuple[Way, ...] = get_args(Way)
MOST_TIMES = 5
Row = Mapping[str, Any]
Time = tuple[datetime, datetime]


def begun(customers: Sequence[str], times: Sequence[Time], **about: Any) -> dict[str, Any]:
    """What a talk holds when it begins: nobody has answered yet."""
    return {
        "times": _numbered(times, 0),
        "customers": {each: {"answer": None} for each in customers},
        "announced": [],
        "agreed": None,
        "round": 1,
        **about,
    }


def answered(row: Row, customer: str, told: Mapping[str, Any], who: str, now: datetime) -> Changed:
    """A customer accepts one of the times, asks for another, or can do with a generator."""
    known = _customer(row, customer)
    if told.get("answer") not in ANSWERS or told.get("way") not in WAYS:
        raise Impossible("talk_answer")
    option = told.get("option")
    if told["answer"] != "other_time" and option not in {each["n"] for each in row["data"]["times"]}:
        raise Impossible("talk_no_time", n=option)
    if told["answer"] == "other_time" and not (told.get("note") or told.get("wanted")):
        raise Impossible("talk_which_time")
    names = ("answer", "option", "note", "wanted", "way")
    new = known | {name: told.get(name) for name in names} | {"at": now.isoformat(), "by": who}
    return _with_customer(row, customer, new)


def reached(row: Row, customer: str, way: str, who: str, now: datetime) -> Changed:
    """Somebody spoke with a customer, or left the notice there."""
    if way not in WAYS:
        raise Impossible("talk_answer")
    told = {"told_way": way, "told_at": now.isoformat(), "told_by": who}
    return _with_customer(row, customer, _customer(row, customer) | told)


def proposed(row: Row, times: Sequence[Time], due: datetime) -> Changed:
    """More times; whoever asked for another one, or has not answered, is asked again."""
    known = row["data"]["times"]
    if len(known) + len(times) > MOST_TIMES:
        raise Impossible("talk_times", n=MOST_TIMES)
    customers = {
        id_: each if each["answer"] in ("accepts", "generator") else each | {"answer": None}
        for id_, each in row["data"]["customers"].items()
    }
    put = {"times": [*known, *_numbered(times, len(known))], "customers": customers}
    return Changed(
        to={"due_at": due.isoformat(), "state": ASKING}, put=put | {"round": row["data"]["round"] + 1}
    )


def against(row: Row, option: int) -> list[str]:
    """Customers who have not agreed to a time: no answer, another time, or another of those proposed."""
    return [
        id_
        for id_, each in row["data"]["customers"].items()
        if each["answer"] not in ("accepts", "generator") or each.get("option") != option
    ]


def expect_settled(row: Row, option: int, reason: str, now: datetime) -> Time:
    """The time that is to be announced; against somebody's word only with the reason.

    Raises
    ------
    Impossible
        There is no such time, or somebody has not agreed to it and no reason is given.
    """
    found = next((each for each in row["data"]["times"] if each["n"] == option), None)
    if found is None:
        raise Impossible("talk_no_time", n=option)
    left = against(row, option)
    over = row["due_at"] is not None and row["due_at"] <= now
    silent = [each for each in left if row["data"]["customers"][each]["answer"] is None]
    if left and not reason.strip() and not (over and silent == left):
        raise Impossible("talk_not_agreed", n=len(left), who=", ".join(left[:5]))
    return datetime.fromisoformat(found["begins"]), datetime.fromisoformat(found["ends"])


def settled(row: Row, option: int, notice: str) -> Changed:
    """A time is announced under a number of its own."""
    put = {"agreed": option, "announced": [*row["data"]["announced"], notice]}
    return Changed(to={"state": ANNOUNCED}, put=put)


def notice_of(row: Row) -> str:
    """The number under which the next notice is given."""
    given = len(row["data"]["announced"])
    return row["data"]["plan"] if not given else f"{row['data']['plan']}-{given + 1}"


def _numbered(times: Sequence[Time], known: int) -> list[dict[str, Any]]:
    return [
        {"n": known + at, "begins": begins.isoformat(), "ends": ends.isoformat()}
        for at, (begins, ends) in enumerate(times, 1)
    ]


def _customer(row: Row, customer: str) -> dict[str, Any]:
    found = row["data"]["customers"].get(customer)
    if found is None:
        raise Impossible("talk_no_customer", customer=customer)
    return dict(found)


def _with_customer(row: Row, customer: str, new: Mapping[str, Any]) -> Changed:
    return Changed(put={"customers": {**row["data"]["customers"], customer: dict(new)}})
