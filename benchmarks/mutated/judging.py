"""What came of an input: read, refused, or what should never be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .seed import Seed

FINE = frozenset({0, 1, 2})
NEVER = ("Traceback (most recent call last)", ": unexpected ", "This is a bug")


def judged(seed: Seed, told: Mapping[str, Any], rows: int | None) -> str:
    """What came of an input: `read`, `refused`, or, in capitals, what should never be."""
    status, text = told["status"], told["out"] + told["err"]
    if status in ("hang", "died"):
        return str(status).upper()
    if status not in FINE or any(each in text for each in NEVER):
        return f"UNEXPECTED {_last(told['err'])}"
    if status:
        return "refused" if text.strip() else "NO SENTENCE"
    return _counted(seed, told["facts"], rows) if told["facts"] else "read"


def _last(text: str) -> str:
    lines = (
        [line for line in text.strip().splitlines() if ": unexpected" in line]
        or text.strip().splitlines()
        or [""]
    )
    return lines[-1][:200]


def _counted(seed: Seed, facts: Mapping[str, Any], rows: int | None) -> str:  # noqa: PLR0911 - an answer each
    """Whether every row is accounted for, by a count of our own."""
    stem = seed.hit.split(".")[0]
    if facts["odd"]:
        return f"ACCEPTED {'; '.join(facts['odd'])}"
    found = next((each for each in facts["files"] if each["file"].split(".")[0] == stem), None)
    if found is None:
        return "NO REPORT"
    if not found["said"]:
        return "SET ASIDE WITHOUT A REASON"
    left_out = sum(
        count for what, count in found["repairs"].items() if "left out" in what and "above" not in what
    )
    if rows is not None and found["read"] + left_out != rows:
        return f"LOST ROWS: {rows} in the table, {found['read']} read and {left_out} left out"
    if found["used"] + found["aside"] != found["read"]:
        return "COUNTS DO NOT ADD UP"
    held = facts["held"][stem]
    if held != found["used"] and stem not in ("crews", "roster"):
        return f"LOST ROWS: {found['used']} used by the report, {held} in the case"
    if "left" in facts and facts["left"] != found["aside"]:
        return f"LOST ROWS: {found['aside']} set aside by the report, {facts['left']} in their file"
    return "read"
