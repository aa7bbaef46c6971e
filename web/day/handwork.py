"""Changes by hand and refusals, between what a browser says and what the desk takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import BadRequest

from dispatch.ground.verdict import Violation
from dispatch.live import Desk, Edit, Refused
from dispatch.live.roadblocks import closed_road
from dispatch.store import Conflict

from ..entrance.bodies import Found, HandMade
from ..words.language import catalogue, current_language, translate, word
from .current import current_day

NEW = "new"
MOST_SHOWN = 3


def edits_of(desk: Desk, given: HandMade) -> list[Edit]:
    """The changes of a body; work that is new gets its id here."""
    made = []
    for number, each in enumerate(given.edits, start=1):
        subject, data = each.subject, each.data
        if each.what == "add" and data is not None:
            data = {"at": desk.clock().isoformat(), **data}
            subject = f"W-H{desk.store.last_seq() + number:06d}/service" if subject == NEW else subject
        made.append(Edit(subject=subject, what=each.what, data=data))
    return made


def found_edit(desk: Desk, given: Found) -> Edit:
    """What was found, as the desk keeps it.

    Raises
    ------
    Refused
        There is no road near the place.
    BadRequest
        The place, the subject or the time is missing.
    """
    if given.what == "closed" and not given.over:
        if given.lon is None or given.lat is None:
            raise BadRequest
        return closed_road(desk.case, given.lon, given.lat)
    if given.subject is None or (given.what == "late" and given.until is None and not given.over):
        raise BadRequest
    data = {"until": given.until.isoformat()} if given.until else {}
    return Edit(subject=given.subject, what=given.what, data=None if given.over else data)


def refusal_text(error: Refused) -> str:
    """Why a change was not made, in the reader's language."""
    if error.code == "terms":
        return term_text(_crew(str(error.values["crew"])), error.values)
    key = f"refusal.{error.code}"
    if key not in catalogue(current_language()):
        return str(error)
    values: dict[str, Any] = {name: _named(name, value) for name, value in error.values.items()}
    broken = "; ".join(_broken(each) for each in error.broken[:MOST_SHOWN])
    return translate(key, **values, broken=broken)


def conflict_text(error: Conflict) -> str:
    """Who was first, in the reader's language."""
    return translate("error.conflict", by=word(current_language(), "actor", error.by))


def term_text(crew: str, broken: Mapping[str, Any]) -> str:
    """What of the roster's terms a crew's shift would break, in the reader's language."""
    figures = {name: f"{broken[name]:g}" for name in ("found", "limit")}
    return translate(f"refusal.terms_{broken['term']}", crew=crew, **figures)


def _named(name: str, value: Any) -> str:
    if name in ("state", "to"):
        return word(current_language(), "state", value)
    if name == "term":
        return word(current_language(), "term", value)
    if name in ("step", "needs"):
        return word(current_language(), "connection_step", value)
    if name == "crew":
        return _crew(str(value))
    return _job(str(value)) if name == "job" else str(value)


def _broken(violation: Violation) -> str:
    about = [_crew(violation.crew) if violation.crew else "", _job(violation.job) if violation.job else ""]
    named = " · ".join(each for each in about if each)
    return f"{word(current_language(), 'violation', violation.code)} ({named})" if named else violation.code


def _crew(crew: str) -> str:
    found = current_day().case.crew_by_id.get(crew)
    return found.name if found else crew


def _job(job: str) -> str:
    card = current_day().cards.get(job)
    if card is None:
        return job
    group, code = ("request_kind", card.title) if card.kind == "service" else ("job_kind", card.kind)
    return ", ".join(each for each in (word(current_language(), group, code), card.address) if each)
