"""After supply is back, whoever called is asked; a "no" opens the order again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Literal

from .book import Who
from .desk import Desk
from .entries import Entry
from .refusals import Refused

Answer = Literal["yes", "no", "unreached"]
TO_ASK = ("due", "unreached")
# Where an order stands that was thought to be finished.
FINISHED = frozenset({"restored", "closed", "callback_done"})
# In the name of an order that has ended and whose place has had another one since.
PUT_AWAY = "#"
YES = frozenset({"yes", "y", "1", "si", "sí", "是", "有", "有电", "来电", "已来电", "来电了"})
NO = frozenset({"no", "n", "2", "0", "否", "没有", "无", "没电", "无电", "未来电", "没来电"})
CUSTOMER = Who(name="customer", source="reply")


def due_callbacks(desk: Desk) -> list[dict[str, Any]]:
    """Who is still to be asked, oldest first: the call centre's list."""
    callers = {row["id"]: row for row in desk.rows("requests")}
    rows = [row for row in desk.rows("callbacks") if row["state"] in TO_ASK]
    return [
        row | _asked(desk, known)
        for row in sorted(rows, key=lambda row: (row["since"], row["request"]))
        if (known := callers.get(row["request"])) is not None
    ]


def _asked(desk: Desk, known: Mapping[str, Any]) -> dict[str, Any]:
    customers = desk.case.customers
    facts = customers.facts(known["customer"]) if known["customer"] in customers else {}
    return {
        "customer": known["customer"],
        "name": facts.get("name"),
        "address": known["address"] or facts.get("address"),
        "phone": known["phone"] or facts.get("phone"),
        "words": known["words"],
        "received_at": known["received_at"],
    }


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
    state = next((each["state"] for each in desk.rows("orders") if each["id"] == order), None)
    if answer == "no" and (state is None or PUT_AWAY in order):
        _log_again(desk, request, who)
    elif answer == "no":
        _move(desk, order, who, "accepted")
    elif all(each["state"] == "yes" for each in desk.rows("callbacks") if each["order_id"] == order):
        _move(desk, order, who, "closed", "callback_done")


def _move(desk: Desk, order: str, who: Who, *road: str) -> None:
    """Take a finished order on; one that is being worked on again is left to its crew."""
    for to in road:
        row = next((each for each in desk.rows("orders") if each["id"] == order), None)
        if row is not None and row["state"] in FINISHED and row["state"] != to:
            desk.work.move_order(order, to, who, seen=row["version"])


def _log_again(desk: Desk, request: str, who: Who) -> None:
    """Supply is not back and the order has been put away: what was reported is reported anew."""
    known = next((each for each in desk.rows("requests") if each["id"] == request), None)
    if known is not None:
        told = {name: known[name] for name in ("words", "customer", "address", "lon", "lat", "phone", "kind")}
        entry = Entry(received_at=desk.clock(), channel="callback", **told)
        desk.calls.log(entry, who, key=f"callback/{request}/again")


def answer_by_text(desk: Desk, contact: str, text: str) -> Answer | None:
    """Take a customer's answer to the message that asked; None when nobody asked, or it says neither.

    Only the newest question to that number is answered.
    """
    if desk.service.texts.hear(contact, text):
        return None
    answer = answer_in(text)
    asked = [row for row in due_callbacks(desk) if digits(row["phone"]) == digits(contact) != ""]
    if answer is None or not asked:
        data = {"what": "reply", "text": text[:500], "contact": contact[-4:]}
        desk.note("noted", asked[-1]["request"] if asked else "reply", data, CUSTOMER)
        return None
    answer_callback(desk, asked[-1]["request"], answer, CUSTOMER, text[:500])
    return answer


def answer_in(text: str) -> Answer | None:
    """Whether a text message says yes or no."""
    said = text.strip().strip(".!?。！？\"'“”").casefold()
    return "yes" if said in YES else "no" if said in NO else None


def digits(contact: str | None) -> str:
    """A telephone number as its last nine digits, so that +56 9 1234 5678 and 0912345678 are one."""
    return "".join(each for each in contact or "" if each.isdigit())[-9:]


def reply_mark(secret: str, request: str) -> str:
    """What a customer's own link ends in; nobody can make one for another request."""
    mark = hmac.new(secret.encode(), f"reply {request}".encode(), hashlib.sha256).hexdigest()[:24]
    return f"{request}.{mark}"


def request_of_mark(secret: str, mark: str) -> str | None:
    """The request that a link answers for; None for a link that was not made here."""
    request = mark.rpartition(".")[0]
    return request if request and hmac.compare_digest(reply_mark(secret, request), mark) else None
