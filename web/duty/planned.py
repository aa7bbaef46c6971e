"""Planned outages before anybody is told: what they do, who must be told by when, what is in the way."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from flask import Blueprint, g, render_template, request

from dispatch.ground.case import Case
from dispatch.ground.errors import DispatchError, Fault, InputFaults
from dispatch.intake.bounded import TooMuch, bounded
from dispatch.intake.planned import read_planned
from dispatch.intake.uploads import ENDINGS, MOST_BYTES, SIZES
from dispatch.live import Desk, Refused
from dispatch.messages.announcing import announce, announced_plans, guarding
from dispatch.outages.planned import PlannedEffect, PlannedOutage
from dispatch.outages.planned_ways import PlannedWay
from dispatch.planning.planned_work import Studied, customers_behind, studied, ties_closed

from ..day.handwork import refusal_text
from ..entrance.access import allow
from ..entrance.asker import desk, who
from ..entrance.bodies import moment_in
from ..entrance.discretion import sees_customers
from ..faults import too_much

MOST_PLANS = 50
MOST_NAMED = 8
MOST_TEXT = 300
MAX_REASON = 500

planned = Blueprint("planned", __name__)


@planned.get("/planned")
@allow("dispatcher", "supervisor", "planner")
def page() -> str:
    """The form, and what has been announced already."""
    return _page()


@planned.post("/planned")
@allow("dispatcher", "supervisor", "planner")
def study() -> str | tuple[str, int]:
    """Show what plans do, out of the form or a file; nothing is kept and nobody is told."""
    try:
        plans = _sent()
        return _page(found=[_shown(desk().case, each) for each in _studied(plans)])
    except InputFaults as error:
        return _page(faults=error.faults), 422


@planned.post("/planned/announce")
@allow("dispatcher", "supervisor")
def tell() -> str | tuple[str, int]:
    """Give notice of one plan, as it was studied."""
    try:
        (plan,) = plans = _sent()
        ((effect, _),) = found = _studied(plans)
        _announce(effect)
    except InputFaults as error:
        return _page(faults=error.faults), 422
    except DispatchError as error:
        text = refusal_text(error) if isinstance(error, Refused) else str(error)
        fault = Fault(file=plan.id, place="", text=text)
        return _page(faults=[fault], found=[_shown(desk().case, each) for each in found]), 409
    return _page(told=plan.id)


def _announce(effect: PlannedEffect) -> None:
    plan = effect.planned
    announce(
        desk(),
        plan.id,
        effect.transformers,
        plan.start,
        plan.end,
        plan.reason,
        who(),
        urgent=plan.urgent,
        opened=plan.open_places,
        closed=plan.close_devices,
        despite=request.form.get("despite", "")[:MAX_REASON] if _is_head() else "",
    )


def _is_head() -> bool:
    return bool(g.identity.may(frozenset({"supervisor"})))


def _studied(plans: Sequence[PlannedOutage]) -> list[Studied]:
    """Beside the outages under way and what has been announced."""
    found: Desk = desk()
    case = found.case_under()
    now = replace(case, settings=replace(case.settings, now=found.clock()))
    day = found.shelf.proposal() or found.day()
    return studied(now, plans, running=day.outages, announced=announced_plans(found))


def _sent() -> tuple[PlannedOutage, ...]:
    """The plans of the file that was sent, else the one of the form.

    Raises
    ------
    InputFaults
        With everything that is wrong.
    """
    file = request.files.get("file")
    if file is not None and file.filename:
        plans = _read(file.stream.read(MOST_BYTES + 1), PurePath(file.filename).name)
    else:
        plans = (_of_form(),)
    if len(plans) > MOST_PLANS:
        raise _wrong("file", f"holds {len(plans)} plans; at most {MOST_PLANS} at once")
    return plans


def _read(content: bytes, name: str) -> tuple[PlannedOutage, ...]:
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise _wrong("file", f"ends in '{ending[:20]}'; expected {' or '.join(ENDINGS)}")
    with tempfile.TemporaryDirectory(prefix="gridcrew-") as folder:
        # A name of our own: what the sender calls the file never meets the file system.
        path = Path(folder) / f"planned{ending}"
        path.write_bytes(content)
        try:
            return bounded(read_planned, path, desk().case.settings.zone, SIZES)
        except TooMuch as error:
            raise _wrong("file", too_much(error)) from error


def _of_form() -> PlannedOutage:
    faults: list[Fault] = []
    texts = {name: request.form.get(name, "").strip() for name in ("id", "opened", "closed", "reason")}
    faults += [_fault(name, f"is longer than {MOST_TEXT}") for name in texts if len(texts[name]) > MOST_TEXT]
    faults += [_fault(name, "is empty; must be given") for name in ("id", "opened") if not texts[name]]
    moments = {name: _moment(name, faults) for name in ("start", "end")}
    start, end = moments["start"], moments["end"]
    if faults or start is None or end is None:
        raise InputFaults(faults)
    return PlannedOutage(
        id=texts["id"],
        start=start,
        end=end,
        open_places=_names(texts["opened"]),
        close_devices=_names(texts["closed"]),
        reason=texts["reason"],
        live_line="live_line" in request.form,
        urgent="urgent" in request.form,
    )


def _moment(name: str, faults: list[Fault]) -> datetime | None:
    """A time of the form, by the clock of the case where it says no offset."""
    text = request.form.get(name, "")
    try:
        return moment_in(text, desk().case.settings.zone)
    except ValueError:
        faults.append(_fault(name, f"is '{text[:40]}'; must be a date and a time"))
        return None


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.strip() for each in text.replace("；", ";").split(";") if each.strip()))


def _fault(place: str, text: str) -> Fault:
    return Fault(file="plan", place=place, text=text)


def _wrong(place: str, text: str) -> InputFaults:
    return InputFaults([_fault(place, text)])


def _shown(case: Case, found: Studied) -> dict[str, Any]:
    """A plan as the page shows it."""
    effect, ways = found
    return {
        "plan": effect.planned,
        "effect": effect,
        "opened": "; ".join(effect.planned.open_places),
        "closed": "; ".join(effect.planned.close_devices),
        "notices": _notices(case, effect),
        "guarded": guarding(
            desk(),
            effect.transformers,
            effect.planned.start,
            effect.planned.end,
            (*effect.planned.open_places, *effect.planned.close_devices),
        ),
        "ways": [_way(case, effect.planned, way) for way in ways[1:]],
    }


def _notices(case: Case, effect: PlannedEffect) -> list[dict[str, Any]]:
    """Whom to tell, a row per grade, the one with the fewest customers first."""
    names, seen = case.customers.table["name"], sees_customers()
    groups: dict[str, list[Any]] = {}
    for notice in effect.notices:
        groups.setdefault(notice.grade, []).append(notice)
    return [
        {
            "grade": grade,
            "count": len(told),
            "due": told[0].due,
            "late": sum(each.late for each in told),
            "named": [
                f"{each.customer} {(seen and names.get(each.customer)) or ''}".strip()
                for each in told[:MOST_NAMED]
            ],
        }
        for grade, told in sorted(groups.items(), key=lambda item: (len(item[1]), item[0]))
    ]


def _named(customer: str, name: Any) -> str:
    return f"{customer} {name}" if isinstance(name, str) else customer


def _way(case: Case, plan: PlannedOutage, way: PlannedWay) -> dict[str, Any]:
    able = [crew.name for crew in case.crews if "live_line" in crew.skills]
    return {
        "kind": way.kind,
        "places": ", ".join(way.transformers[:MOST_NAMED]),
        "ties": ", ".join(ties_closed(plan, way)),
        "out": customers_behind(case, way.transformers),
        "crews": ", ".join(able),
    }


def _page(**values: Any) -> str:
    may_tell = g.identity.may(frozenset({"dispatcher", "supervisor"}))
    announced = sorted(announced_plans(desk()), key=lambda each: (each.start, each.id))
    shown = {"found": [], "faults": [], "told": None, **values}
    return render_template(
        "planned.html",
        page="planned",
        may_tell=may_tell,
        head=_is_head(),
        announced=announced,
        sent=request.form,
        **shown,
    )
