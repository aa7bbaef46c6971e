"""Models of power-grid-model as their JSON has them (version 1.0); the program itself is not needed.

What `geo.readers.circuit.conversion` says of circuits holds; and of models:

- Every branch can be open at either end: one that is open at one end stands behind an open device
  there, one that is open at both is out of service.
- A `link` is a switch between busbars; one between two voltages is a transformer.
- Sources with `status` 1 are infeeds; generators feed nothing here.
- The model knows no lengths, places or names: lines have no length until somebody gives it.
"""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import GeoError, GeoFault, nearest
from ..placing import Point
from .circuit.elements import Branch, Circuit, Device, Infeed, Load, Node, Transformer
from .circuit.figures import counted, rating_kw
from .tables import decoded, read_bytes

BRANCHES = ("line", "asym_line", "generic_branch", "transformer", "link")
THREE = "three_winding_transformer"
LOADS = ("sym_load", "asym_load")
GENERATORS = ("sym_gen", "asym_gen")
NEEDS: Mapping[str, tuple[str, ...]] = {
    "node": ("id", "u_rated"),
    **dict.fromkeys(BRANCHES, ("id", "from_node", "to_node", "from_status", "to_status")),
    THREE: ("id", *(f"{word}_{side}" for word in ("node", "status") for side in "123")),
    **dict.fromkeys((*LOADS, *GENERATORS, "source"), ("id", "node", "status")),
}
REFERENCES = ("node", "from_node", "to_node", "node_1", "node_2", "node_3")
STATUS = ("status", "from_status", "to_status", "status_1", "status_2", "status_3")
# What says how the grid is measured or controlled has no part in what hangs on what.
WITHOUT_PART = ("sensor", "regulator", "fault", "shunt")
SAME_VOLTAGE = 1.05
MOST_SHOWN = 60

Row = dict[str, Any]


def is_power_grid_model(start: bytes) -> bool:
    """Whether a JSON file is a dataset of power-grid-model, by its first part or the whole of it."""
    return b'"is_batch"' in start and b'"attributes"' in start


def power_grid_model_circuit(path: Path) -> Circuit:
    """The circuit of a model by the JSON file of its input dataset."""
    try:
        data = json.loads(decoded(read_bytes(path)))
    except (ValueError, RecursionError) as error:
        raise _refused(path, "", f"is no JSON: {error}") from error
    rows = _components(path, data)
    faults = tuple(
        GeoFault(file=path.name, place=place, text=text, code="file") for place, text in _wrong(rows)
    )
    if faults:
        raise GeoError(faults)
    return _Model(path.name, rows).circuit


def _refused(path: Path, place: str, text: str) -> GeoError:
    return GeoError(GeoFault(file=path.name, place=place, text=text, code="file"))


def _components(path: Path, data: Any) -> dict[str, list[Row]]:
    """The rows of every component, each as a mapping of its attributes."""
    if not isinstance(data, dict) or not isinstance(data.get("data"), dict):
        what = "a batch of scenarios" if isinstance(data, dict) and data.get("is_batch") else "no dataset"
        raise _refused(path, "data", f"is {what}; expected one dataset of the type 'input'")
    if data.get("type", "input") != "input":
        raise _refused(path, "type", f"is '{str(data['type'])[:MOST_SHOWN]}'; expected 'input'")
    attributes = data.get("attributes")
    names = attributes if isinstance(attributes, dict) else {}
    found: dict[str, list[Row]] = {}
    for component, rows in data["data"].items():
        if not isinstance(rows, list):
            raise _refused(path, f"data.{component}", "is no list of components")
        found[component] = [
            _row(path, f"{component}[{at}]", row, names.get(component)) for at, row in enumerate(rows)
        ]
    if not found.get("node"):
        raise _refused(path, "data", f"has no 'node'{nearest('node', found)}")
    return found


def _row(path: Path, place: str, row: Any, names: Any) -> Row:
    if isinstance(row, dict):
        return row
    if not isinstance(row, list) or not isinstance(names, list):
        raise _refused(
            path, place, "is neither a mapping nor a list with its attributes named under 'attributes'"
        )
    if len(row) != len(names):
        raise _refused(path, place, f"has {len(row)} values; 'attributes' names {len(names)}")
    return dict(zip(map(str, names), row, strict=True))


def _wrong(rows: Mapping[str, list[Row]]) -> Iterator[tuple[str, str]]:
    """Every value that is missing or cannot be what it should be: place and sentence."""
    nodes = {row["id"] for row in rows["node"] if _whole(row.get("id"))}
    seen: dict[int, str] = {}
    for component, needs in NEEDS.items():
        for at, row in enumerate(rows.get(component, ())):
            place = f"{component}[{at}]"
            for name in needs:
                if text := _wrong_value(name, row, nodes):
                    yield f"{place}.{name}", text
            if _whole(row.get("id")) and (other := seen.setdefault(row["id"], place)) != place:
                yield f"{place}.id", f"is {row['id']}, which {other} has, too; ids are given once"


def _wrong_value(name: str, row: Row, nodes: set[int]) -> str:
    if row.get(name) is None:
        return f"is missing{nearest(name, map(str, row))}"
    value, shown = row[name], str(row[name])[:MOST_SHOWN]
    if name == "u_rated":
        return "" if _number(value) > 0 else f"is '{shown}'; expected volts above 0"
    if not _whole(value):
        return f"is '{shown}'; expected a whole number"
    if name in STATUS:
        return "" if value in (0, 1) else f"is {shown}; expected 0 or 1"
    if name in REFERENCES and value not in nodes:
        return f"is {shown}, which is no node{nearest(shown, map(str, nodes))}"
    return ""


class _Model:
    """The components of a model on their way to a circuit; nodes are known by their ids."""

    def __init__(self, file: str, rows: Mapping[str, list[Row]]) -> None:
        self.circuit = Circuit(file=file)
        self.rows = rows
        for row in rows["node"]:
            key = str(row["id"])
            self.circuit.nodes[key] = Node(
                name=_name(row),
                kv=_number(row["u_rated"]) / 1000,
                place=_place(row),
                spare_name=f"node {key}",
            )
        self._branches()
        self._transformers()
        self._loads()
        self._sources()
        self._not_read()

    def each(self, *components: str) -> Iterator[tuple[str, Row]]:
        """Rows of some components, each with the component's name."""
        for component in components:
            for row in self.rows.get(component, ()):
                yield component, row

    def end(self, component: str, row: Row, node: Any, status: Any) -> str:
        """Node at an end of a branch: behind an open device where it is open there alone."""
        key = str(node)
        if status:
            return key
        name = f"{_name(row)} at {self.circuit.nodes[key].name}"
        inner = f"{key} / {name}"
        base = self.circuit.nodes[key]
        self.circuit.nodes[inner] = Node(
            name=f"{base.name} / {_name(row)}", kv=base.kv, place=base.place, inner=True
        )
        self.circuit.devices.append(
            Device(name=name, here=key, there=inner, normal_open=True, spare_name=f"{component} {name}")
        )
        return inner

    def _ends(self, component: str, row: Row, sides: list[tuple[Any, Any]]) -> tuple[tuple[str, ...], bool]:
        """Nodes at the ends of a branch, and whether it is in service: connected somewhere."""
        if not any(status for _, status in sides):
            return tuple(str(node) for node, _ in sides), False
        return tuple(self.end(component, row, node, status) for node, status in sides), True

    def _branches(self) -> None:
        unmeasured = 0
        for component, row in self.each(*BRANCHES):
            if component == "transformer" or self._between_voltages(component, row):
                continue
            if component == "link":
                self._link(row)
                continue
            ends, in_service = self._ends(component, row, _sides(row))
            unmeasured += 1
            kv = self.circuit.nodes[str(row["from_node"])].kv
            self.circuit.branches.append(
                Branch(
                    name=_name(row),
                    here=ends[0],
                    there=ends[1],
                    kind="cable",
                    rating_kw=round(rating_kw(_number(row.get("i_n")), kv), 1),
                    in_service=in_service,
                    spare_name=f"{component} {row['id']}",
                )
            )
        if unmeasured:
            text = f"{counted(unmeasured, 'line')} without a length, which the model does not hold"
            self.circuit.note("length", "lines", text)

    def _between_voltages(self, component: str, row: Row) -> bool:
        one, other = (self.circuit.nodes[str(row[end])].kv for end in ("from_node", "to_node"))
        return component in ("link", "generic_branch") and max(one, other) > SAME_VOLTAGE * min(one, other)

    def _link(self, row: Row) -> None:
        self.circuit.devices.append(
            Device(
                name=_name(row),
                here=str(row["from_node"]),
                there=str(row["to_node"]),
                normal_open=not (row["from_status"] and row["to_status"]),
                spare_name=f"link {row['id']}",
            )
        )

    def _transformers(self) -> None:
        for component, row in self.each(*BRANCHES, THREE):
            if component not in (THREE, "transformer") and not self._between_voltages(component, row):
                continue
            ends, in_service = self._ends(component, row, _sides(row))
            va = max(_number(row.get("sn"), 0.0), _number(row.get("sn_1"), 0.0))
            self.circuit.transformers.append(
                Transformer(
                    name=_name(row),
                    ends=ends,
                    rating_kva=va / 1000,
                    in_service=in_service,
                    spare_name=f"{component} {row['id']}",
                )
            )

    def _loads(self) -> None:
        for component, row in self.each(*LOADS):
            self.circuit.loads.append(
                Load(
                    name=_name(row),
                    node=str(row["node"]),
                    kva=math.hypot(_power(row.get("p_specified")), _power(row.get("q_specified"))) / 1000,
                    in_service=bool(row["status"]),
                    spare_name=f"{component} {row['id']}",
                )
            )

    def _sources(self) -> None:
        for _, row in self.each("source"):
            if row["status"]:
                self.circuit.infeeds.append(Infeed(name=_name(row), node=str(row["node"])))
            else:
                self.circuit.note("out-of-service", f"source '{_name(row)}'", "is out of service; no source")

    def _not_read(self) -> None:
        if count := sum(len(self.rows.get(each, ())) for each in GENERATORS):
            text = f"{counted(count, 'generator')} not read: only sources feed"
            self.circuit.note("generators", "generators", text)
        for component in self.rows:
            if component not in NEEDS and not component.endswith(WITHOUT_PART):
                count = len(self.rows[component])
                text = f"{count:,} of a component that is not read{nearest(component, NEEDS)}"
                self.circuit.note("not-read", component, text)


def _sides(row: Row) -> list[tuple[Any, Any]]:
    if "node_1" in row:
        return [(row[f"node_{side}"], row[f"status_{side}"]) for side in "123"]
    return [(row[f"{side}_node"], row[f"{side}_status"]) for side in ("from", "to")]


def _name(row: Row) -> str:
    """What a component is called: its id, for the model has no names; a name that somebody added first."""
    return str(row.get("name") or row["id"])


def _place(row: Row) -> Point | None:
    """Places that somebody added to the nodes."""
    for east, north in (("lon", "lat"), ("x", "y")):
        place = (_number(row.get(east)), _number(row.get(north)))
        if all(math.isfinite(each) for each in place):
            return place
    return None


def _whole(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _number(value: Any, default: float = math.nan) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return default
    number = float(value)
    return number if math.isfinite(number) else default


def _power(value: Any) -> float:
    """Watts of all phases."""
    if isinstance(value, list):
        return sum(_number(each, 0.0) for each in value)
    return _number(value, 0.0)
