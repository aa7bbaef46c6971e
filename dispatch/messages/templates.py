"""The words of messages: one YAML file per language, which a utility may replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ..errors import Fault, InputFaults, nearest

FOLDER = Path(__file__).parent / "templates"
# What each message may say; a template that names another place is a fault when it is loaded.
PLACES: Mapping[str, frozenset[str]] = {
    "received": frozenset({"request", "time"}),
    "etr": frozenset({"address", "since", "until"}),
    "changed": frozenset({"address", "until", "before"}),
    "restored": frozenset({"address", "time"}),
    "callback": frozenset({"request", "time"}),
    "planned": frozenset({"date", "address", "from", "to", "reason", "given"}),
    "promise": frozenset({"order", "class", "grade", "due", "what", "planned"}),
}


@dataclass(frozen=True, slots=True)
class Templates:
    """Subject and text of every kind of message, in one language."""

    language: str
    texts: Mapping[str, tuple[str, str]]

    def write(self, kind: str, **values: object) -> tuple[str, str]:
        """Return subject and text with their places filled."""
        subject, text = self.texts[kind]
        return subject.format(**values), text.format(**values)


def load_templates(language: str, folder: Path = FOLDER) -> Templates:
    """Read the templates of a language; Chinese for any `zh`, English for what there is no file for.

    Raises
    ------
    InputFaults
        A kind is missing or unknown, a place is unknown, or the file is not YAML.
    """
    short = language.split("-", maxsplit=1)[0].lower()
    path = folder / f"{short}.yaml"
    if not path.is_file():
        path = folder / "en.yaml"
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise InputFaults([Fault(file=path.name, place="", text=f"is not YAML: {error}")]) from error
    given = raw if isinstance(raw, dict) else {}
    faults = list(_faults(given, path.name))
    if faults:
        raise InputFaults(faults)
    return Templates(path.stem, {kind: (each["subject"], each["text"]) for kind, each in given.items()})


def _faults(given: Mapping[str, object], file: str) -> list[Fault]:
    faults = [Fault(file=file, place=kind, text="is missing") for kind in PLACES if kind not in given]
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
        used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        return [Fault(file=file, place=place, text=f"braces do not match: {error}")]
    return [
        Fault(file=file, place=place, text=f"unknown place {{{name}}}{nearest(name, places)}")
        for name in sorted(used - places)
    ]
