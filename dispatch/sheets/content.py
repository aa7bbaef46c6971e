"""A sheet in one language: labels and texts in reading order, for HTML and PDF alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from geo import SwitchAction

from ..briefing.briefing import LOOKED_FOR
from .about import (
    following_text,
    important_text,
    line_text,
    safety_text,
    said_text,
    subject_text,
    where_text,
)
from .moments import clock, stamp
from .sheet import Due, Item, Leg, RestStop, Sheet, Stop
from .words import Words

IN_BOTH = re.compile(r"(?P<english>[^\u4e00-\u9fff]+[.!?])\s+(?P<chinese>[\u4e00-\u9fff].*)", re.DOTALL)
Weight = Literal["plain", "strong", "alarm"]
# Key of the label, text, weight; what has no text is left out.
Fact = tuple[str, str | None, Weight]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One labelled text; an alarm stands in a box."""

    label: str
    text: str
    weight: Weight = "plain"


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One step of a switching list, with a box to tick."""

    number: int
    verb: str
    text: str


def title(sheet: Sheet, words: Words) -> str:
    """Return the sheet's heading."""
    name = sheet.crew.name if sheet.crew else words("operator")
    return words.labelled(words("route_sheet"), name)


def subtitle(sheet: Sheet, words: Words) -> str:
    """Return what the plan is of, and when it was made."""
    made = f"{words('plan_of')} {stamp(sheet, sheet.planned_at)} ({sheet.zone.key})"
    return f"{sheet.case}  {made}" if words.lang == "zh" else f"{sheet.case}, {made}"


def header_lines(sheet: Sheet, words: Words) -> list[Line]:
    """Return who goes, with what, from when to when, and what to load."""
    lines = []
    crew = sheet.crew
    if crew is not None:
        shift = f"{stamp(sheet, crew.shift_start)} – {clock(sheet, crew.shift_end)}"
        depot = f"{sheet.depot.name} ({sheet.depot.id})" if sheet.depot else crew.depot
        facts = [
            ("crew", words("crew_of", name=f"{crew.name} ({crew.id})", people=crew.people)),
            ("vehicle", crew.vehicle),
        ]
        facts += [("phone", crew.phone), ("shift", shift), ("depot", depot)]
        facts.append(("skills", names(words, "skill", sorted(crew.skills))))
        lines += [Line(label=words(key), text=text) for key, text in facts if text]
    count = len(sheet.stops)
    length = f"{sheet.length_m / 1000:.1f} km"
    lines.append(
        Line(
            label=words("route"),
            text=words("stops", count=count, drive=lasting(sheet.drive_s, words), length=length),
        )
    )
    if sheet.back_at is not None:
        lines.append(Line(label=words("back_at"), text=clock(sheet, sheet.back_at)))
    lines.append(Line(label=words("load"), text=load_text(sheet, words), weight="strong"))
    return lines


def load_text(sheet: Sheet, words: Words) -> str:
    """Return the stock that the stops need together."""
    if not sheet.load:
        return words("nothing_to_load")
    return words.join([_item(item, words) for item in sheet.load])


def _item(item: Item, words: Words) -> str:
    held = words("on_vehicle", quantity=f"{item.held:g}")
    return f"{item.needed:g} {words.name('stock', item.what)} ({held})"


def stop_heading(stop: Stop, words: Words) -> str:
    """Return class, kind and order number of a stop; of a service also what for."""
    card = stop.card
    what = words.name("kind", card.kind)
    if card.kind == "service":
        what = words.labelled(what, words.name("title", card.title))
    return f"{card.class_}  {what}  {words('order')} {card.order}"


def notice_text(sheet: Sheet, words: Words) -> str:
    """Return what of the case is not real, in this language where the text is in both."""
    text = (sheet.synthetic or "").strip()
    both = IN_BOTH.fullmatch(text)
    return both["chinese" if words.lang == "zh" else "english"] if both else text


def stop_times(sheet: Sheet, stop: Stop, words: Words) -> str:
    """Return the three times of a visit."""
    times = (("arrive", stop.arrive), ("start", stop.start), ("finish", stop.finish))
    return "   ".join(f"{words(key)} {clock(sheet, moment)}" for key, moment in times)


def stop_lines(sheet: Sheet, stop: Stop, words: Words) -> list[Line]:
    """Return all that a crew is told about a stop; what is dangerous comes first, of what is done little."""
    hazard = stop.card.hazard_in(words.lang)
    said: list[Fact] = [("reported", _reported(sheet, stop, words), "strong")]
    if stop.reported.ended:
        return _labelled([*said, *_where(stop, words)], words)
    danger: list[Fact] = [("hazard", hazard, "alarm")]
    return _labelled([*danger, *said, *_where(stop, words), *_facts(sheet, stop, words)], words)


def _labelled(facts: Iterable[Fact], words: Words) -> list[Line]:
    return [Line(label=words(key), text=text, weight=weight) for key, text, weight in facts if text]


def _where(stop: Stop, words: Words) -> Iterator[Fact]:
    """Yield what is worked on, and where."""
    yield (
        "failed" if stop.card.kind in LOOKED_FOR else "worked_on",
        subject_text(stop.brief, words),
        "strong",
    )
    yield "address", stop.card.address, "strong"
    yield "only_look", look_text(stop, words), "strong"


def look_text(stop: Stop, words: Words) -> str | None:
    """What a crew is to see that is sent only to look, and what that saves."""
    card = stop.card
    return words("only_look_text", place=card.place, saves=f"{card.saves:,}") if card.is_look else None


def _facts(sheet: Sheet, stop: Stop, words: Words) -> Iterator[Fact]:
    """Yield the rest, in the order in which a crew asks for it."""
    card = stop.card
    late: Weight = "strong" if any(due.late_min for due in stop.dues) else "plain"
    stock = [f"{card.stock[what]:g} {words.name('stock', what)}" for what in sorted(card.stock)]
    yield "customer", _customer(stop, words), "plain"
    yield "grade", words.name("grade", card.grade) if card.grade and not card.customer else None, "plain"
    yield "access", card.access, "strong"
    yield "customers_out", _customers_out(sheet, stop, words), "plain"
    yield "important", important_text(card, words), "plain"
    yield "look", where_text(stop.brief, words), "plain"
    yield "one_line", line_text(stop.brief, words), "plain"
    yield "said", _said(stop, words), "plain"
    yield "promise", words.join([_due(sheet, due, words) for due in stop.dues]), late
    yield "etr", _etr(sheet, stop), "plain"
    yield "skills", names(words, "skill", sorted(card.skills)), "plain"
    yield "stock", words.join(stock), "plain"
    yield "before_work", safety_text(card, words), "strong"
    yield "before", following_text(sheet, stop.brief.before, words), "plain"
    yield "after", following_text(sheet, stop.brief.after, words), "plain"
    yield "drive", drive_text(stop.leg, words) if not card.remote else None, "plain"


def _reported(sheet: Sheet, stop: Stop, words: Words) -> str | None:
    """Return what the crew has reported of a stop, and when."""
    state, at = stop.reported.state, stop.reported.at
    if state is None:
        return None
    return f"{words.name('state', state)} {clock(sheet, at)}" if at else words.name("state", state)


def signed_text(stop: Stop, words: Words) -> str:
    """Return the line for the ticket and the two names; the number stands there where one is given out."""
    numbers = words.join(list(stop.reported.tickets))
    return words("signed_for", number=numbers) if numbers else words("signed")


def _customer(stop: Stop, words: Words) -> str:
    card = stop.card
    parts = [part for part in (card.customer_name, card.customer, card.phone) if part]
    if card.grade and card.customer:
        parts.append(words.name("grade", card.grade))
    return words.join(parts)


def _said(stop: Stop, words: Words) -> str:
    said = [said_text(each, words) for each in stop.brief.said]
    left = len(dict.fromkeys(stop.card.words)) - len(said)
    return " / ".join([*said, words("more", count=left)] if left > 0 else said)


def _customers_out(sheet: Sheet, stop: Stop, words: Words) -> str | None:
    if stop.outage is None:
        return f"{stop.card.customers_out:,}" if stop.card.customers_out else None
    count = stop.card.customers_out or stop.outage.customers_out
    since = words("out_since", count=f"{count:,}", time=clock(sheet, stop.outage.since))
    return words("calls", count=since, calls=stop.brief.calls) if stop.brief.calls > 1 else since


def _due(sheet: Sheet, due: Due, words: Words) -> str:
    text = words(f"promise.{due.promise.what}", due=clock(sheet, due.promise.due))
    return f"{text} ({words('late', time=lasting(due.late_min * 60, words))})" if due.late_min else text


def _etr(sheet: Sheet, stop: Stop) -> str | None:
    if stop.etr is None or stop.etr.median is None:
        return None
    late = f" – {clock(sheet, stop.etr.p90)}" if stop.etr.p90 else ""
    return f"{clock(sheet, stop.etr.median)}{late}"


def drive_text(leg: Leg, words: Words) -> str:
    """Return how long and over which streets a crew drives to a stop."""
    if leg.drive_s == 0 and leg.length_m == 0:
        return words("same_place")
    text = words("and", one=lasting(leg.drive_s, words), other=f"{leg.length_m / 1000:.1f} km")
    if not leg.via:
        return text
    return words("and", one=text, other=words("via", streets=words.join(list(leg.via))))


def rest_text(sheet: Sheet, rest: RestStop, words: Words) -> str:
    """Return when a break is and how long."""
    return words("rest_text", start=clock(sheet, rest.start), minutes=rest.minutes)


def ticks(actions: tuple[SwitchAction, ...], words: Words) -> list[Tick]:
    """Return the steps of a switching list in order."""
    found = []
    for number, action in enumerate(actions, 1):
        who = words("by_operator") if action.remote else words("on_site_switch")
        name = f"{action.device}, {action.name}" if action.name != action.device else action.device
        found.append(Tick(number=number, verb=words(action.action), text=f"{name} ({who})"))
    return found


def names(words: Words, group: str, items: list[str]) -> str:
    """Return names of skills or stock in one line."""
    return words.join([words.name(group, item) for item in items])


def lasting(duration_s: float, words: Words) -> str:
    """Return a length of time as ``12 min`` or ``1 h 05``."""
    minutes = round(duration_s / 60)
    if minutes < 60:
        return words("minutes", minutes=minutes)
    return words("hours", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def place_uri(lon: float, lat: float) -> str:
    """Return a link that opens a phone's own map (RFC 5870)."""
    return f"geo:{lat:.6f},{lon:.6f}"


def stop_uri(link: str | None, stop: Stop) -> str | None:
    """Return the address that opens a stop on the crew's phone; None without the page's address."""
    if not link or "/phone" not in link:
        return None
    return f"{link.partition('/phone')[0]}/phone#stop={quote(stop.card.order)}"


def letters(sheet: Sheet, words: Words) -> str:
    """Return everything that a sheet says, for choosing a font."""
    parts = [title(sheet, words), subtitle(sheet, words), notice_text(sheet, words), *sheet.attribution]
    parts += [line.label + line.text for line in header_lines(sheet, words)]
    for stop in sheet.stops:
        parts.append(stop_heading(stop, words))
        parts += [line.label + line.text for line in stop_lines(sheet, stop, words)]
        parts += [tick.verb + tick.text for tick in ticks(stop.card.switching, words)]
    return "".join(parts) + words.every_word
