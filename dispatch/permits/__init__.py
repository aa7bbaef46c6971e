"""Two tickets 两票: work permit and switching order, made from the plan and held to their order."""

from __future__ import annotations

from .checking import Breach, breaches
from .drafting import draft
from .following import Refusal, Ticket, acted, allowed_acts
from .forms import Form, forms_for, table_of
from .standing import KEY, in_the_way, next_number, open_tickets, ticket, tickets
from .steps import Step

__all__ = [
    "KEY",
    "Breach",
    "Form",
    "Refusal",
    "Step",
    "Ticket",
    "acted",
    "allowed_acts",
    "breaches",
    "draft",
    "forms_for",
    "in_the_way",
    "next_number",
    "open_tickets",
    "table_of",
    "ticket",
    "tickets",
]
