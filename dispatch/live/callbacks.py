"""After supply is back, whoever called is asked; a "no" opens the order again."""

from __future__ import annotations

from typing import Any, Literal

from .desk import Desk, Refused, Who

Answer = Literal["yes", "no", "unreached"]


def due_callbacks(desk: Desk) -> list[dict[str, Any]]:
    """Who is still to be asked, oldest first: the call centre's list."""
    requests = {row["id"]: row for row in desk.rows("requests")}
    rows = [row for row in desk.rows("callbacks") if row["state"] in ("due", "unreached")]
    return [
        {**row, "customer": known["customer"], "phone": _phone(desk, known), "words": known["words"]}
        for row in sorted(rows, key=lambda row: (row["since"], row["request"]))
        if (known := requests.get(row["request"])) is not None
    ]


def _phone(desk: Desk, request: dict[str, Any]) -> str | None:
    if request["phone"] or request["customer"] not in desk.case.customers:
        return str(request["phone"]) if request["phone"] else None
    found = desk.case.customers.facts(request["customer"]).get("phone")
    return str(found) if found else None


def answer_callback(desk: Desk, request: str, answer: Answer, who: Who, note: str | None = None) -> None:
    """Write an answer down; "no" reopens the order, the last "yes" ends it.

    Raises
    ------
    Refused
        Nobody is to be asked about this request.
    """
    row = next((each for each in desk.rows("callbacks") if each["request"] == request), None)
    if row is None:
        raise Refused(f"no callback is due for {request}")
    order = row["order_id"]
    desk.note("callback_answered", request, {"answer": answer, "order": order, "note": note}, who)
    if answer == "no":
        _move(desk, order, who, "accepted")
    elif all(each["state"] == "yes" for each in desk.rows("callbacks") if each["order_id"] == order):
        _move(desk, order, who, "closed", "callback_done")


def _move(desk: Desk, order: str, who: Who, *road: str) -> None:
    for to in road:
        row = next(each for each in desk.rows("orders") if each["id"] == order)
        if row["state"] != to:
            desk.move_order(order, to, who, seen=row["version"])
