"""What a planner should know of the words that rules were asked about, a sentence each."""

from __future__ import annotations

from collections.abc import Iterable

from rules.language.vocabulary_words import UnknownWord, unknown_words

from ..ground.case import Case
from ..ground.day import WorkOrder
from .orders import CUSTOMER_FACTS, ClassifiedRequest

MOST_NAMED, MOST_SIGNS, MOST_WORDS = 3, 40, 20


def vocabulary_warnings(case: Case) -> tuple[str, ...]:
    """Words of the customers' table that no rule knows, with how often they occur and what may be meant."""
    table = case.customers.table
    found = []
    for name in CUSTOMER_FACTS:
        fact = case.policy.facts[name]
        if fact.open and name in table:
            counts = {str(word): int(count) for word, count in table[name].dropna().value_counts().items()}
            found += [_unknown_word(name, each) for each in unknown_words(name, fact.values, counts)]
    more = len(found) - MOST_WORDS
    return (*found[:MOST_WORDS], *((f"and {more} more unknown words",) if more > 0 else ()))


def _unknown_word(column: str, unknown: UnknownWord) -> str:
    near = f"; is {' or '.join(unknown.nearest)} meant?" if unknown.nearest else ""
    of = "1 customer" if unknown.count == 1 else f"{unknown.count:,} customers"
    return (
        f"customers: {column} '{short(unknown.word)}' of {of} is no known word, so that no rule sees it{near}"
    )


def unclassified_warnings(calls: Iterable[ClassifiedRequest]) -> tuple[str, ...]:
    """How many calls wait for a person to say what kind they are, with the first of their words."""
    waiting = [call for call in calls if call.unclassified]
    if not waiting:
        return ()
    named = ", ".join(f"{call.request.id} ({short(call.request.words)!r})" for call in waiting[:MOST_NAMED])
    more = f" and {len(waiting) - MOST_NAMED} more" if len(waiting) > MOST_NAMED else ""
    what = "1 call is" if len(waiting) == 1 else f"{len(waiting)} calls are"
    return (f"{what} unclassified: the words leave doubt; give a kind to {named}{more}",)


def short(words: str) -> str:
    """The beginning of a caller's words."""
    return words if len(words) <= MOST_SIGNS else words[: MOST_SIGNS - 1] + "…"


def calendar_warnings(case: Case, orders: Iterable[WorkOrder]) -> tuple[str, ...]:
    """What to say of answers promised into years of which the policy's calendar has no public holidays."""
    days = {promise.due.date() for order in orders for promise in order.promises if promise.what == "answer"}
    texts = (case.policy.calendar.without_year(day) for day in sorted(days))
    return tuple(dict.fromkeys(text for text in texts if text))
