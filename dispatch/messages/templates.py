"""The words of messages: one YAML file per language, which a utility may replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..ground.errors import Fault, InputFaults, nearest

FOLDER = Path(__file__).parent / "templates"
# What each message may say; a template that names another place is a fault when it is loaded.
PLACES: Mapping[str, frozenset[str]] = {
    "received": frozenset({"request", "time"}),
    "received_hazard": frozenset({"request", "time"}),
    "received_work": frozenset({"request", "time"}),
    "received_complaint": frozenset({"request", "time"}),
    "received_enquiry": frozenset({"request", "time"}),
    "received_unclear": frozenset({"request", "time"}),
    "etr": frozenset({"address", "since", "until"}),
    "changed": frozenset({"address", "until", "before"}),
    "restored": frozenset({"address", "time"}),
    "crew": frozenset({"request", "time"}),
    "cancelled": frozenset({"request", "time"}),
    "complaint_answered": frozenset({"request", "answer"}),
    "appointment_agreed": frozenset({"request", "date", "from", "to"}),
    "appointment_reminder": frozenset({"request", "date", "from", "to"}),
    "appointment_missed": frozenset({"request", "date", "from", "to"}),
    "appointment_cancelled": frozenset({"request", "date", "from", "to"}),
    "visit_tomorrow": frozenset({"date", "what", "number"}),
    "visit_moved": frozenset({"date", "to", "what", "number", "why"}),
    "visit_off": frozenset({"date", "what", "number", "why"}),
    "urged": frozenset({"subject", "way", "said", "until"}),
    "callback": frozenset({"request", "time"}),
    "callback_link": frozenset({"request", "time", "link"}),
    "planned": frozenset({"date", "address", "from", "to", "reason", "given", "basis"}),
    "planned_important": frozenset({"date", "address", "name", "from", "to", "reason", "given", "basis"}),
    "planned_cancelled": frozenset({"address", "from", "reason"}),
    "outage_proposal": frozenset({"number", "times", "reason", "until"}),
    "shedding": frozenset({"address", "turns"}),
    "shedding_cancelled": frozenset({"address", "number"}),
    "planned_team": frozenset({"date", "customers", "grade", "from", "to", "reason", "places"}),
    "promise": frozenset({"order", "class", "grade", "due", "what", "planned"}),
    "alert": frozenset({"order", "class", "grade", "address", "customers", "since", "said"}),
    "escalated": frozenset({"order", "kind", "class", "grade", "since", "after", "role", "said"}),
    "repeated": frozenset({"request", "customer", "calls", "time", "said"}),
    "route_unread": frozenset({"crew", "time", "stops", "next"}),
}


@dataclass(frozen=True, slots=True)
class Templates:
    """Subject and text of every kind of message, in one language."""

    language: str
    texts: Mapping[str, tuple[str, str]]

    def write(self, kind: str, /, **values: object) -> tuple[str, str]:
        """Return subject and text with their places filled."""
        subject, text = self.texts[kind]
        return subject.format(**values), text.format(**values)


def load_templates(language: str, own: Path | None = None) -> Templates:
    """Read the templates of a language; Chinese for any `zh`, English for what there is no file for.

    Parameters
    ----------
    own : a utility's folder; what its file of that language holds replaces the built-in words, kind by kind.

    Raises
    ------
    InputFaults
        A kind is missing or unknown, a place is unknown, or the file is not YAML.
    """
    short = language.split("-", maxsplit=1)[0].lower()
    short = short if (FOLDER / f"{short}.yaml").is_file() else "en"
    given = _shipped(short)
    faults = [
        Fault(file=f"{short}.yaml", place=kind, text="is missing") for kind in PLACES if kind not in given
    ]
    if own is not None and (own / f"{short}.yaml").is_file():
        replaced = _read(own / f"{short}.yaml")
        faults += _faults(replaced, f"{own.name}/{short}.yaml")
        given = {**given, **replaced}
    else:
        faults += _faults(given, f"{short}.yaml")
    if faults:
        raise InputFaults(faults)
    return Templates(short, {kind: (each["subject"], each["text"]) for kind, each in given.items()})


@cache
def _shipped(short: str) -> dict[str, Any]:
    """The built-in words of a language, read once: a room asks for them in three places."""
    return _read(FOLDER / f"{short}.yaml")


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise InputFaults([Fault(file=path.name, place="", text=f"is not YAML: {error}")]) from error
    return raw if isinstance(raw, dict) else {}


def _faults(given: Mapping[str, object], file: str) -> list[Fault]:
    faults = []
    for kind, each in given.items():
        if kind not in PLACES:
            faults.append(Fault(file=file, place=str(kind), text=f"is unknown{nearest(str(kind), PLACES)}"))
            continue
        for part in ("subject", "text"):
            text = each.get(part) if isinstance(each, dict) else None
            faults += _text_faults(text, PLACES[kind], file, f"{kind}.{part}")
    return faults


def _text_faults(text: object, places: frozenset[str], file: str, place: str) -> list[Fault]:
    if not isinstance(text, str) or not text.strip():
        return [Fault(file=file, place=place, text="is missing or empty")]
    try:
        parts = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        return [Fault(file=file, place=place, text=f"braces do not match: {error}")]
    faults = [
        Fault(file=file, place=place, text=f"unknown place {{{name}}}{nearest(str(name), places)}")
        for name in sorted({str(name) for name, _, _ in parts} - places)
    ]
    if any(spec or how for _, spec, how in parts):
        faults.append(Fault(file=file, place=place, text="a place is a name in braces and nothing else"))
    return faults
