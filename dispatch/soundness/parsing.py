"""Look at every value of an input, and gather every fault with its place."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..ground.errors import Fault, InputFaults, nearest

LARGEST = 10**15

Parse = Callable[[Any, str, "Gatherer"], Any]


@dataclass(slots=True)
class Gatherer:
    """Faults of one file, as they are found."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, place: str, text: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(file=self.file, place=place, text=text))

    def stop_on_faults(self) -> None:
        """Raise all that was found, if anything."""
        if self.faults:
            raise InputFaults(self.faults)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: how its value is read, and whether it may be absent."""

    parse: Parse
    required: bool = False


def shown(value: object) -> str:
    """A value as a message shows it: JSON-like, and short.

    Parameters
    ----------
    value : anything out of a file.

    Returns
    -------
    str
        At most some 60 characters.
    """
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = repr(type(value).__name__)
    return text if len(text) <= 60 else text[:57] + "..."


def whole(low: int | None = None, high: int | None = None) -> Parse:
    """A whole number, at least `low` and at most `high`; ``12.0`` counts as whole.

    Parameters
    ----------
    low, high : smallest and largest value; None for no limit.

    Returns
    -------
    Parse
        Reads one value, noting its faults.
    """

    def parse(value: Any, place: str, faults: Gatherer) -> int | None:
        number = _number(value, place, faults, "a whole number", low)
        if number is None:
            return None
        if number != int(number):
            faults.add(place, f"is {shown(value)}; must be a whole number")
            return None
        if high is not None and number > high:
            faults.add(place, f"is {shown(value)}; must be <= {high}")
            return None
        return int(number)

    return parse


def real(low: float | None = 0, above: float | None = None) -> Parse:
    """A finite number, at least `low` and greater than `above`.

    Parameters
    ----------
    low : smallest value; None for no limit.
    above : the value must be greater.

    Returns
    -------
    Parse
        Reads one value, noting its faults.
    """

    def parse(value: Any, place: str, faults: Gatherer) -> float | None:
        number = _number(value, place, faults, "a number", low)
        if number is not None and above is not None and number <= above:
            faults.add(place, f"is {shown(value)}; must be > {above:g}")
            return None
        return number

    return parse


def _number(value: Any, place: str, faults: Gatherer, kind: str, low: float | None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.add(place, f"is {shown(value)}; must be {kind}")
    elif isinstance(value, float) and not math.isfinite(value):
        faults.add(place, f"is {value}; must be {kind}")
    elif low is not None and value < low:
        faults.add(place, f"is {shown(value)}; must be >= {low:g}")
    elif abs(value) > LARGEST:
        faults.add(place, f"is {shown(value)}; must be within 1e15 of zero")
    else:
        return value
    return None


def text(value: Any, place: str, faults: Gatherer) -> str | None:
    """A string that is not empty.

    Parameters
    ----------
    value : what the file holds.
    place : where, for messages.
    faults : gathers what is wrong.

    Returns
    -------
    str or None
        None where it is faulty.
    """
    if isinstance(value, str) and value:
        return value
    faults.add(place, f"is {shown(value)}; must be a text that is not empty")
    return None


def choice(*names: str) -> Parse:
    """One of some names."""

    def parse(value: Any, place: str, faults: Gatherer) -> str | None:
        if value in names:
            return str(value)
        hint = nearest(value, names) if isinstance(value, str) else ""
        faults.add(place, f"is {shown(value)}; must be one of {', '.join(names)}{hint}")
        return None

    return parse


def listing(item: Parse) -> Parse:
    """A list; faulty items become None.

    Parameters
    ----------
    item : reads one item.

    Returns
    -------
    Parse
        Reads the whole list.
    """

    def parse(value: Any, place: str, faults: Gatherer) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            faults.add(place, f"is {shown(value)}; must be a list")
            return None
        return tuple(item(entry, f"{place}[{at}]", faults) for at, entry in enumerate(value))

    return parse


def names(value: Any, place: str, faults: Gatherer) -> tuple[str, ...] | None:
    """A list of texts, each once.

    Parameters
    ----------
    value : what the file holds.
    place : where, for messages.
    faults : gathers what is wrong.

    Returns
    -------
    tuple or None
        None where it is faulty.
    """
    found: tuple[str, ...] | None = listing(text)(value, place, faults)
    if found is not None:
        for at, name in enumerate(found):
            if name is not None and name in found[:at]:
                faults.add(f"{place}[{at}]", f"is {shown(name)}; it is in the list already")
    return found


def window(value: Any, place: str, faults: Gatherer) -> tuple[int, int] | None:
    """``[earliest, latest]`` in whole seconds.

    Parameters
    ----------
    value : what the file holds.
    place : where, for messages.
    faults : gathers what is wrong.

    Returns
    -------
    tuple or None
        Seconds from the origin; None where it is faulty.
    """
    if not isinstance(value, list) or len(value) != 2:
        faults.add(place, f"is {shown(value)}; must be [earliest, latest]")
        return None
    low, high = (whole()(bound, f"{place}[{at}]", faults) for at, bound in enumerate(value))
    if low is None or high is None:
        return None
    if low > high:
        faults.add(place, f"is {shown(value)}; it closes before it opens")
        return None
    return low, high


def mapping(item: Parse) -> Parse:
    """An object with free names.

    Parameters
    ----------
    item : reads one value.

    Returns
    -------
    Parse
        Reads the whole object.
    """

    def parse(value: Any, place: str, faults: Gatherer) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            faults.add(place, f"is {shown(value)}; must be an object")
            return None
        for name in value:
            if not isinstance(name, str) or not name:
                faults.add(place, f"has the key {shown(name)}; must be a text that is not empty")
        return {name: item(entry, f"{place}.{name}", faults) for name, entry in value.items()}

    return parse


def optional(item: Parse) -> Parse:
    """A value that may be null.

    Parameters
    ----------
    item : reads a value that is not null.

    Returns
    -------
    Parse
        Reads a value or null.
    """

    def parse(value: Any, place: str, faults: Gatherer) -> Any:
        return None if value is None else item(value, place, faults)

    return parse


def record(keys: Mapping[str, Key]) -> Parse:
    """An object with known keys; unknown ones are faults that name the nearest known key.

    Parameters
    ----------
    keys : what each key holds, by its name.

    Returns
    -------
    Parse
        Reads the whole object.
    """

    def parse(value: Any, place: str, faults: Gatherer) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            faults.add(place, f"is {shown(value)}; must be an object")
            return None
        for name in value.keys() - keys.keys():
            faults.add(within(place, name), f"unknown key '{name}'{nearest(name, keys)}")
        for name, key in keys.items():
            if key.required and name not in value:
                faults.add(within(place, name), "is missing")
        return {
            name: key.parse(value[name], within(place, name), faults)
            for name, key in keys.items()
            if name in value
        }

    return parse


def within(place: str, name: str) -> str:
    """The place of a key inside a place.

    Parameters
    ----------
    place : where the object is; empty for the file itself.
    name : the key.

    Returns
    -------
    str
        Such as `jobs[3].service_s`.
    """
    return f"{place}.{name}" if place else name
