"""The vocabulary as a page: `docs/rules-facts.md` is what this prints."""

from __future__ import annotations

from .facts import Fact, range_text
from .units import UNITS
from .vocabulary import GIVEN, OUTCOMES, REQUIRED, STAGES, VOCABULARY


def facts_document() -> str:
    """The page of facts in Markdown: what each stage is given and decides, and every fact."""
    lines = [
        "# Facts",
        "",
        "Every name that a policy may use. This page is printed by `gridcrew rules facts --markdown`;",
        "a policy can declare facts of its own under `facts:` (see [rules.md](rules.md)).",
        "",
        "## Stages",
        "",
        "| stage | is given | decides (**must be set**) |",
        "|---|---|---|",
    ]
    for stage in STAGES:
        outcomes = [f"**{n}**" if n in REQUIRED[stage] else n for n in OUTCOMES[stage]]
        lines.append(f"| {stage} | {', '.join(GIVEN[stage])} | {', '.join(outcomes)} |")
    lines += [
        "",
        "## All facts",
        "",
        "| fact | English | 中文 | type | unit | values | meaning |",
        "|" + "---|" * 7,
    ]
    lines.extend(_line(fact) for fact in VOCABULARY.values())
    kinds: dict[str, list[str]] = {}
    for unit, (kind, _) in UNITS.items():
        kinds.setdefault(kind, []).append(f"`{unit}`")
    lines += [
        "",
        "## Units",
        "",
        "A figure may carry a unit of the same kind as its fact's: `3 h` for minutes.",
        "",
    ]
    lines.extend(f"- {kind}: {', '.join(units)}" for kind, units in kinds.items())
    return "\n".join(lines) + "\n"


def _line(fact: Fact) -> str:
    values = ", ".join(fact.values)
    if fact.is_number:
        values = range_text(fact)
    elif fact.open:
        values += " (data may hold other words)"
    cells = (f"`{fact.name}`", fact.en, fact.zh, fact.type, fact.unit or "", values, fact.meaning)
    return f"| {' | '.join(cells)} |"
