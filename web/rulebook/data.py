"""The policy in force as tables to read, and one's own facts as it takes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dispatch.ground.errors import Fault, InputFaults, nearest
from dispatch.rulebook.policies import Policy, cell_in

Data = dict[str, Any]
YES_NO = {"yes": True, "no": False}


def own(language: str) -> str:
    """The policy's code for a language of the screens."""
    return "zh" if language.startswith("zh") else "en"


def stages(policy: Policy, language: str) -> list[Data]:
    """Return every stage with its tables in the order in which they run."""
    code = own(language)
    return [
        {"name": name, "tables": [_table(policy, table, code) for table in tables]}
        for name, tables in policy.tables.items()
    ]


def sources(policy: Policy, language: str) -> list[Data]:
    """Return what the policy's figures are based on."""
    code = own(language)
    return [
        {"key": each.key, "title": each.label(code), "url": each.url, "mark": each.mark}
        for each in policy.sources.values()
    ]


def _table(policy: Any, table: Any, code: str) -> Data:
    rows = list(table.every_row())
    asked = _names(condition.fact.name for row in rows for condition in row.conditions)
    free = any(row.expression is not None for row in rows)
    return {
        "name": table.name,
        "title": table.label(code),
        "hit": table.hit,
        "note": table.note_in(code),
        "source": _source(policy, table.source, code),
        "asked": [_heading(policy, name, code) for name in asked],
        "free": free,
        "sets": [_heading(policy, name, code) for name in table.sets],
        "rows": [_row(policy, row, asked, table.sets, code) for row in rows],
    }


def _row(policy: Any, row: Any, asked: list[str], sets: Iterable[str], code: str) -> Data:
    conditions = {each.fact.name: cell_in(each.text, each.fact, code) for each in row.conditions}
    settings = {setting.fact.name: setting for setting in row.settings}
    own_sources = _names(setting.source for setting in row.settings if setting.source)
    return {
        "number": row.number,
        "place": row.place,
        "asked": [conditions.get(name, "") for name in asked],
        "free": row.expression.source if row.expression is not None else "",
        "sets": [_set(settings.get(name), code) for name in sets],
        "note": row.note_in(code),
        "sources": [_source(policy, key, code) for key in (own_sources or _names([row.source])) if key],
    }


def _set(setting: Any, code: str) -> str:
    return "" if setting is None else cell_in(setting.text, setting.fact, code)


def _heading(policy: Any, name: str, code: str) -> Data:
    fact = policy.facts[name]
    return {"name": name, "label": fact.label(code), "unit": fact.unit, "meaning": fact.meaning}


def _source(policy: Any, key: str | None, code: str) -> Data | None:
    source = policy.source_of(key)
    return None if source is None else {"key": source.key, "title": source.label(code), "mark": source.mark}


def _names(names: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(name) for name in names if name))


def facts_to_try(policy: Policy, language: str) -> dict[str, list[Data]]:
    """Return, per stage, the facts that somebody may give, with what each allows."""
    code = own(language)
    return {
        stage: [_field(policy.facts[name], code) for name in _in_order(policy, stage)]
        for stage in policy.stages
    }


def _in_order(policy: Any, stage: str) -> list[str]:
    """Given facts of a stage as its tables first ask for them, then the rest by name."""
    given = policy.given[stage]
    asked = _names(name for table in policy.tables[stage] for name in table.reads if name in given)
    return [*asked, *sorted(given - set(asked))]


def _field(fact: Any, code: str) -> Data:
    return {
        "name": fact.name,
        "label": fact.label(code),
        "type": fact.type,
        "unit": fact.unit,
        "values": [] if fact.open else list(fact.values),
        "known": list(fact.values),
        "low": fact.low,
        "high": fact.high,
        "meaning": fact.meaning,
    }


def tried(policy: Policy, stage: Any, given: Any) -> Data:
    """Put facts as a person typed them through one stage of the policy; nothing is kept.

    Raises
    ------
    InputFaults
        With every fault: an unknown stage or fact, a value that the fact does not allow.
    """
    if stage not in policy.stages:
        text = f"unknown stage {stage!r}{nearest(str(stage), policy.stages)}"
        raise InputFaults([Fault(file="request", place="stage", text=text)])
    if not isinstance(given, Mapping):
        raise InputFaults([Fault(file="request", place="facts", text="must be facts by name")])
    decision = policy.decide(str(stage), read_facts(policy, str(stage), given))
    return {"outcome": _plain(decision.outcome), "trace": decision.trace.to_dict()}


def read_facts(policy: Policy, stage: str, given: Mapping[str, Any]) -> Data:
    """Return facts with the types that the policy gives them; empty ones are left out.

    Raises
    ------
    InputFaults
        With every fault.
    """
    known = policy.given[stage]
    facts: Data = {}
    faults = []
    for name, value in given.items():
        text = str(value).strip() if value is not None else ""
        if name not in known:
            faults.append(Fault(file="request", place=name, text=f"unknown fact{nearest(name, known)}"))
        elif text:
            try:
                facts[name] = _value(policy.facts[name], text)
            except ValueError as error:
                faults.append(Fault(file="request", place=name, text=f"{text!r}: {error}"))
    if faults:
        raise InputFaults(faults)
    return facts


def _value(fact: Any, text: str) -> Any:
    match fact.type:
        case "number" | "integer":
            return _number(fact, text)
        case "yes/no":
            if text not in YES_NO:
                raise ValueError("must be yes or no")
            return YES_NO[text]
        case "list":
            return tuple(_choice(fact, part.strip()) for part in text.split(",") if part.strip())
        case "choice":
            return _choice(fact, text)
        case "text":
            return text
    raise ValueError(f"{fact.type} cannot be typed in")


def _number(fact: Any, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("must be a number") from None
    if not math.isfinite(number):
        raise ValueError("must be a number")
    if fact.type == "integer" and not number.is_integer():
        raise ValueError("must be a whole number")
    if (fact.low is not None and number < fact.low) or (fact.high is not None and number > fact.high):
        low = "" if fact.low is None else f" >= {fact.low:g}"
        high = "" if fact.high is None else f" <= {fact.high:g}"
        raise ValueError(f"must be{low}{' and' if low and high else ''}{high}")
    return number


def _choice(fact: Any, text: str) -> str:
    if fact.values and not fact.open and text not in fact.values:
        raise ValueError(f"must be one of {', '.join(fact.values)}")
    return text


def _plain(outcome: Mapping[str, Any]) -> Data:
    return {
        name: list(value)
        if isinstance(value, tuple | frozenset)
        else getattr(value, "item", lambda v=value: v)()
        for name, value in outcome.items()
    }
