"""How long ahead a planned outage is announced, and to whom: the policy's word, grade by grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from rules import Decision

from ..ground.case import Case
from ..triage.orders import Grades, customer_rows

PLANNED = "planned_work"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What the policy wants for the customers of one grade.

    Parameters
    ----------
    ahead : how long before the outage they must know; None where the policy wants no notice.
    roles : whom to tell: customer, important_customers, and teams of the utility.
    basis : the rule that wants it, by its source; None where the policy names none.
    rows : positions of the customers in the case's table.
    """

    grade: str
    ahead: timedelta | None
    roles: tuple[str, ...]
    basis: str | None
    rows: np.ndarray


def notices(
    case: Case, grades: Grades, transformers: Sequence[str], *, urgent: bool, language: str | None = None
) -> tuple[Notice, ...]:
    """Ask the policy about each grade among the customers behind some transformers.

    Parameters
    ----------
    urgent : a temporary outage that cannot wait, which has rules of its own.
    language : en or zh, of the rules' titles; the case's own without it.
    """
    rows = customer_rows(case, transformers)
    found = []
    for grade in sorted({str(each) for each in grades.grade[rows]}):
        own = rows[grades.grade[rows] == grade]
        facts = {
            "kind": PLANNED,
            "urgency": "urgent" if urgent else "general",
            "grade": grade,
            "customers_out": len(rows),
        }
        decision = case.policy.decide("order", facts)
        hours = decision.outcome.get("notice_h")
        found.append(
            Notice(
                grade=grade,
                ahead=None if hours is None else timedelta(hours=float(hours)),
                roles=tuple(decision.outcome.get("notify") or ()),
                basis=_title(decision, language or case.settings.language),
                rows=own,
            )
        )
    return tuple(found)


def _title(decision: Decision, language: str) -> str | None:
    """The title of the rule that sets the notice, without its address."""
    source = decision.trace.source_behind("notice_h")
    return source.label("zh" if language.startswith("zh") else "en") if source else None
