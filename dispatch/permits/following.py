"""What becomes of a ticket: each act after the one before it, with a time and two names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from .checking import Breach, breaches
from .forms import Kind
from .steps import Step

State = Literal["drafted", "issued", "read_back", "working", "suspended", "returned", "cancelled"]
OPEN: frozenset[str] = frozenset({"issued", "read_back", "working", "suspended"})
# By state, the acts that may follow and where they lead.
ROAD: Mapping[str, Mapping[str, State]] = {
    "drafted": {"issue": "issued", "cancel": "cancelled"},
    "issued": {"read_back": "read_back", "cancel": "cancelled"},
    "read_back": {"permit": "working", "cancel": "cancelled"},
    "working": {"step": "working", "suspend": "suspended", "transfer": "issued", "return": "returned"},
    "suspended": {"resume": "working", "transfer": "issued"},
}
# Acts of two people: who does it and who watches, permits or takes over.
WITH_SECOND = frozenset({"issue", "read_back", "permit", "step", "transfer", "return"})


class Refusal(Exception):
    """An act that may not follow: `code` says why, `values` what it concerns."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a ticket's history."""

    act: str
    at: datetime
    by: str
    second: str = ""
    step: str = ""
    note: str = ""
    crew: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A work permit or a switching order as it stands.

    Parameters
    ----------
    form : the kind of document; its title is in the words of the screen.
    section, element, order, job : what it is for.
    done : by step, the entry that says it is done.
    """

    number: str
    kind: Kind
    form: str
    source: str
    job: str
    order: str
    crew: str | None
    section: str | None
    element: str | None
    address: str
    lon: float
    lat: float
    steps: tuple[Step, ...]
    state: State = "drafted"
    history: tuple[Entry, ...] = ()
    done: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it has been given out and has not come back."""
        return self.state in OPEN

    @property
    def over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.state not in ROAD

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """What is wrong with its steps."""
        return breaches(self.kind, self.steps)

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done."""
        return next((each for each in self.steps if each.id not in self.done), None)


def drafted(number: str, data: Mapping[str, Any], entry: Entry) -> Ticket:
    """A ticket as it was drafted."""
    names = ("kind", "form", "source", "job", "order", "crew", "section", "element", "address")
    lon, lat = data["at"]
    steps = tuple(Step(**each) for each in data["steps"])
    return Ticket(
        number=number, lon=lon, lat=lat, steps=steps, history=(entry,), **{n: data[n] for n in names}
    )


def allowed_acts(ticket: Ticket) -> tuple[str, ...]:
    """What may be done next with a ticket."""
    acts = ROAD.get(ticket.state, {})
    left = ticket.next_step is not None
    return tuple(act for act in acts if not (act == "step" and not left) and not (act == "return" and left))


def acted(ticket: Ticket, entry: Entry) -> Ticket:
    """The ticket after an act.

    Raises
    ------
    Refusal
        The act may not follow (`order`), its steps are not safe (`unsafe`), two different names are
        missing (`two_names`), or it is not the next step (`next_step`).
    """
    if entry.act not in ROAD.get(ticket.state, {}):
        raise Refusal("order", state=ticket.state, act=entry.act)
    if entry.act in WITH_SECOND and (not entry.second.strip() or entry.second.strip() == entry.by.strip()):
        raise Refusal("two_names", act=entry.act)
    if entry.act == "issue" and ticket.breaches:
        raise Refusal("unsafe", breaches=ticket.breaches)
    if entry.act == "return" and (left := ticket.next_step) is not None:
        raise Refusal("next_step", step=left.id)
    done = ticket.done
    if entry.act == "step":
        following = ticket.next_step
        if following is None or following.id != entry.step:
            raise Refusal("next_step", step=following.id if following else "")
        done = {**done, entry.step: entry}
    crew = entry.crew if entry.act == "transfer" and entry.crew else ticket.crew
    state = ROAD[ticket.state][entry.act]
    return replace(ticket, state=state, crew=crew, done=done, history=(*ticket.history, entry))


def folded(number: str, acts: Sequence[tuple[Mapping[str, Any], datetime, str]]) -> Ticket:
    """The ticket that acts of the journal make, oldest first: data, time and who wrote each down."""
    first, *rest = acts
    made = drafted(number, first[0], _entry(*first))
    for each in rest:
        made = acted(made, _entry(*each))
    return made


def _entry(data: Mapping[str, Any], at: datetime, actor: str) -> Entry:
    told = {name: data[name] for name in ("second", "step", "note", "crew") if data.get(name) is not None}
    return Entry(act=data["act"], at=at, by=data.get("by") or actor, **told)
