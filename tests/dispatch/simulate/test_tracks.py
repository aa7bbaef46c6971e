# ruff: noqa: E501 (lines as centres write them)
"""Storm tracks are read as four centres publish them, and laid over a city."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.ground.errors import InputFaults
from dispatch.simulate.tracks import Track, nearest, read_tracks, wind_of

HURDAT = """\
AL092099,              IRIS,     4,
20990821, 0000,  , TS, 15.0N,  59.0W,  45, 1006,  105,    0,    0,   45,    0,    0,    0,    0,    0,    0,    0,    0,   20
20990821, 0600,  , TS, 16.0N,  60.6W,  50, 1006,  130,    0,    0,   80,    0,    0,    0,    0,    0,    0,    0,    0, -999
20990821, 1200, L, HU, 16.8N,  62.2W,  65, 1005,  130,    0,    0,   70,    0,    0,    0,    0,    0,    0,    0,    0,   15
20990821, 1800,  , HU, 17.5N,  63.7W, -99, 1005,  130,   20,    0,   85,    0,    0,    0,    0,    0,    0,    0,    0,   15
AL102099,            UNNAMED,     1,
20990901, 0000,  , TD, 25.0N,  30.0W,  30, 1010, -999, -999, -999, -999, -999, -999, -999, -999, -999, -999, -999, -999
"""
ATCF = """\
WP, 26, 2099091506,   , BEST,   0, 180N, 1230E, 110,  950, TY,  34, NEQ, 200, 180, 150, 170, 1002, 240,  20,   0,   0,   W,   0,    , 270,  14,  MANGO,  D,
WP, 26, 2099091506,   , BEST,   0, 180N, 1230E, 110,  950, TY,  50, NEQ, 100,  90,  80,  90, 1002, 240,  20,   0,   0,   W,   0,    , 270,  14,  MANGO,  D,
WP, 26, 2099091512,   , BEST,   0, 188N, 1215E, 100,  955, TY,  34, NEQ, 200, 180, 150, 170, 1002, 240,  25,   0,   0,   W,   0,    , 270,  14,  MANGO,  D,
WP, 26, 2099091512, 03, JTWC,  24, 205N, 1170E,  80,    0,
"""
IBTRACS = """\
SID,SEASON,NUMBER,BASIN,SUBBASIN,NAME,ISO_TIME,NATURE,LAT,LON,WMO_WIND,WMO_PRES,USA_WIND,USA_RMW
 ,Year, , , , , , ,degrees_north,degrees_east,kts,mb,kts,nmile
2099250N12170,2099,70,WP,MM,MANGO,2099-09-07 00:00:00,TS,11.6,179.5,,,35,40
2099250N12170,2099,70,WP,MM,MANGO,2099-09-07 06:00:00,TS,12.0,180.5,40,998,45,
"""
CMA = """\
66666 0000   2 0026 9922 0 6          Mango              20991001
2099090700 1 116 1705 1002      15
2099090706 2 120 1692 0998      18
66666 0000   2 0027 9923 0 6          (nameless)         20991001
2099091000 1 216 1405 1002      0
2099091006 2 220 1392 0998      20
"""


def read(text: str) -> tuple[Track, ...]:
    return read_tracks(text.encode(), "track.txt")


def test_hurdat_gives_places_west_and_south_knots_as_metres_and_miles_as_kilometres() -> None:
    (iris,) = read(HURDAT)
    assert iris.name == "IRIS 2099 (AL092099)"
    first, second, third, last = iris.moments
    assert (first.at, first.lon, first.lat) == (datetime(2099, 8, 21, tzinfo=UTC), -59.0, 15.0)
    assert first.wind_ms == pytest.approx(45 * 0.5144, abs=0.06)
    assert first.radius_km == pytest.approx(20 * 1.852, abs=0.06)
    assert (second.radius_km, last.wind_ms) == (None, None)
    assert third.wind_ms == pytest.approx(33.4, abs=0.06)
    (mirrored,) = read(HURDAT.replace("N,", "S,").replace("W,", "E,"))
    assert (mirrored.moments[0].lon, mirrored.moments[0].lat) == (59.0, -15.0)


def test_atcf_takes_each_time_once_and_keeps_forecasts_apart_from_best_tracks() -> None:
    tracks = {each.name: each for each in read(ATCF)}
    assert set(tracks) == {"MANGO 2099 (WP26)"}
    best = tracks["MANGO 2099 (WP26)"]
    assert [(each.lon, each.lat) for each in best.moments] == [(123.0, 18.0), (121.5, 18.8)]
    assert best.moments[1].radius_km == pytest.approx(46.3, abs=0.1)
    ahead = ATCF + ATCF.splitlines()[-1].replace(" 24,", " 48,").replace("1170E", "1130E") + "\n"
    forecast = next(each for each in read(ahead) if "JTWC" in each.name)
    assert [each.at for each in forecast.moments] == [
        datetime(2099, 9, 16, 12, tzinfo=UTC),
        datetime(2099, 9, 17, 12, tzinfo=UTC),
    ]


def test_ibtracs_skips_its_units_turns_round_the_date_line_and_takes_the_own_basins_wind() -> None:
    (mango,) = read(IBTRACS)
    assert [each.lon for each in mango.moments] == [179.5, -179.5]
    assert [each.wind_ms for each in mango.moments] == [
        pytest.approx(18.0, abs=0.1),
        pytest.approx(20.6, abs=0.1),
    ]
    assert mango.moments[0].radius_km == pytest.approx(74.1, abs=0.1)


def test_cma_gives_metres_a_second_and_names_storms_without_a_name() -> None:
    mango, nameless = read(CMA)
    assert (mango.name, nameless.name) == ("Mango 2099 (9922)", "nameless 2099 (9923)")
    assert [(each.lon, each.lat, each.wind_ms) for each in mango.moments] == [
        (170.5, 11.6, 15.0),
        (169.2, 12.0, 18.0),
    ]
    assert nameless.moments[0].wind_ms is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected HURDAT2"),
        ("lon,lat\n1,2\n", "line 1: begins with 'lon,lat'; expected HURDAT2"),
        (HURDAT.replace("15.0N", "15.0Q"), "line 2: '15.0Q' is no place such as 11.2N"),
        (HURDAT.replace("15.0N", "95.0N"), "line 2: 95 degrees; expected from -90 to 90"),
        (HURDAT.replace("20990821, 0000", "20991321, 0000"), "is no time such as"),
        (ATCF.replace("2099091506", "2099099906"), "line 1: '2099099906' is no time such as 2018091606"),
        (",".join(ATCF.splitlines()[0].split(",")[:8]), "has too few values"),
        (CMA.replace("2099090700 1 116 1705 1002      15", "2099090700 1 116"), "line 2: has too few values"),
        (IBTRACS.replace("11.6", "north"), "line 3: could not convert"),
        (HURDAT.splitlines()[0] + "\n" + HURDAT.splitlines()[1], "no storm with two places or more"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InputFaults) as raised:
        read(text)
    assert said in str(raised.value)


@pytest.mark.parametrize("seed", range(60))
def test_no_damaged_file_ends_in_anything_but_a_sentence(seed: int) -> None:
    lot = random.Random(seed)
    text = list(lot.choice([HURDAT, ATCF, IBTRACS, CMA]))
    for _ in range(lot.randrange(1, 30)):
        text[lot.randrange(len(text))] = lot.choice("0N,\n;\x00é9-W ")
    tracks: tuple[Track, ...] = ()
    with suppress(InputFaults):
        tracks = read("".join(text))
    assert all(len(each.moments) > 1 for each in tracks)


def test_a_track_passes_the_city_at_the_hour_that_was_chosen() -> None:
    (iris,) = read(HURDAT)
    place = (-61.4, 16.4)
    at, away_km = nearest(iris, place)
    assert datetime(2099, 8, 21, 6, tzinfo=UTC) < at < datetime(2099, 8, 21, 12, tzinfo=UTC)
    assert away_km < 10
    wind = wind_of(iris, place, 5.0)
    hours = [each.h for each in wind.track]
    assert hours == sorted(hours)
    assert (hours[2] - hours[1]) == pytest.approx(6.0, abs=0.02)
    assert hours[1] < 5.0 < hours[2]
    assert (wind.south, wind.shift_km, len(wind.track)) == (False, (0.0, 0.0), 3)
    calm = Track(name="CALM", moments=tuple(each for each in iris.moments if each.wind_ms is None) * 2)
    with pytest.raises(ValueError, match="no wind is stated"):
        wind_of(calm, place, 5.0)
    late = Track(name="L", moments=iris.moments[:2])
    assert nearest(late, place)[0] - late.moments[0].at <= timedelta(hours=6)
