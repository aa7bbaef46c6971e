"""How a running day is doing, in figures for whoever watches the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from .lifecycle import ENDED
from .store import Store
from .tables import events, orders, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The day in figures.

    Parameters
    ----------
    events : number of the newest event.
    messages_waiting : that nobody has sent yet.
    published_at : when the plan in force came into force; None where there is none.
    """

    events: int
    open_orders: int
    messages_waiting: int
    published_at: datetime | None


def figures_of(store: Store) -> Figures:
    """Count what is open now."""
    published = select(events.c.at).where(events.c.kind == "plan_published").order_by(events.c.seq.desc())
    with store.reading() as connection:
        return Figures(
            events=connection.scalar(select(func.max(events.c.seq))) or 0,
            open_orders=connection.scalar(
                select(func.count()).select_from(orders).where(orders.c.state.not_in(ENDED))
            )
            or 0,
            messages_waiting=connection.scalar(
                select(func.count()).select_from(outbox).where(outbox.c.state == "waiting")
            )
            or 0,
            published_at=connection.scalar(published.limit(1)),
        )
