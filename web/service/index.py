"""The customers' index: what counts, what would change, and letting it count."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, url_for
from pydantic import Field
from werkzeug.wrappers import Response as Answer

from dispatch.live import Refused
from dispatch.live.service.index import (
    Index,
    counting_index,
    index_changes,
    let_index_count,
    propose_index,
    waiting_index,
)
from dispatch.service.index import load_weights

from ..day.handwork import refusal_text
from ..entrance.access import allow
from ..entrance.asker import desk, who
from ..entrance.bodies import Body, Whole, body_as
from ..entrance.discretion import sees_customers
from ..entrance.door import sent_number

MOST_SHOWN = 100

customer_index = Blueprint("customer_index", __name__)


class Counting(Body):
    """Which index is to count: the number of the one that was read."""

    seen: Annotated[Whole, Field()]


@customer_index.get("/customer-index")
@allow("supervisor", "manager", "service", "planner")
def page() -> str:
    """What counts now, and what would change."""
    return _page()


@customer_index.post("/customer-index")
@allow("supervisor", "manager")
def send() -> Answer | tuple[str, int]:
    """Work it out anew, or let the one that was read count."""
    seen = sent_number("seen")
    try:
        if seen is not None:
            let_index_count(desk(), seen, who())
        else:
            propose_index(desk(), load_weights(), who())
    except Refused as error:
        return _page(wrong=refusal_text(error)), 409
    return redirect(url_for("customer_index.page"))


@customer_index.get("/api/v1/customer-index")
@allow("supervisor", "manager", "service", "planner")
def told() -> Response:
    """The index that counts, the one that waits, and the changes between them."""
    changes = [
        {"customer": each.customer, "before": each.before, "after": each.after}
        for each in index_changes(desk())
    ]
    return jsonify(counts=_told(counting_index(desk())), waits=_told(waiting_index(desk())), changes=changes)


@customer_index.post("/api/v1/customer-index")
@allow("supervisor", "manager")
def count() -> Response:
    """Let the index count whose changes were read."""
    let_index_count(desk(), body_as(Counting).seen, who())
    return jsonify(ok=True)


def _told(index: Index | None) -> dict[str, Any] | None:
    if index is None:
        return None
    return {
        "number": index.seq,
        "at": index.at.isoformat(),
        "by": index.by,
        "vip_from": index.vip_from,
        "areas": dict(index.areas),
        "listed": dict(index.listed),
    }


def _page(wrong: str | None = None) -> str:
    found, customers = desk(), desk().case.customers
    changes = index_changes(found)
    counts = counting_index(found)
    names = customers.table["name"] if sees_customers() else {}
    top = sorted(counts.listed.items(), key=lambda each: -each[1])[:MOST_SHOWN] if counts else []
    return render_template(
        "customer_index.html",
        page="customer_index",
        weights=load_weights(),
        counts=counts,
        waits=waiting_index(found),
        changes=changes[:MOST_SHOWN],
        total=len(changes),
        top=top,
        name_of=lambda customer: names.get(customer) or customer,
        may=g.identity.may(frozenset({"supervisor", "manager"})),
        wrong=wrong,
    )
