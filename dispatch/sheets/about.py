"""What a stop is about, in the words of a sheet: the device, where to look, who waits, what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from ..briefing import Briefing, EdgeDevice, Element, Following, Said, Suspected
from ..briefing.safety import safety_steps
from ..ground.day import JobCard
from .moments import clock
from .sheet import Sheet
from .words import Words


def element_text(element: Element, words: Words, *, named: bool = False) -> str:
    """Return kind and number as painted on the pole; with the name where it helps to find it."""
    text = f"{words.name('element', element.kind)} {element.id}"
    return f"{text} ({element.name})" if named and element.name else text


def subject_text(brief: Briefing, words: Words) -> str | None:
    """Return what has failed or is worked on, and where in the grid it lies."""
    if brief.element is None:
        return None
    first = element_text(brief.element, words, named=True)
    parts = [first if brief.found else words("not_found", what=first)]
    if brief.fed_by:
        parts.append(words("fed_by", what=element_text(brief.fed_by, words, named=True)))
    if brief.opened:
        parts.append(words("behind", what=element_text(brief.opened, words)))
    if brief.feeder:
        parts.append(words("feeder", what=brief.feeder.name or brief.feeder.id))
    if brief.section:
        parts.append(words("section", id=brief.section))
    return words.join(parts)


def where_text(brief: Briefing, words: Words) -> str | None:
    """Return where to look, in the order of the walk, with the chance of each place."""
    if len(brief.suspected) < 2:
        return None
    gap = "；" if words.lang == "zh" else "; "
    return gap.join(_stretch(each, words) for each in brief.suspected)


def _stretch(each: Suspected, words: Words) -> str:
    run = f"{each.first.id}–{each.last}" if each.last else element_text(each.first, words)
    length = f"{each.length_m:.0f} {words('metres')}" if each.length_m else ""
    place = words.join([part for part in (each.street, length, run) if part])
    return words("stretch", share=round(each.share * 100), place=place)


def line_text(brief: Briefing, words: Words) -> str | None:
    """Return the section as a single line: what feeds it, what hangs on it, where it stands open."""
    line = brief.line
    if line is None or not (line.edges or line.transformers):
        return None
    hang = [each.id for each in line.transformers]
    if line.count > len(hang):
        hang.append(words("more", count=line.count - len(hang)))
    parts = [
        _edge(line.feed, words) if line.feed else "",
        words.join(hang),
        words.join([_edge(each, words) for each in line.edges]),
    ]
    return " — ".join(part for part in parts if part)


def _edge(each: EdgeDevice, words: Words) -> str:
    state = words("stands_open" if each.open else "stands_closed")
    return words("edge_to" if each.beyond else "edge", id=each.element.id, state=state, feeder=each.beyond)


def said_text(said: Said, words: Words) -> str:
    """Return what a caller said, and after it what it means where it is in another language."""
    meant = said.meant(words.lang)
    return words("meaning", words=said.words, meant=meant) if meant else said.words


def safety_text(card: JobCard, words: Words) -> str | None:
    """Return the safety steps with a box before each; switching has a list of its own."""
    steps = [step for step in safety_steps(card) if not step.device]
    if not steps:
        return None
    return "   ".join(f"[  ] {words.name('safety', step.kind)}" for step in steps)


def important_text(card: JobCard, words: Words) -> str | None:
    """Return important customers by name, with how to get in."""
    told = [
        " ".join(part for part in (each.name, f"({words.name('grade', each.grade)})", each.access) if part)
        for each in card.important
        if each.name
    ]
    return words.join(told) or None


def following_text(sheet: Sheet, steps: Sequence[Following], words: Words) -> str | None:
    """Return who does what before or after this stop."""
    gap = "；" if words.lang == "zh" else "; "
    return gap.join(_step(sheet, each, words) for each in steps) or None


def _step(sheet: Sheet, each: Following, words: Words) -> str:
    what = words.name("kind", each.what)
    what = f"{what} {each.element.id}" if each.element else what
    who = words("operator") if each.remote else each.crew or words("nobody")
    if each.at is None:
        return words("step", what=what, who=who)
    return words("step_at", what=what, who=who, time=clock(sheet, each.at))
