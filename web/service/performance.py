"""How the work of crews and people went, beside what the same work usually gives; page and API."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from dispatch.live.service.performance import OF_CREWS, OF_PEOPLE, Performance
from dispatch.live.service.performance import performance as looked_at

from ..entrance.access import allow
from ..entrance.asker import desk

performance = Blueprint("performance", __name__)


@performance.get("/performance")
@allow("supervisor", "manager")
def page() -> str:
    """Crews and people by name, each measure beside the expected one."""
    found = looked_at(desk())
    return render_template(
        "performance.html",
        page="quality",
        groups=[("crews", OF_CREWS, _table(found.crews)), ("people", OF_PEOPLE, _table(found.people))],
        crews=desk().case.crew_by_id,
    )


@performance.get("/api/v1/performance")
@allow("supervisor", "manager")
def listed() -> Response:
    """The same as data: count, mean, what the same work usually gives, and whether chance explains it."""
    return jsonify(_data(looked_at(desk())))


def _data(found: Performance) -> dict[str, Any]:
    return {
        name: {measure: [asdict(each) for each in rows] for measure, rows in group.items()}
        for name, group in (("crews", found.crews), ("people", found.people))
    }


def _table(group: Any) -> dict[str, dict[str, Any]]:
    """By name, by measure."""
    table: dict[str, dict[str, Any]] = {}
    for measure, rows in group.items():
        for each in rows:
            table.setdefault(each.who, {})[measure] = each
    return dict(sorted(table.items()))
