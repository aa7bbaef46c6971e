"""From rows of `beliefs` to what a utility believes of its lines and callers."""

from __future__ import annotations

from collections.abc import Mapping

from ..ground.beliefs import RANGES, Beliefs
from .cells import Parsed
from .gathering import Gathering


def beliefs_of(parsed: Parsed, faults: Gathering) -> Beliefs | None:
    """The beliefs of a file; what it does not name is as the program has it. None with faults."""
    found: dict[str, float] = {}
    before = len(faults.faults)
    for row, record in zip(parsed.rows.tolist(), parsed.records(), strict=True):
        name, value = record["name"], record["value"]
        if not isinstance(name, str) or not isinstance(value, float) or name not in RANGES:
            continue
        text = _wrong(name, value, found)
        if text:
            faults.add(parsed.file, f"row {row}, column '{'name' if name in found else 'value'}'", text)
        found.setdefault(name, value)
    if len(faults.faults) > before:
        return None
    made = Beliefs(**found)
    if made.slow_delay_min < made.quick_delay_min:
        text = f"is {made.slow_delay_min:g}; expected at least quick_delay_min, {made.quick_delay_min:g}"
        faults.add(parsed.file, "slow_delay_min", text)
        return None
    return made


def _wrong(name: str, value: float, found: Mapping[str, float]) -> str:
    if name in found:
        return f"'{name}' stands in an earlier row too; keep one"
    least, most = RANGES[name]
    return "" if least <= value <= most else f"is {value:g}; expected {name} from {least:g} to {most:g}"
