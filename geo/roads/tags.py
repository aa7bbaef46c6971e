"""What the tags of OpenStreetMap say of a street: whether a truck may drive it, which way, how fast.

Nothing here reads files: a way's tags come in as a mapping from key to value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..units import FOOT_M, INCH_M, METRES

Tags = Mapping[str, str]

DRIVABLE = frozenset(
    {
        *("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential"),
        *("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link"),
        *("living_street", "service", "track", "road"),
    }
)
UNDRIVABLE = frozenset(
    {
        *("footway", "cycleway", "path", "steps", "pedestrian", "bridleway", "corridor", "platform"),
        *("construction", "proposed", "elevator", "escalator", "razed", "abandoned", "raceway", "busway"),
        *("bus_guideway", "via_ferrata", "ladder", "rest_area", "services", "crossing", "bus_stop"),
    }
)
"""Classes on which no truck drives; a class of somebody's own is none of them."""
# The most particular key that a way has decides.
ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
SHUT = frozenset({"no", "private", "agricultural", "forestry", "military", "emergency", "psv", "bus"})
HEAVY_T = 3.5
ONE_WAY = frozenset({"yes", "true", "1"})
ROUND = frozenset({"roundabout", "circular"})
# What a vehicle averages on a surface, whatever the class of the road; general knowledge, unverified.
SURFACE_KMH: Mapping[str, float] = {
    **dict.fromkeys(("cobblestone", "sett", "unhewn_cobblestone", "unpaved", "gravel", "compacted"), 30.0),
    **dict.fromkeys(("fine_gravel", "pebblestone", "dirt", "earth", "ground", "grass_paver"), 20.0),
    **dict.fromkeys(("sand", "mud", "grass", "rock"), 12.0),
}
# What `DE:urban` and the like stand for where no figure is given.
ZONE_KMH: Mapping[str, float] = {
    "walk": 7,
    "living_street": 10,
    "urban": 50,
    "rural": 90,
    "trunk": 100,
    "motorway": 120,
}
MPH = 1.609344
BLOCKING = frozenset({"block", "bollard", "jersey_barrier", "debris", "log", "turnstile", "wedge"})
GATES = frozenset({"gate", "lift_gate", "swing_gate", "chain", "bump_gate"})
_CONDITIONAL = re.compile(r"((?:no|only)_\w+)\s*@\s*\(?([^;()]*)\)?")
_COMPARED = re.compile(r"(?:max)?(weight|height|width)\s*(>=?)\s*(\d+(?:\.\d+)?)\s*(?:t|m)?")
_FIGURE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z']*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """What drives: streets with a lower limit are left out. A bucket truck by default."""

    height_m: float = 3.6
    width_m: float = 2.5
    weight_t: float = 12.0


def refusal(tags: Tags, vehicle: Vehicle) -> str:
    """Why a way is not driven: "" where it is, else a word for the count."""
    if tags.get("route") == "ferry":
        return "ferry"
    if tags.get("highway") not in DRIVABLE or tags.get("area") == "yes":
        return "no road for vehicles"
    return barred(tags, vehicle)


def barred(tags: Tags, vehicle: Vehicle) -> str:
    """Why a street is closed to a vehicle: "" where it is open, else a word for the count."""
    if access_of(tags, vehicle) in SHUT:
        return "access"
    if tags.get("oneway") == "reversible":
        return "reversible"
    return _too_large(tags, vehicle)


def access_of(tags: Tags, vehicle: Vehicle, side: str = "") -> str:
    """The word that says who may use something; "" for none. What is said of trucks binds a truck.

    Parameters
    ----------
    tags : of a way or a barrier.
    side : `:forward` or `:backward` where one direction is asked for.
    """
    keys = ("hgv", *ACCESS_KEYS) if vehicle.weight_t > HEAVY_T else ACCESS_KEYS
    return next((tags[f"{key}{side}"] for key in keys if f"{key}{side}" in tags), "")


LIMITS = (
    ("height", "height_m", "m", ("maxheight", "maxheight:physical", "maxheight:hgv")),
    ("width", "width_m", "m", ("maxwidth", "maxwidth:physical")),
    ("weight", "weight_t", "t", ("maxweight", "maxweightrating", "maxweight:hgv", "maxgcweight")),
)


def _too_large(tags: Tags, vehicle: Vehicle) -> str:
    """The measure in which a vehicle is above a posted limit; "" for none."""
    for what, of, unit, keys in LIMITS:
        if any(_measure(tags[key], unit) < getattr(vehicle, of) for key in keys if key in tags):
            return what
    return ""


def restriction_of(tags: Tags, vehicle: Vehicle) -> str:
    """The kind of a turn restriction that holds for a vehicle; "" for none."""
    heavy = vehicle.weight_t > HEAVY_T
    own = ("hgv", "goods", "motor_vehicle", "vehicle") if heavy else ("motorcar", "motor_vehicle", "vehicle")
    of_whom = tags.get("type", "").partition(":")[2]
    exempt = {word.strip() for word in tags.get("except", "").split(";")}
    if exempt & {*own} or (of_whom and of_whom not in own):
        return ""
    said = [tags[f"restriction:{each}"] for each in own if f"restriction:{each}" in tags]
    said += [tags.get("restriction", ""), *_for_the_vehicle(tags.get("restriction:conditional", ""), vehicle)]
    return next((kind for kind in said if kind.startswith(("no_", "only_"))), "")


def _for_the_vehicle(text: str, vehicle: Vehicle) -> list[str]:
    """Which of `no_left_turn @ (weight>7.5); no_u_turn @ (07:00-19:00)` hold for a vehicle at all hours."""
    found = []
    for kind, condition in _CONDITIONAL.findall(text):
        heavy = condition.strip() in ("hgv", "goods") and vehicle.weight_t > HEAVY_T
        limit = _COMPARED.fullmatch(condition.strip().lower())
        if heavy or (limit and _above(limit, vehicle)):
            found.append(kind)
    return found


def _above(limit: re.Match[str], vehicle: Vehicle) -> bool:
    own = {"weight": vehicle.weight_t, "height": vehicle.height_m, "width": vehicle.width_m}[limit[1]]
    return own > float(limit[3]) if limit[2] == ">" else own >= float(limit[3])


def blocks(tags: Tags, vehicle: Vehicle) -> bool:
    """Whether a point of a way cannot be passed: a bollard, a gate that is shut for us, a bar too low."""
    barrier = tags.get("barrier", "")
    if barrier and _too_large(tags, vehicle):
        return True
    access = access_of(tags, vehicle)
    return (barrier in BLOCKING and access not in ("yes", "permissive", "destination")) or (
        barrier in GATES and access in SHUT
    )


def directions(tags: Tags, vehicle: Vehicle | None = None) -> tuple[bool, bool]:
    """Whether a way is driven along, and against, its points.

    Parameters
    ----------
    tags : of the way.
    vehicle : for what is closed to it in one direction; a bucket truck without it.

    Returns
    -------
    tuple
        Along its points, against them.
    """
    along, against = _one_way(tags)
    truck = vehicle or Vehicle()
    shut = [access_of(tags, truck, side) in SHUT for side in (":forward", ":backward")]
    return along and not shut[0], against and not shut[1]


def _one_way(tags: Tags) -> tuple[bool, bool]:
    said = tags.get("oneway:motor_vehicle") or tags.get("oneway", "")
    if said in ("-1", "reverse"):
        return False, True
    if said in ONE_WAY:
        return True, False
    implied = tags.get("junction") in ROUND or tags.get("highway") in ("motorway", "motorway_link")
    return True, not (implied and said == "")


def limit_kmh(tags: Tags, *, forward: bool) -> float:
    """Posted limit in a direction; a bad surface is one too.

    Parameters
    ----------
    tags : of the way.
    forward : along its points, or against them.

    Returns
    -------
    float
        km/h, NaN where none is known.
    """
    own = tags.get("maxspeed:forward" if forward else "maxspeed:backward", "")
    posted = speed_kmh(own) if own else speed_kmh(tags.get("maxspeed", ""))
    return posted


def surface_kmh(tags: Tags) -> float:
    """What the surface allows; infinite where it is paved or not known."""
    return SURFACE_KMH.get(tags.get("surface", ""), math.inf)


def speed_kmh(text: str) -> float:
    """A speed as maps write it.

    Parameters
    ----------
    text : `50`, `30 mph`, `DE:urban`, `50;30`.

    Returns
    -------
    float
        The lowest given, km/h; NaN for none.
    """
    found = []
    for part in re.split(r"[;|,]", text.strip().lower()):
        zone = part.strip().rpartition(":")[2].removeprefix("zone")
        figure = _FIGURE.search(part)
        if figure:
            factor = MPH if figure[2].startswith("mph") else 1.852 if figure[2].startswith("knot") else 1.0
            found.append(float(figure[1]) * factor)
        elif zone in ZONE_KMH:
            found.append(float(ZONE_KMH[zone]))
    lowest = min(found, default=math.nan)
    return lowest if 1 <= lowest <= 400 else math.nan


def _measure(text: str, unit: str) -> float:
    """A measure in metres or tonnes; infinite where none is posted or it cannot be read."""
    text = text.strip().lower()
    text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    if feet := re.fullmatch(r"(\d+)\s*(?:'|ft)\s*(?:(\d+)\s*(?:\"|in)?)?", text):
        return int(feet[1]) * FOOT_M + int(feet[2] or 0) * INCH_M
    figure = _FIGURE.match(text)
    if not figure:
        return math.inf
    value, said = float(figure[1]), figure[2]
    if unit == "t":
        return value * {"kg": 0.001, "lbs": 0.000453592, "lb": 0.000453592, "st": 0.907185}.get(said, 1.0)
    return value * (METRES[said] if said in ("cm", "ft") else 1.0)
