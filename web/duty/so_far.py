"""What crews have reported and which tickets are given out, for sheets printed in the middle of a day."""

from __future__ import annotations

from collections import defaultdict

from dispatch.live import Desk, all_tickets
from dispatch.sheets import Reported


def reported_so_far(desk: Desk, crew: str) -> dict[str, Reported]:
    """By job of a crew's route, what has become of it; what nobody has said a word of is left out."""
    jobs = {row["id"]: row for row in desk.rows("jobs") if row["crew"] == crew}
    tickets: defaultdict[str, list[str]] = defaultdict(list)
    for each in all_tickets(desk).values():
        if each.open:
            tickets[each.job].append(each.number)
    found = {}
    for job in sorted({*jobs, *tickets}):
        row = jobs.get(job)
        state, at = (row["state"], row["since"]) if row else (None, None)
        found[job] = Reported(state=state, at=at, tickets=tuple(sorted(tickets[job])))
    return found
