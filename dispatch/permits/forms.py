"""Which work needs which ticket, by the practice of a country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..briefing.safety import method_of
from ..ground.day import JobCard

Kind = Literal["work", "switching"]
CHINESE = frozenset({"cn", "csg"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of ticket.

    Parameters
    ----------
    id : what its title is kept under in the words of the screen.
    source : the rule that asks for it.
    """

    id: str
    kind: Kind
    source: str


# Both ask for the two tickets on lines. Clauses are not named: nobody compared them with the printed text.
_CN: Mapping[str, Form] = {
    "dead": Form(id="line_first", kind="work", source="Q/GDW 1799.2-2013"),
    "live": Form(id="line_live", kind="work", source="Q/GDW 1799.2-2013"),
    "low": Form(id="low_voltage", kind="work", source="Q/GDW 1799.2-2013"),
    "urgent": Form(id="emergency", kind="work", source="Q/GDW 1799.2-2013"),
    "switching": Form(id="switching", kind="switching", source="GB 26859-2011"),
}
# EN 50110-1: 6.2.7 permission to start work, 6.3 live working (the contents list of the 2023 edition has both
# under these numbers); 5.2 operating activities.
_GENERIC: Mapping[str, Form] = {
    "dead": Form(id="permit", kind="work", source="EN 50110-1:2013, 6.2.7"),
    "live": Form(id="live_work", kind="work", source="EN 50110-1:2013, 6.3"),
    "urgent": Form(id="permit", kind="work", source="EN 50110-1:2013, 6.2.7"),
    "switching": Form(id="switching", kind="switching", source="EN 50110-1:2013, 5.2"),
}


def table_of(policy: str) -> Mapping[str, Form]:
    """The table for a policy: a pack's name, or a file of the utility's own (then the generic one)."""
    return _CN if policy.split(".", maxsplit=1)[0].lower() in CHINESE else _GENERIC


def forms_for(card: JobCard, policy: str) -> tuple[Form, ...]:
    """The tickets that a job needs: none for looking at things, one or two for working on them."""
    table, wanted = table_of(policy), list[str]()
    if any(not action.remote for action in card.switching):
        wanted.append("switching")
    if card.kind == "make_safe":
        wanted.append("urgent")
    elif card.kind == "repair":
        wanted.append(method_of(card))
    return tuple(table[each] for each in wanted if each in table)
