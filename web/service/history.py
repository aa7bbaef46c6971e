"""What happened to a matter, as its page shows it."""

from __future__ import annotations

from typing import Any

from dispatch.live import Desk
from dispatch.store import Event
from dispatch.store.request_list import history_of

from ..entrance.discretion import row_shown, sees_customers

MOST_HISTORY = 200
DETAILS = ("check", "step", "order", "answer", "option", "whom")
SAID = ("note", "text", "reason", "answer_text", "words")


def history_data(desk: Desk, id_: str) -> list[dict[str, Any]]:
    """Acts on a matter, the newest first: when, who, what, and what was said with it."""
    return [_line(event) for event in history_of(desk.store, id_, MOST_HISTORY)]


def _line(event: Event) -> dict[str, Any]:
    data = event.data
    act = data.get("act") or ("opened" if event.kind == "matter_opened" else event.kind)
    said = "" if act == "opened" else next((str(data[name]) for name in SAID if data.get(name)), "")
    names = ("customer", *DETAILS) if sees_customers() and act != "opened" else DETAILS
    details = [data[name] for name in names if data.get(name) not in (None, "")]
    return row_shown({"at": event.at, "by": event.actor, "act": act, "details": details, "note": said})
