"""What happened that a crew must hear of at once: by crew, and never by more than a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..live import Desk
from ..live.crew_route import ENDED_JOBS
from ..live.tickets import all_tickets
from ..store import Event, queries

MOST_PLANS = 60
What = Literal["danger", "answer", "route", "ticket"]
# The first of them is told where several wait.
GRAVITY: tuple[What, ...] = ("danger", "answer", "route", "ticket")
# What the office does with a ticket that its crew waits for.
FOR_THE_CREW = frozenset({"issue", "permit", "cancel", "transfer"})
CALL = re.compile(r"call (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One thing that a crew must hear of.

    Parameters
    ----------
    seq : number of the event.
    what : a danger on the route, an answer to a call, another route, a ticket.
    """

    seq: int
    crew: str
    what: What

    @property
    def told(self) -> dict[str, Any]:
        """What goes out: a word and a number, no place, no name."""
        return {"what": self.what, "n": self.seq}


def news_of(desk: Desk, events: Iterable[Event]) -> list[News]:
    """What crews must hear of among these events, in their order."""
    return [news for event in events for news in _of(desk, event)]


def gravest(found: Sequence[News]) -> News:
    """The one that is told: a danger before everything, the newest of its kind."""
    return min(found, key=lambda each: (GRAVITY.index(each.what), -each.seq))


def _of(desk: Desk, event: Event) -> Iterator[News]:
    seq = event.seq or 0
    if event.kind == "plan_published":
        for crew, what in _rerouted(desk, seq, int(event.subject)):
            yield News(seq=seq, crew=crew, what=what)
    elif event.kind == "noted" and event.data.get("what") == "seen":
        caller = _caller(desk, event.subject)
        if caller is not None:
            yield News(seq=seq, crew=caller, what="answer")
    elif event.kind == "noted" and event.data.get("what") == "ticket" and event.source != "phone":
        held = all_tickets(desk).get(event.subject)
        if held is not None and held.crew and event.data.get("ticket", {}).get("act") in FOR_THE_CREW:
            yield News(seq=seq, crew=held.crew, what="ticket")


def _rerouted(desk: Desk, seq: int, number: int) -> Iterator[tuple[str, What]]:
    """Crews whose route a plan changed; what they have ended themselves is no news."""
    before = _before(desk, seq)
    old, new = desk.archive.published_routes(before), desk.archive.published_routes(number)
    ended = {row["id"] for row in desk.rows("jobs") if row["state"] in ENDED_JOBS}
    for crew in sorted(set(old) | set(new)):
        had = [job for job in old.get(crew, ()) if job not in ended]
        has = [job for job in new.get(crew, ()) if job not in ended]
        if has != had:
            yield crew, "danger" if _is_dangerous(desk, set(has) - set(had)) else "route"


def _is_dangerous(desk: Desk, jobs: Iterable[str]) -> bool:
    cards: Mapping[str, Any] = desk.day().cards
    return any(job in cards and cards[job].hazard for job in jobs)


def _before(desk: Desk, seq: int) -> int:
    """The plan that was in force until then; 0 for none."""
    published = queries.newest_events(desk.store, "plan_published", MOST_PLANS)
    earlier = [event for event in published if (event.seq or 0) < seq]
    return int(max(earlier, key=lambda event: event.seq or 0).subject) if earlier else 0


def _caller(desk: Desk, subject: str) -> str | None:
    """The crew whose call out of the field was answered."""
    found = CALL.fullmatch(subject)
    if found is None:
        return None
    call = next(iter(desk.store.events_after(int(found[1]) - 1, 1)), None)
    if call is None or call.seq != int(found[1]) or call.source != "phone":
        return None
    return str(call.data["crew"]) if call.data.get("crew") else None
