"""Storm tracks as centres publish them: HURDAT2, ATCF decks, IBTrACS as CSV, best tracks of CMA.

Times are UTC in all of them. Winds are taken as they are written: means of one minute (HURDAT2, ATCF), of two
(CMA) or of ten; they are not converted into one another.

References
----------
HURDAT2: Landsea and Franklin, "Atlantic Hurricane Database Uncertainty and Presentation of a New Database
Format", Mon. Wea. Rev. 141, 2013. ATCF: Naval Research Laboratory, "b-deck" format. IBTrACS: Knapp et al.,
Bull. Amer. Meteor. Soc. 91, 2010. CMA: Ying et al., J. Atmos. Oceanic Technol. 31, 2014.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from ..ground.errors import Fault, InputFaults
from ..intake.decoding import Unreadable, decode
from .damage_settings import TrackPoint, Wind
from .distances import apart_km

KNOT_MS, NAUTICAL_KM = 1852 / 3600, 1.852
MOST_TRACKS, MOST_MOMENTS = 5000, 1000
MOST_FAULTS = 20
STEPS = 12
# What a storm does longer before or after is of no account for the city.
LOOKED_AT = timedelta(days=4)
HURDAT = re.compile(r"^[A-Z]{2}\d{6}\s*,\s*[^,]*,\s*\d+\s*,")
ATCF = re.compile(r"^[A-Z]{2}\s*,\s*\d{1,2}\s*,\s*\d{10}\s*,")
CMA = re.compile(r"^66666\s")
EXPECTED = "expected HURDAT2, an ATCF deck, IBTrACS as CSV or a best track of CMA"
# Best winds first: what an agency of its own basin says counts before what others say of it.
IBTRACS_WINDS = ("WMO_WIND", "USA_WIND", "TOKYO_WIND", "CMA_WIND", "HKO_WIND", "NEWDELHI_WIND", "BOM_WIND")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Where a storm's centre is at a time, with its greatest wind and how far from the centre that blows."""

    at: datetime
    lon: float
    lat: float
    wind_ms: float | None
    radius_km: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A storm and where it went, in order of time."""

    name: str
    moments: tuple[Moment, ...]


def read_tracks(body: bytes, file: str) -> tuple[Track, ...]:
    """Read every storm of a file that has a place at two times or more.

    Raises
    ------
    InputFaults
        The file is no track of a known form, or lines of it are wrong: each with its number.
    """
    try:
        text = decode(body)
    except Unreadable as error:
        raise InputFaults([Fault(file=file, place="", text=str(error))]) from error
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    reader = next((read for begins, read in READERS.items() if begins.match(first)), None)
    if reader is None and {"SID", "ISO_TIME", "LAT", "LON"} <= {each.strip() for each in first.split(",")}:
        reader = _ibtracs
    if reader is None:
        raise InputFaults([Fault(file=file, place="line 1", text=f"begins with '{first[:40]}'; {EXPECTED}")])
    faults: list[Fault] = []
    gathered: dict[str, dict[datetime, Moment]] = {}

    def say(number: int, text: str) -> None:
        if len(faults) < MOST_FAULTS:
            faults.append(Fault(file=file, place=f"line {number}", text=text))

    for name, moment in reader(lines, say):
        gathered.setdefault(name, {}).setdefault(moment.at, moment)
    tracks = tuple(_track(name, each.values()) for name, each in gathered.items() if len(each) > 1)
    if not tracks and not faults:
        faults.append(Fault(file=file, place="", text="holds no storm with two places or more"))
    if len(tracks) > MOST_TRACKS:
        text = f"holds {len(tracks)} storms; at most {MOST_TRACKS}: take a file of one season"
        faults.append(Fault(file=file, place="", text=text))
    if faults:
        raise InputFaults(faults)
    return tracks


def nearest(track: Track, place: tuple[float, float]) -> tuple[datetime, float]:
    """When a storm comes nearest to a place (lon, lat), straight between its moments, and how near (km)."""
    best = (track.moments[0].at, apart_km(place, (track.moments[0].lon, track.moments[0].lat)))
    for one, other in pairwise(track.moments):
        for step in range(1, STEPS + 1):
            share = step / STEPS
            lon = one.lon + _turned(other.lon - one.lon) * share
            lat = one.lat + (other.lat - one.lat) * share
            away_km = apart_km(place, (_turned(lon), lat))
            if away_km < best[1]:
                best = (one.at + (other.at - one.at) * share, away_km)
    return best


def wind_of(track: Track, place: tuple[float, float], nearest_h: float) -> Wind:
    """A scenario's storm out of a track.

    Parameters
    ----------
    place : (lon, lat) of the city.
    nearest_h : hour of the scenario at which the storm is to be nearest.

    Raises
    ------
    ValueError
        Nowhere near does the file say how strong the storm is.
    """
    at, _ = nearest(track, place)
    near = [each for each in track.moments if abs(each.at - at) <= LOOKED_AT and each.wind_ms is not None]
    if not near:
        raise ValueError(
            f"{track.name}: no wind is stated within {LOOKED_AT.days} days of when it is nearest"
        )
    closest = min(near, key=lambda each: abs(each.at - at))
    points = [
        TrackPoint(
            h=round(nearest_h + (each.at - at) / timedelta(hours=1), 2),
            lon=each.lon,
            lat=each.lat,
            max_ms=each.wind_ms,
        )
        for each in near
    ]
    return Wind(
        track=tuple(points),
        max_ms=closest.wind_ms or Wind.model_fields["max_ms"].default,
        radius_km=closest.radius_km or Wind.model_fields["radius_km"].default,
        south=closest.lat < 0,
    )


def _turned(degrees: float) -> float:
    """Degrees from -180 to 180."""
    return (degrees + 180) % 360 - 180


def _track(name: str, moments: Iterable[Moment]) -> Track:
    return Track(name=name, moments=tuple(sorted(moments, key=lambda each: each.at))[:MOST_MOMENTS])


Say = Callable[[int, str], None]
Found = Iterator[tuple[str, Moment]]


def _hurdat(lines: Sequence[str], say: Say) -> Found:
    name = ""
    for number, line in enumerate(lines, start=1):
        cells = [each.strip() for each in line.split(",")]
        if HURDAT.match(line):
            name = f"{cells[1] or 'UNNAMED'} {cells[0][4:8]} ({cells[0]})"
        elif line.strip():
            with _told(say, number):
                radius = cells[20] if len(cells) > 20 else ""
                yield (
                    name,
                    Moment(
                        at=_time(cells[0] + cells[1], "%Y%m%d%H%M"),
                        lon=_degrees(cells[5], "EW"),
                        lat=_degrees(cells[4], "NS"),
                        wind_ms=_knots(cells[6]),
                        radius_km=_miles(radius),
                    ),
                )


def _atcf(lines: Sequence[str], say: Say) -> Found:
    """One place a time: further lines of a time give other radii; of a forecast the hours ahead count."""
    names: dict[tuple[str, str], str] = {}
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = [each.strip() for each in line.split(",")]
        with _told(say, number):
            key = (cells[0] + cells[1], cells[4])
            if len(cells) > 27 and cells[27] and not cells[27].isdigit():
                names[key] = cells[27]
            ahead = timedelta(hours=int(cells[5] or 0))
            moment = Moment(
                at=_time(cells[2][:10], "%Y%m%d%H") + ahead,
                lon=_degrees(cells[7], "EW", tenths=True),
                lat=_degrees(cells[6], "NS", tenths=True),
                wind_ms=_knots(cells[8]),
                radius_km=_miles(cells[19] if len(cells) > 19 else ""),
            )
            found.append((key, cells[2][:4], moment))
    for key, year, moment in found:
        name = names.get(key, "UNNAMED")
        yield f"{name} {year} ({key[0]}{'' if key[1] == 'BEST' else ' ' + key[1]})", moment


def _ibtracs(lines: Sequence[str], say: Say) -> Found:
    rows = csv.DictReader(io.StringIO("\n".join(lines)))
    for number, row in enumerate(rows, start=2):
        told = {(name or "").strip(): (cell or "").strip() for name, cell in row.items() if name is not None}
        # The second line holds units.
        if number == 2 and not told["ISO_TIME"][:1].isdigit():
            continue
        with _told(say, number):
            wind = next((told[name] for name in IBTRACS_WINDS if told.get(name)), "")
            lon = float(told["LON"])
            yield (
                f"{told.get('NAME') or 'UNNAMED'} {told['SID'][:4]} ({told['SID']})",
                Moment(
                    at=_time(told["ISO_TIME"], "%Y-%m-%d %H:%M:%S"),
                    lon=_within(lon - 360 if lon > 180 else lon, 180),
                    lat=_within(float(told["LAT"]), 90),
                    wind_ms=_knots(wind),
                    radius_km=_miles(told.get("USA_RMW", "")),
                ),
            )


def _cma(lines: Sequence[str], say: Say) -> Found:
    name = ""
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        if CMA.match(line):
            with _told(say, number):
                called = cells[7] if len(cells) > 8 else "UNNAMED"
                name = f"{called.strip('()') or 'UNNAMED'} {cells[-1][:4]} ({cells[4]})"
        elif cells:
            with _told(say, number):
                wind = float(cells[5])
                yield (
                    name,
                    Moment(
                        at=_time(cells[0], "%Y%m%d%H"),
                        lon=_within(float(cells[3]) / 10, 180),
                        lat=_within(float(cells[2]) / 10, 90),
                        wind_ms=wind if wind > 0 else None,
                    ),
                )


READERS: Mapping[re.Pattern[str], Callable[[Sequence[str], Say], Found]] = MappingProxyType(
    {HURDAT: _hurdat, ATCF: _atcf, CMA: _cma}
)


@contextmanager
def _told(say: Say, number: int) -> Iterator[None]:
    """Say what is wrong with a line, and go on with the next."""
    try:
        yield
    except (IndexError, KeyError):
        say(number, "has too few values")
    except (ValueError, OverflowError) as error:
        say(number, str(error)[:200])


def _time(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"'{text[:30]}' is no time such as {datetime(2018, 9, 16, 6):{form}}") from error


def _degrees(text: str, sides: str, *, tenths: bool = False) -> float:
    """Degrees with a side, such as 15.0N; east and north are positive."""
    if not re.fullmatch(rf"\d+(\.\d+)?[{sides}]", text):
        raise ValueError(f"'{text[:20]}' is no place such as {'112' if tenths else '11.2'}{sides[0]}")
    value = float(text[:-1]) / (10 if tenths else 1)
    if sides == "EW" and value > 180:
        value -= 360
    signed = -value if text[-1] in "WS" else value
    return _within(signed, 180 if sides == "EW" else 90)


def _within(value: float, most: float) -> float:
    if not -most <= value <= most:
        raise ValueError(f"{value:g} degrees; expected from {-most:g} to {most:g}")
    return value


def _knots(text: str) -> float | None:
    """Knots as metres a second; None where nothing was measured."""
    if not text:
        return None
    value = float(text)
    return round(value * KNOT_MS, 1) if value > 0 else None


def _miles(text: str) -> float | None:
    """Nautical miles as kilometres."""
    if not text:
        return None
    value = float(text)
    return round(value * NAUTICAL_KM, 1) if value > 0 else None
