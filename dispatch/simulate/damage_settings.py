"""The settings of what breaks: rates, wind, areas, heat, an attack, recorded outages."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated

from pydantic import Field, model_validator

from ..etr.repair_times import REPAIR_TIMES
from ..ground.errors import nearest
from .fields import Component, Hour, Lat, Lon, NotNegative, Part, Positive, Share, says

Causes = Mapping[str, Mapping[str, NotNegative]]

CAUSES: Causes = {
    # Placeholders: which cause a storm damages each component by; not taken from a source.
    "overhead": {"tree": 0.6, "wire down": 0.2, "wind": 0.15, "pole down": 0.05},
    "cable": {"cable": 1.0},
    "transformer": {"transformer": 0.5, "equipment": 0.5},
    "lv_main": {"tree": 0.6, "wire down": 0.4},
}


class Fragility(Part):
    """When wind breaks a component: a log-normal curve."""

    median_ms: Positive = says("wind at which half of the units have failed, m/s")
    beta: Positive = says("sigma of the logarithm of that wind")


FRAGILITY: Mapping[Component, Fragility] = {
    # Assumptions, not taken from a source; published curves for single poles do not add up over kilometres.
    "overhead": Fragility(median_ms=55, beta=0.3),
    "transformer": Fragility(median_ms=80, beta=0.3),
    "lv_main": Fragility(median_ms=80, beta=0.3),
}


class TrackPoint(Part):
    """Where the storm's centre is at an hour."""

    h: Hour = says("hours from the start; may lie before it")
    lon: Lon = says("degrees")
    lat: Lat = says("degrees")
    max_ms: Positive | None = says("greatest wind there, if another than the storm's", None)


class Wind(Part):
    """A storm that moves over the city, and what its wind breaks."""

    track: Annotated[tuple[TrackPoint, ...], Field(min_length=1)] = says("where the centre is when, in order")
    max_ms: Positive = says("greatest wind, m/s", 35.0)
    radius_km: Positive = says("distance of the greatest wind from the centre", 30.0)
    shape: Annotated[float, Field(ge=0.5, le=3)] = says("Holland's B: how narrow the ring of wind is", 1.3)
    moving_share: Share = says("share of the storm's own speed added on its faster side", 0.5)
    south: bool = says("south of the equator, so that it turns clockwise", False)
    shift_km: tuple[float, float] = says("the whole track moved to the east and to the north", (0.0, 0.0))
    spread_km: NotNegative = says("a forecast's error: normal, of each replication's track, both ways", 0.0)
    spread_ms: NotNegative = says("the same of the greatest wind, m/s", 0.0)
    fragility: Mapping[Component, Fragility] = says(
        "by component, per kilometre of line or per piece; assumptions without a source", FRAGILITY
    )

    @model_validator(mode="after")
    def _in_order(self) -> Wind:
        hours = [point.h for point in self.track]
        if any(later <= earlier for earlier, later in pairwise(hours)):
            raise ValueError(f"track: hours {hours} do not ascend")
        return self


class Region(Part):
    """An area in which things break: under water, or shaken."""

    area: str = says("a polygon: WKT, or the name of a file with WKT or GeoJSON")
    from_h: Hour = says("when it begins", 0.0)
    to_h: Hour | None = says("when it is over: until then nothing can be reached inside (flood)", None)
    spread_h: NotNegative = says("things break evenly over so many hours from `from_h`", 1.0)
    share: Mapping[Component, Share] = says("share of what lies inside that breaks, by component", {})
    cause: str = says("for the times on site", "under investigation")
    closes_roads: bool = says("whether roads inside are closed from `from_h` to `to_h`", True)

    @model_validator(mode="after")
    def _sound(self) -> Region:
        _known_cause(self.cause, "cause")
        if self.to_h is not None and self.to_h <= self.from_h:
            raise ValueError(f"to_h: {self.to_h:g} is not after from_h {self.from_h:g}")
        return self


# Placeholder: a hot day with much cooling.
LOAD_PROFILE = tuple(
    tenth / 10
    for tenth in (10, 9, 8, 8, 8, 9, 11, 14, 15, 16, 18, 20, 23, 25, 27, 28, 28, 27, 26, 26, 25, 22, 18, 13)
)


class Heat(Part):
    """A heat wave: transformers and cables fail by their load."""

    temperature_c: Annotated[tuple[float, ...], Field(min_length=1)] = says(
        "hour by hour; the last one stays"
    )
    load_profile: Annotated[tuple[NotNegative, ...], Field(min_length=24, max_length=24)] = says(
        "load in the 24 hours of the day as multiples of the year's mean; placeholder",
        LOAD_PROFILE,
    )
    per_degree: NotNegative = says("how much more is used per degree above `from_c`; placeholder", 0.03)
    from_c: float = says("temperature from which cooling adds to the load", 25.0)
    failures_per_year: NotNegative = says("of a transformer at rated load and 20 degrees", 0.015)
    cable_failures_per_km_year: NotNegative = says("of a kilometre of cable at `from_c`", 0.07)
    cable_doubling_k: Positive = says("degrees by which a cable's failures double; placeholder", 10.0)


class Attack(Part):
    """A substation put out of action: every feeder's head fails."""

    substation: str = says("name in the grid")
    at_h: NotNegative = says("when", 0.0)
    share: Share = says("share of its feeders that are hit", 1.0)
    repair_median_h: Positive = says("time on site at each feeder; placeholder", 8.0)
    repair_sigma: NotNegative = says("sigma of its logarithm; placeholder", 0.5)


class Recorded(Part):
    """One outage of a replay."""

    at_h: NotNegative = says("hours from the start")
    element: str | None = says("id of the line, transformer or low-voltage main; else `lon`, `lat`", None)
    component: Component = says("what broke, where no element is named", "overhead")
    lon: Lon | None = says("place; the nearest element of the component is taken", None)
    lat: Lat | None = says("place", None)
    cause: str | None = says("in the utility's words (`dispatch/etr/repair_times.py`)", None)
    on_site_h: Positive | None = says("recorded time on site; drawn by cause where it is missing", None)
    restored_h: NotNegative | None = says("when supply was back, hours from the start: to compare with", None)

    @model_validator(mode="after")
    def _placed(self) -> Recorded:
        if self.element is None and (self.lon is None or self.lat is None):
            raise ValueError("names neither an element nor a place (lon, lat)")
        return self


class Replay(Part):
    """Recorded outages, as they were."""

    file: str | None = says("CSV with a row per outage and the columns of `damage.replay.records`", None)
    records: tuple[Recorded, ...] = says("the outages themselves; `file` fills them", ())
    within_km: Positive = says("a place farther from every element of its component is not used", 5.0)
    may_lose: Share = says("share of the records that may be left out; more is refused", 0.2)


class Damage(Part):
    """What breaks, when and where. Several kinds may come together."""

    faults: NotNegative | None = says(
        "expected number of faults by rate (the number itself is Poisson); 20, or 0 beside another kind", None
    )
    by_hour: tuple[NotNegative, ...] = says("their relative rate in each hour", (1.0,))
    by_area: Mapping[str, NotNegative] = says(
        "their relative rate by area (urban, rural, remote); else 1", {}
    )
    by_component: Mapping[Component, NotNegative] = says(
        "their shares; lines by their length; placeholders",
        {"overhead": 0.6, "cable": 0.05, "transformer": 0.15, "lv_main": 0.2},
    )
    causes: Causes = says(
        "by component, how often each cause of `dispatch/etr/repair_times.py`; placeholders", CAUSES
    )
    repair_factor: Positive = says("on all times on site", 1.0)
    repair_h: Mapping[str, tuple[Positive, NotNegative]] = says(
        "by cause, own median (hours) and sigma of the time on site", {}
    )
    wind: Wind | None = says("a moving storm", None)
    flood: tuple[Region, ...] = says("areas under water", ())
    quake: tuple[Region, ...] = says("areas shaken", ())
    heat: Heat | None = says("a heat wave", None)
    attack: tuple[Attack, ...] = says("substations put out of action", ())
    replay: Replay | None = says("recorded outages", None)

    @model_validator(mode="after")
    def _known_causes(self) -> Damage:
        for component, causes in self.causes.items():
            for cause in causes:
                _known_cause(cause, f"causes.{component}")
        for cause in self.repair_h:
            _known_cause(cause, "repair_h")
        return self

    @property
    def expected_faults(self) -> float:
        """Faults by rate: as told, else 20 where nothing else breaks."""
        if self.faults is not None:
            return self.faults
        other = self.wind or self.flood or self.quake or self.heat or self.attack or self.replay
        return 0.0 if other else 20.0


def _known_cause(cause: str, place: str) -> None:
    if cause not in REPAIR_TIMES:
        raise ValueError(f"{place}: no cause '{cause}'{nearest(cause, REPAIR_TIMES)}")
