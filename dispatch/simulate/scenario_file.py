"""Reads a scenario file with what it refers to, and names all of its faults at once."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from geo import GeoError
from geo.areas import read_area

from ..ground.errors import Fault, InputFaults, nearest
from ..intake.case import built_in_policies
from .damage_settings import Recorded
from .scenario import Scenario, Study

MOST_BYTES = 64 * 1024 * 1024
MOST_ALTERNATIVES = 20


def read_study(path: Path) -> Study:
    """Read a scenario file.

    Raises
    ------
    InputFaults
        With every fault of the file, of each alternative and of the files it names.
    """
    return study_of(_parsed(path), path.parent, path.name)


def study_of(data: Mapping[str, Any], folder: Path, file: str) -> Study:
    """Check the content of a scenario file; what it names lies in `folder`.

    Raises
    ------
    InputFaults
        As `read_study`.
    """
    rest = dict(data)
    patches = rest.pop("alternatives", None) or {}
    base_name = str(rest.pop("base", "base"))
    faults: list[Fault] = []
    if not isinstance(patches, Mapping) or not all(isinstance(p, Mapping | None) for p in patches.values()):
        raise InputFaults([Fault(file=file, place="alternatives", text="expected names with settings")])
    if len(patches) >= MOST_ALTERNATIVES:
        faults.append(
            Fault(file=file, place="alternatives", text=f"{len(patches)}; at most {MOST_ALTERNATIVES - 1}")
        )
    found: dict[str, Scenario] = {}
    for name, patch in {base_name: {}, **patches}.items():
        where = "" if name == base_name else f"alternatives.{name}"
        full = merged(rest, patch or {})
        _attach(full, folder, faults)
        scenario = _checked(full, file, where, faults)
        if scenario is not None:
            found[str(name)] = scenario
    if len({each.case for each in found.values()}) > 1:
        faults.append(
            Fault(file=file, place="alternatives", text="all alternatives must be of the same case")
        )
    if faults:
        raise InputFaults(_each_once(faults))
    return Study(folder=folder, alternatives=found)


def write_study(path: Path, study: Study) -> None:
    """Write a study as one scenario file that names its case by the way from there."""
    write_yaml(path, told_study(study, os.path.relpath(study.case_folder, path.parent)))


def told_study(
    study: Study, case: str, policy: Callable[[Scenario], str | None] | None = None
) -> dict[str, Any]:
    """The content of a scenario file that holds a whole study.

    Parameters
    ----------
    study : its files have been read into it.
    case : what the file calls the case folder.
    policy : what it calls the policy of a scenario; as the scenario does by default.

    Returns
    -------
    dict
        For `write_yaml`.
    """
    contents = []
    for scenario in study.alternatives.values():
        content = _content(scenario, case)
        if policy is not None:
            content["plan"]["policy"] = policy(scenario)
        contents.append(content)
    base, *others = contents
    for other in others:
        for name in ("name", "case", "start"):
            other.pop(name)
    names = list(study.alternatives)[1:]
    return {"base": study.base, **base, "alternatives": dict(zip(names, others, strict=True))}


def write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    """Write the content of a scenario file in its own order: the order of causes is part of what is drawn."""
    yaml = YAML(typ="safe", pure=True)
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def _content(scenario: Scenario, case: str) -> dict[str, Any]:
    """All settings of a scenario; the files that it named have been read into it."""
    data = scenario.model_dump(mode="json")
    data["case"] = case
    if data["damage"]["replay"]:
        data["damage"]["replay"]["file"] = None
    return data


def _each_once(faults: Sequence[Fault]) -> list[Fault]:
    """What an alternative only inherits from the base is told with the base alone."""
    own = {(fault.place, fault.text) for fault in faults if not fault.place.startswith("alternatives.")}
    return [
        fault
        for fault in dict.fromkeys(faults)
        if not any(text == fault.text and fault.place.endswith(f".{place}") for place, text in own)
    ]


def merged(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `base` with what `patch` says; mappings are merged, all else is replaced."""
    out = dict(base)
    for key, value in patch.items():
        old = out.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        out[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return out


def _parsed(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MOST_BYTES:
        raise InputFaults([Fault(file=path.name, place="", text="is larger than 64 MiB")])
    return parsed_yaml(path.read_bytes(), path.name)


def parsed_yaml(content: bytes, file: str) -> dict[str, Any]:
    """The mapping that a YAML text holds.

    Raises
    ------
    InputFaults
        With the line of what is no YAML.
    """
    try:
        data = YAML(typ="safe", pure=True).load(io.StringIO(content.decode("utf-8")))
    except (YAMLError, UnicodeDecodeError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f"line {line + 1}"
        raise InputFaults(
            [Fault(file=file, place=where, text=str(getattr(error, "problem", error)))]
        ) from None
    if not isinstance(data, dict):
        raise InputFaults([Fault(file=file, place="", text="a scenario is a list of 'name: value' lines")])
    return data


# what a scenario refers to


def _attach(data: dict[str, Any], folder: Path, faults: list[Fault]) -> None:
    """Put the content of the files that are named in their place: a study is then all in one."""
    damage = data.get("damage")
    if isinstance(damage, Mapping):
        damage = data["damage"] = dict(damage)
        for kind in ("flood", "quake"):
            if isinstance(damage.get(kind), list):
                damage[kind] = [_with_area(each, folder, faults) for each in damage[kind]]
        replay = damage.get("replay")
        if isinstance(replay, Mapping) and isinstance(replay.get("file"), str):
            damage["replay"] = {**replay, "records": _records(folder, replay["file"], faults)}
    if isinstance(data.get("roads"), list):
        data["roads"] = [_with_area(each, folder, faults) for each in data["roads"]]
    plan = data.get("plan")
    if isinstance(plan, Mapping) and isinstance(plan.get("policy"), str):
        data["plan"] = {**plan, "policy": _policy(folder, plan["policy"], faults)}


def _with_area(part: Any, folder: Path, faults: list[Fault]) -> Any:
    if not isinstance(part, Mapping) or not isinstance(part.get("area"), str):
        return part
    text = name = part["area"]
    if "(" not in text and not text.lstrip().startswith("{"):
        found = _text_of(folder, text, faults)
        if found is None:
            return part
        text = found
    else:
        name = "area"
    try:
        return {**part, "area": read_area(text, name).shape.wkt}
    except GeoError as error:
        faults += [Fault(file=each.file, place=each.place, text=each.text) for each in error.faults]
        return part


def _text_of(folder: Path, name: str, faults: list[Fault]) -> str | None:
    """The text of a file beside the scenario; a fault where there is none, or it lies elsewhere."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        text = "is a path out of the scenario's folder; expected a file beside it"
    elif not path.is_file():
        text = f"there is no such file{nearest(name, [each.name for each in folder.iterdir()])}"
    elif path.stat().st_size > MOST_BYTES:
        text = "is larger than 64 MiB"
    else:
        try:
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            text = "is not UTF-8"
    faults.append(Fault(file=name, place="", text=text))
    return None


def _records(folder: Path, name: str, faults: list[Fault]) -> list[Any]:
    text = _text_of(folder, name, faults)
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text))
    known = list(Recorded.model_fields)
    for column in reader.fieldnames or ():
        if column not in known:
            faults.append(
                Fault(file=name, place="header", text=f"unknown column '{column}'{nearest(column, known)}")
            )
    found = []
    for number, row in enumerate(reader, start=2):
        filled = {key: value for key, value in row.items() if key in known and value not in ("", None)}
        try:
            found.append(Recorded.model_validate(filled))
        except ValidationError as error:
            faults += [_fault(name, f"row {number}", Recorded, each) for each in error.errors()]
    if not found and not faults:
        faults.append(Fault(file=name, place="", text="holds no outage"))
    return found


def _policy(folder: Path, name: str, faults: list[Fault]) -> str:
    """Where a policy lies: a file beside the scenario, or one that is built in."""
    packs = built_in_policies()
    path = (folder / name).resolve()
    if path.is_file() and path.is_relative_to(folder.resolve()):
        return str(path)
    if name in packs or Path(name).is_absolute():
        return name
    hint = nearest(name, packs) or f"; built in are {', '.join(packs)}"
    faults.append(Fault(file="plan.policy", place="", text=f"there is no policy '{name}'{hint}"))
    return name


# faults in words


def _checked(data: Mapping[str, Any], file: str, where: str, faults: list[Fault]) -> Scenario | None:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        faults += [_fault(file, where, Scenario, each) for each in error.errors()]
        return None


def _fault(file: str, where: str, model: type[BaseModel], error: Any) -> Fault:
    """A fault with its place, the value, what was expected and the nearest name."""
    place = _place(where, error["loc"])
    text = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        text = f"unknown setting{nearest(str(error['loc'][-1]), _names_at(model, error['loc'][:-1]))}"
    elif error["type"] == "literal_error":
        known = error["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        text = f"{text}, not '{error['input']}'{nearest(str(error['input']), known)}"
    elif error["type"] not in ("missing", "value_error"):
        text = f"{text}, not {_shown(error['input'])}"
    return Fault(file=file, place=place, text=text)


def _place(where: str, loc: Sequence[Any]) -> str:
    text = where
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text.replace(".[key]", "")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _names_at(model: type[BaseModel], loc: Sequence[Any]) -> list[str]:
    """Names of the settings of the group at a place."""
    for part in loc:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = group_of(field.annotation) or model
    return list(model.model_fields)


def group_of(annotation: Any) -> type[BaseModel] | None:
    """The group of settings that a type holds: itself, one of several, or in a list or mapping of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple) or get_args(annotation):
        for inner in get_args(annotation):
            found = group_of(inner)
            if found is not None:
                return found
    return None
