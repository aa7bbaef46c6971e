"""The rulebook's versions: send one, see what it says and does, put it in force, go back."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from dispatch.rulebook.effects import change_counts, change_rows, triage_effect
from dispatch.rulebook.policies import MOST_BYTES, Checked, PolicyRefused, PolicyVersion, check, workbook_of

from ..day.current import derived
from ..entrance.access import OFFICE, allow
from ..entrance.door import sent_number
from ..server.transfer import named
from ..words.language import current_language
from .data import own
from .shelf import Shelf, moment, shelf

MOST_NOTE = 2000
MOST_CHANGES = 300
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

rule_versions = Blueprint("rule_versions", __name__, url_prefix="/rulebook/versions")


@rule_versions.get("")
@allow(*OFFICE)
def versions() -> str:
    """List the versions and what was done to them."""
    return _list_page()


@rule_versions.post("")
@allow("planner", "supervisor", "administrator")
def upload() -> Answer | tuple[str, int]:
    """Take a new version: lint, cases; kept when neither has anything against it."""
    sent = request.files.get("policy")
    file = PurePath(sent.filename or "").name if sent else ""
    if sent is None or not file:
        return _list_page(refused="nothing"), 400
    content = sent.stream.read(MOST_BYTES + 1)
    cases = _sent_cases()
    if cases is None:
        return _list_page(refused="cases"), 400
    found = check(file, content, cases, moment().date(), own(current_language()))
    if not found.fit:
        return _list_page(file=file, checked=found), 422
    note = request.form.get("note", "").strip()[:MOST_NOTE]
    try:
        number = shelf().policies.upload(found, file, cases, note, g.identity.name, moment())
    except PolicyRefused as error:
        return _list_page(refused=error.code), 409
    return redirect(url_for("rule_versions.version", number=number))


@rule_versions.get("/<int:number>")
@allow(*OFFICE)
def version(number: int) -> str:
    """Show one version: what lint and cases say, what it changes, who decides."""
    return _page(number)


@rule_versions.post("/<int:number>/plan-effect")
@allow("planner", "supervisor", "administrator")
def begin_effect(number: int) -> Answer:
    """Begin to plan the day under this version and under the one in force."""
    kept = shelf()
    base = kept.policies.number_in_force()
    _known(kept, number)
    if base is not None:
        kept.compare(kept.day_in_force(), number, base)
    return redirect(url_for("rule_versions.version", number=number, _anchor="effect"))


@rule_versions.post("/<int:number>/<any(activate, decline):what>")
@allow("supervisor", "administrator")
def decide(number: int, what: str) -> Answer | tuple[str, int]:
    """Put a version in force, or say no to it."""
    kept, note = shelf(), request.form.get("note", "").strip()[:MOST_NOTE]
    _known(kept, number)
    who = g.identity.name
    try:
        if what == "decline":
            kept.policies.decline(number, who, note, moment())
        elif kept.fixed:
            raise PolicyRefused("fixed", "the day does not run")
        else:
            alone = bool(current_app.config["DEMO"])
            seen = sent_number("base")
            kept.policies.activate(number, who, note, moment(), seen=seen, alone=alone)
    except PolicyRefused as error:
        return _page(number, refused=error.code), 409
    return redirect(url_for("rule_versions.versions"))


@rule_versions.get("/<int:number>/policy.<any(yaml, xlsx):ending>")
@allow(*OFFICE)
def download(number: int, ending: str) -> Response:
    """A version as a file to edit."""
    kept = shelf()
    known = _known(kept, number)
    text = kept.policies.text_of(number)
    body, kind = (text.encode(), "application/yaml") if ending == "yaml" else (workbook_of(text), WORKBOOK)
    answer = Response(body, mimetype=kind)
    return named(answer, f"{known.name}-{number}.{ending}")


@rule_versions.get("/<int:number>/cases.yaml")
@allow(*OFFICE)
def download_cases(number: int) -> Response:
    """The cases that were kept with a version."""
    known = _known(shelf(), number)
    answer = Response(shelf().policies.cases_of(number).encode(), mimetype="application/yaml")
    return named(answer, f"{known.name}-{number}.cases.yaml")


def _sent_cases() -> str | None:
    """The cases that came along, else those of the version in force; None when they are no text."""
    sent = request.files.get("cases")
    if sent is None or not sent.filename:
        number = shelf().policies.number_in_force()
        return shelf().policies.cases_of(number) if number is not None else ""
    try:
        content = sent.stream.read(MOST_BYTES + 1)
        return content.decode("utf-8-sig") if len(content) <= MOST_BYTES else None
    except UnicodeDecodeError:
        return None


def _known(kept: Shelf, number: int) -> PolicyVersion:
    try:
        return kept.policies.version(number)
    except KeyError:
        abort(404)


def _list_page(*, refused: str | None = None, file: str = "", checked: Checked | None = None) -> str:
    policies = shelf().policies
    return render_template(
        "rule_versions.html",
        page="rulebook",
        versions=policies.versions(),
        history=policies.history(),
        may_send=g.identity.may(frozenset({"planner", "supervisor", "administrator"})),
        most_mb=MOST_BYTES // 1_000_000,
        refused=refused,
        file=file,
        checked=checked,
        fixed=shelf().fixed,
    )


def _page(number: int, *, refused: str | None = None) -> str:
    kept, language = shelf(), own(current_language())
    known = _known(kept, number)
    base = kept.policies.number_in_force()
    return render_template(
        "rule_version.html",
        page="rulebook",
        version=known,
        base=base,
        checked=kept.checked(number, moment(), language),
        effect=_triage(kept, known, language) if base != number else None,
        plan=kept.compared(number, base) if base is not None else None,
        may_plan=g.identity.may(frozenset({"planner", "supervisor", "administrator"})),
        may_decide=g.identity.may(frozenset({"supervisor", "administrator"})),
        own=known.made_by == g.identity.name and not current_app.config["DEMO"],
        fixed=kept.fixed,
        refused=refused,
    )


def _triage(kept: Shelf, known: PolicyVersion, language: str) -> dict[str, Any]:
    """What a version changes for the requests of the day."""
    base, day = kept.policies.number_in_force(), kept.day_in_force()
    policy = kept.policies.policy(known.id)
    found = derived().get(("policy effect", known.id, base), lambda _: triage_effect(day, policy))
    rows = change_rows(found, policy, language)
    words = {each.id: each.words for each in day.case.requests}
    orders = day.order_by_id
    for row in rows[:MOST_CHANGES]:
        calls = orders[row["id"]].requests if row["id"] in orders else (row["id"],)
        row["words"] = next((words[each] for each in calls if each in words), "")
    return {
        "requests": found.requests,
        "orders": found.orders,
        "regraded": found.regraded,
        "rows": rows[:MOST_CHANGES],
        "more": max(0, len(rows) - MOST_CHANGES),
        "count": len(rows),
        "counts": change_counts(found, policy, language),
    }
