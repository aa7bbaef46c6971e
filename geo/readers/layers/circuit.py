"""Drawn layers on their way to a circuit: devices, transformers and sources set where they stand.

- A switch that stands at two line ends parts them; between two nodes it joins them; on a line it cuts
  it. Where more lines meet, it stands in the one that supply comes from (or in `line`, where the file
  names that), and this is noted.
- A transformer hangs on the nearest line; where low voltage is drawn, it feeds the nearest end of it.
- Sources are where lines end at them, or inside them.
- What stands too far from every line is left out and named.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from pathlib import Path

import shapely
from shapely.geometry import Point as Spot

from ...errors import GeoError, GeoFault
from ...placing import Point
from ...projection import EARTH_RADIUS_M, LocalPlane
from ..circuit.elements import Branch, Circuit, Device, Infeed, Load, Node, Transformer
from ..circuit.figures import counted, rating_kw
from ..circuit.low_voltage import LOW_VOLTAGE_KV
from .description import Drawing, read_drawing
from .features import STATES, Feature, is_open, is_remote, kind_of, read_layers
from .joining import Join, Net, Piece, joined_net
from .standing import Stand, stand_in


def drawn_circuit(path: Path) -> Circuit:
    """The circuit of layers by the YAML file that names them; every join is noted."""
    drawing = read_drawing(path)
    features, plane = read_layers(drawing)
    return _Drawn(drawing, features, plane).circuit


class _Drawn:
    """Features on their way to a circuit."""

    def __init__(self, drawing: Drawing, features: list[Feature], plane: LocalPlane) -> None:
        self.tolerance_m = drawing.tolerance_m
        self.plane = plane
        self.circuit = Circuit(file=drawing.path.name)
        self.of = {
            kind: [each for each in features if each.kind == kind]
            for kind in ("lines", "switches", "transformers", "sources")
        }
        lines = [*self.of["lines"], *(each for each in self.of["switches"] if _is_line(each))]
        low = [each for each in lines if 0 < each.figure("voltage_kv") < LOW_VOLTAGE_KV]
        self.net = joined_net((each for each in lines if each not in low), "N", self.tolerance_m)
        self.low = joined_net(low, "V", self.tolerance_m)
        self.spots = [each for each in self.of["switches"] if not _is_line(each)]
        points = [*self.spots, *self.of["transformers"], *self.of["sources"]]
        self.stands = stand_in(self.net, points, self.tolerance_m)
        self._sources()
        self._switches()
        self._transformers()
        self._lines()
        self._note_joins()

    def stand(self, each: Feature) -> Stand | None:
        """Where a feature stands; None, and a note, where it is too far from every line."""
        found = self.stands[each.title]
        if not found.nodes:
            near = (
                f"the nearest is {found.apart_m:.1f} m away"
                if math.isfinite(found.apart_m)
                else "it has no place"
            )
            self._note("not-joined", each, f"stands on no line ({near}); left out", each.shape)
            return None
        return found

    def _note(self, code: str, each: Feature, text: str, shape: object = None) -> None:
        lon, lat = self._degrees(shape.centroid) if isinstance(shape, shapely.Geometry) else (None, None)
        self.circuit.notes.append(
            GeoFault(
                file=each.file, place=each.place, text=text, code=code, severity="warning", lon=lon, lat=lat
            )
        )

    def _degrees(self, place: Spot) -> Point:
        scale = math.radians(1) * EARTH_RADIUS_M
        east = scale * math.cos(math.radians(self.plane.lat0))
        return (round(self.plane.lon0 + place.x / east, 7), round(self.plane.lat0 + place.y / scale, 7))

    def _sources(self) -> None:
        for each in self.of["sources"]:
            if (stand := self.stand(each)) is not None:
                self.circuit.infeeds += [Infeed(name=each.key, node=node) for node in stand.nodes]
        if not self.circuit.infeeds:
            text = f"no source stands within {self.tolerance_m:g} m of a line: nothing can be supplied"
            raise GeoError(GeoFault(file=self.circuit.file, place="sources", text=text, code="file"))

    def _switches(self) -> None:
        at_node: dict[str, list[Feature]] = defaultdict(list)
        for each in self.spots:
            if (stand := self.stand(each)) is None:
                continue
            if len(stand.nodes) > 1:
                self._device(each, stand.nodes[0], stand.nodes[1])
            else:
                at_node[stand.nodes[0]].append(each)
        ends, supply = self.net.ends_at(), self._supply()
        for node, switches in at_node.items():
            self._part(node, switches, ends[node], supply.get(node))

    def _supply(self) -> dict[str, Piece]:
        """For each node, the piece over which supply comes when all is closed."""
        ends = self.net.ends_at()
        seen = {each.node for each in self.circuit.infeeds}
        found: dict[str, Piece] = {}
        queue = deque(seen)
        while queue:
            here = queue.popleft()
            for piece in ends[here]:
                there = piece.there if piece.here == here else piece.here
                if there not in seen:
                    seen.add(there)
                    found[there] = piece
                    queue.append(there)
        return found

    def _part(self, node: str, switches: list[Feature], pieces: list[Piece], supply: Piece | None) -> None:
        """Set switches between a node and lines that end there, each in a line of its own."""
        free = [each for each in pieces if each is not supply]
        if len(switches) == 1 and supply is not None:
            free = [supply, *free]
        elif supply is not None:
            free = [*free, supply]
        if (
            len(pieces) > 2
            and len(switches) < len(pieces) - 1
            and not all(each.row.get("line") for each in switches)
        ):
            text = f"stands where {len(pieces)} lines meet; taken to part the one that supply comes over"
            self._note("junction", switches[0], text, switches[0].shape)
        for each in switches:
            stated = each.row.get("line", "")
            piece = next((one for one in free if stated in ("", one.feature.key, one.name)), None)
            if piece is None:
                self._note(
                    "not-joined", each, f"no line {stated or 'of its own'} ends there; left out", each.shape
                )
                continue
            free.remove(piece)
            inner = f"{node} / {each.key}"
            self.net.places[inner] = self.net.places[node]
            if piece.here == node:
                piece.here = inner
            else:
                piece.there = inner
            self._device(each, node, inner)

    def _device(self, each: Feature, here: str, there: str) -> None:
        normal, present = (is_open(each.row.get(name, "")) for name in STATES)
        self.circuit.devices.append(
            Device(
                name=each.row.get("id") or each.key,
                here=here,
                there=there,
                kind=kind_of(each),
                remote=is_remote(each),
                normal_open=bool(present if normal is None else normal),
                present_open=present,
                spare_name=f"{each.key} ({each.kind.removesuffix('es')})",
            )
        )

    def _transformers(self) -> None:
        low = stand_in(self.low, self.of["transformers"], self.tolerance_m)
        for each in self.of["transformers"]:
            if (stand := self.stand(each)) is None:
                continue
            kva = each.figure("rating_kva")
            kva = kva if kva > 0 else 0.0
            ends = low[each.title].nodes
            spare = f"transformer {each.key}"
            if ends:
                self.circuit.transformers.append(
                    Transformer(
                        name=each.key, ends=(stand.nodes[0], ends[0]), rating_kva=kva, spare_name=spare
                    )
                )
            else:
                self.circuit.loads.append(Load(name=each.key, node=stand.nodes[0], kva=kva, spare_name=spare))

    def _lines(self) -> None:
        drawn: set[str] = set()
        for net in (self.net, self.low):
            kv = _voltages(net)
            for name, place in net.places.items():
                spot = None if place is None else self._degrees(place)
                self.circuit.nodes[name] = Node(name=name, kv=kv.get(name, math.nan), place=spot)
            for piece in net.pieces:
                if piece.feature.kind == "switches":
                    self._device(piece.feature, piece.here, piece.there)
                elif self._line(piece):
                    drawn.add(piece.feature.key)
        if drawn:
            text = f"{counted(len(drawn), 'line')} without a stated length; it is that of the drawing"
            self.circuit.note("length", "lines", text)

    def _line(self, piece: Piece) -> bool:
        """Take a line; whether its length is that of its drawing."""
        each, shape = piece.feature, piece.shape
        stated = each.figure("length_m")
        whole = each.shape.length if each.shape is not None else 0.0
        part = shape.length / whole if shape is not None and whole > 0 else 1.0
        length_m = stated * part if stated >= 0 else shape.length if shape is not None else 0.0
        kw = each.figure("rating_kw")
        amps = rating_kw(each.figure("rating_a"), each.figure("voltage_kv"))
        self.circuit.branches.append(
            Branch(
                name=piece.name,
                here=piece.here,
                there=piece.there,
                kind=kind_of(each),
                length_m=round(length_m, 1),
                rating_kw=kw if kw > 0 else round(amps, 1),
                phases="".join(letter for letter in "ABC" if letter in each.row.get("phases", "").upper()),
                spare_name=f"line {piece.name}",
            )
        )
        return not stated >= 0

    def _note_joins(self) -> None:
        for join in (*self.net.joins, *self.low.joins):
            self.circuit.notes.append(self._joined(join))
        unknown = [each.key for each in self.of["switches"] if _state(each) is None]
        if unknown:
            what = f"{counted(len(unknown), 'switch', 'es')} without a state"
            text = f"{what}, taken as closed; the first is '{unknown[0]}'"
            self.circuit.note("state", "switches", text)

    def _joined(self, join: Join) -> GeoFault:
        lon, lat = self._degrees(join.place)
        text = f"joined to '{join.to}' over {join.apart_m:.2f} m"
        if not join.joined:
            text = f"hangs free {join.apart_m:.1f} m from '{join.to}'; not joined"
        return GeoFault(
            file=self.circuit.file,
            place=f"end of '{join.what}'",
            text=text,
            code="joined" if join.joined else "free-end",
            severity="warning",
            lon=lon,
            lat=lat,
        )


def _state(each: Feature) -> bool | None:
    return is_open(each.row.get("normal") or each.row.get("present", ""))


def _is_line(each: Feature) -> bool:
    named = bool(each.row.get("from_bus") and each.row.get("to_bus"))
    return named or (each.shape is not None and each.shape.geom_type == "LineString")


def _voltages(net: Net) -> dict[str, float]:
    found: dict[str, float] = {}
    for piece in net.pieces:
        if (kv := piece.feature.figure("voltage_kv")) > 0:
            found[piece.here] = found[piece.there] = kv
    return found
