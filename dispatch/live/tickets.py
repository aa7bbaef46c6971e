"""Work permits and switching orders of the running day: drafted, acted on, and in the way of supply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..permits import KEY, Refusal, Ticket, acted, draft, forms_for, next_number, ticket, tickets
from ..permits.following import Entry
from ..store import queries
from ..store.present import noted
from .book import Who
from .desk import Desk
from .refusals import Refused, expect_crew

TICKETS_REST_ON = (noted("ticket"),)


def all_tickets(desk: Desk) -> dict[str, Ticket]:
    """Every ticket by its number, oldest first."""
    return desk.kept("tickets", TICKETS_REST_ON, lambda: tickets(desk.store))


def draft_tickets(desk: Desk, job: str, who: Who) -> list[str]:
    """Draft the tickets that a job needs and has not got; their numbers.

    Raises
    ------
    Refused
        The plan in force does not know the job, or the job needs no ticket.
    """
    card = desk.day().cards.get(job)
    if card is None:
        raise Refused("unknown_job", job=job)
    forms = forms_for(card, desk.case.settings.policy)
    if not forms:
        raise Refused("no_ticket", job=job)
    made = []
    with desk.book.lock:
        held = {(each.job, each.form) for each in tickets(desk.store).values() if not each.over}
        for form in forms:
            if (job, form.id) in held:
                continue
            number = next_number(desk.store, form.kind, desk.clock().astimezone(desk.case.settings.zone))
            _write(desk, number, draft(desk.day(), job, form), who, key=f"{KEY}{number}/draft")
            made.append(number)
    return made


def act_on(
    desk: Desk,
    number: str,
    act: str,
    who: Who,
    *,
    by: str = "",
    second: str = "",
    step: str = "",
    note: str = "",
    crew: str | None = None,
    key: str | None = None,
    at: datetime | None = None,
) -> Ticket:
    """Take a ticket one act further; the same key twice is once.

    Parameters
    ----------
    by, second : the two names: who does it, and who watches, permits or takes over.

    Raises
    ------
    Refused
        There is no such ticket or crew, or the act may not follow.
    """
    if crew is not None:
        expect_crew(desk.case.crew_by_id, crew)
    with desk.book.lock:
        standing = _standing(desk, number)
        mark = f"{KEY}{number}/{key or f'{len(standing.history):05d}'}"[:200]
        if key is not None and queries.event_with_key(desk.store, mark) is not None:
            return standing
        told = {"act": act, "by": by or who.name, "second": second, "step": step, "note": note}
        data: dict[str, Any] = {name: value for name, value in (told | {"crew": crew}).items() if value}
        entry = Entry(**told, at=at or desk.clock(), crew=crew)
        try:
            made = acted(standing, entry)
        except Refusal as refusal:
            raise Refused(f"ticket_{refusal.code}", ticket=number, act=act, **_shown(refusal)) from refusal
        _write(desk, number, data, who, key=mark, at=at)
    return made


def _standing(desk: Desk, number: str) -> Ticket:
    found = ticket(desk.store, number)
    if found is None:
        raise Refused("unknown_ticket", ticket=number)
    return found


def _shown(refusal: Refusal) -> dict[str, Any]:
    codes = ", ".join(dict.fromkeys(each.code for each in refusal.values.get("breaches", ())))
    return {"state": refusal.values.get("state", ""), "step": refusal.values.get("step", ""), "why": codes}


def _write(
    desk: Desk, number: str, data: dict[str, Any], who: Who, *, key: str, at: datetime | None = None
) -> None:
    desk.note("noted", number, {"what": "ticket", "ticket": data}, who, key=key, at=at)
