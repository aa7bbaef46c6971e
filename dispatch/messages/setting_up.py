"""A teller for a running day, out of a utility's folder of messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ..ground.errors import DispatchError, Fault, InputFaults
from ..live import Desk
from .contacts import load_contacts
from .house import load_house
from .telling import Teller
from .templates import load_templates

Read = TypeVar("Read")


def teller_for(
    desk: Desk,
    folder: Path | None = None,
    *,
    supervisors: Sequence[str] = (),
    reply: Callable[[str], str] | None = None,
) -> Teller:
    """Put together who is told what.

    Parameters
    ----------
    folder : holds `en.yaml`, `zh.yaml` (words that replace the built-in ones) and `contacts.yaml`,
        each if the utility wants it.
    supervisors : addresses beside those of `contacts.yaml`.
    reply : makes the link by which a caller answers whether supply is back.

    Raises
    ------
    InputFaults
        With every fault of the folder's files.
    DispatchError
        There is no such folder.
    """
    if folder is not None and not folder.is_dir():
        raise DispatchError(f"{folder}: is no folder of messages")
    faults: list[Fault] = []
    templates = _read(lambda: load_templates(desk.case.settings.language, folder), faults)
    languages = _read(lambda: {each: load_templates(each, folder) for each in ("en", "zh")}, faults)
    house = _read(lambda: load_house(folder), faults)
    contacts = _read(lambda: load_contacts(folder) if folder is not None else {}, faults)
    if faults or templates is None or languages is None or contacts is None:
        raise InputFaults(faults)
    mine = (*contacts.get("supervisor", ()), *supervisors)
    contacts = {**contacts, "supervisor": tuple(dict.fromkeys(mine))}
    return Teller(
        desk.case,
        templates,
        desk.plan,
        desk.day,
        contacts=contacts,
        reply=reply,
        case_now=desk.case_under,
        languages=languages,
        house=house,
    )


def _read(load: Callable[[], Read], faults: list[Fault]) -> Read | None:
    """What a file of the folder holds, or its faults beside those of the others, each once."""
    try:
        return load()
    except InputFaults as error:
        faults += [each for each in error.faults if each not in faults]
        return None
