"""What is wrong with what somebody sent, in sentences of the reader's language: no library's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from flask import g
from pydantic import BaseModel, ValidationError

from dispatch.ground.errors import Fault, nearest
from dispatch.intake.telling import fault_told

from .language import current_language, translate, word

# By the checker's own name of a finding: the sentence, and what of its context the sentence names.
SENTENCES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "missing": ("missing", ()),
    "extra_forbidden": ("unknown", ()),
    "none_required": ("must_be_null", ()),
    "string_too_long": ("too_long", ("max_length",)),
    "string_pattern_mismatch": ("pattern", ("pattern",)),
    "literal_error": ("one_of", ("expected",)),
    "enum": ("one_of", ("expected",)),
    "greater_than": ("greater_than", ("gt",)),
    "greater_than_equal": ("at_least", ("ge",)),
    "less_than": ("less_than", ("lt",)),
    "less_than_equal": ("at_most", ("le",)),
    "multiple_of": ("multiple_of", ("multiple_of",)),
    "too_long": ("too_many", ("max_length",)),
    "too_short": ("too_few", ("min_length",)),
    "finite_number": ("number", ()),
    "timezone_aware": ("offset", ()),
    "out_of_time": ("out_of_time", ("earliest", "latest")),
    "seen_missing": ("seen_missing", ()),
}
# The number of a row or an item; whatever is longer is a name that somebody made up.
PLACE = re.compile(r"[0-9]{1,9}")
# Findings whose names begin alike are one fault for a reader.
KINDS = (
    ("string", "text"),
    ("int", "whole_number"),
    ("float", "number"),
    ("decimal", "number"),
    ("bool", "yes_or_no"),
    ("datetime", "moment"),
    ("date", "day"),
    ("time_delta", "number"),
    ("time", "moment"),
    ("list", "list"),
    ("tuple", "list"),
    ("set", "list"),
    ("dict", "object"),
    ("model", "object"),
    ("mapping", "object"),
)
OTHER = "other"
OWN_WORDS = "Value error, "
MOST_SHOWN = 80
# Nobody reads more, and a body of a hundred thousand unknown names would keep the server busy for minutes.
MOST_FAULTS = 200
# What a page sent: the names of its fields are shown as the page shows them.
OF_PAGES = frozenset({"body", "query", "request"})


def faults_of(error: ValidationError, model: type[BaseModel], file: str = "body") -> list[Fault]:
    """The findings as faults in the reader's language; of very many the first, and how many more."""
    found = [_fault(each, model, file) for each in islice(_findings(error), MOST_FAULTS)]
    more = error.error_count() - MOST_FAULTS
    return found if more <= 0 else [*found, Fault(file=file, place="", text=translate("error.more", n=more))]


def sentence(finding: Mapping[str, Any]) -> str:
    """One finding as a sentence."""
    type_, context = str(finding["type"]), finding.get("ctx") or {}
    if type_ == "string_too_short":
        least = context.get("min_length", 1)
        return translate("input.empty") if least <= 1 else translate("input.too_short", n=least)
    if type_ in SENTENCES:
        key, names = SENTENCES[type_]
        return translate(
            f"input.{key}", **{"n" if len(names) == 1 else name: context[name] for name in names}
        )
    if type_ == "value_error":
        return str(finding["msg"]).removeprefix(OWN_WORDS)
    return translate(f"input.{next((key for start, key in KINDS if type_.startswith(start)), OTHER)}")


def shown(fault: Fault) -> str:
    """A fault as its reader knows the place: programs by the API's names, people by those of the page."""
    if fault.file not in OF_PAGES or g.get("by_token"):
        return str(fault_told(fault, current_language()))
    parts = [label(part) for part in fault.place.split(".") if part]
    return f"{' · '.join(parts)}: {fault.text}" if parts else fault.text


def label(name: str) -> str:
    """The name of a field as a page shows it; a number counts from one, as people do."""
    return str(int(name) + 1) if PLACE.fullmatch(name) else word(current_language(), "field", name)


def _findings(error: ValidationError, loc: tuple[Any, ...] = ()) -> Iterator[Mapping[str, Any]]:
    """All findings; those of a part that is checked by a model of its own stand at their own place."""
    for each in error.errors():
        inner = (each.get("ctx") or {}).get("error")
        at = (*loc, *each["loc"])
        if isinstance(inner, ValidationError):
            yield from _findings(inner, at)
        else:
            yield {**each, "loc": at}


def _fault(finding: Mapping[str, Any], model: type[BaseModel], file: str) -> Fault:
    place = ".".join(str(part) for part in finding["loc"])
    text = sentence(finding)
    value = finding.get("input")
    if isinstance(value, str | int | float | datetime) and value != "":
        text += translate("input.given", value=str(value)[:MOST_SHOWN])
    near = nearest(place, model.model_fields) if finding["type"] == "extra_forbidden" else ""
    if near:
        text += translate("input.near", name=near.split("'")[1])
    return Fault(file=file, place=place, text=text)
