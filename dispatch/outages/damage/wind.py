"""A moving storm, and what its wind breaks.

References
----------
Holland, G. J.: An Analytic Model of the Wind and Pressure Profiles in Hurricanes, Monthly Weather Review 108,
1980, equation 6 without the term of the earth's rotation: near the radius of maximum wind it is small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
KM_PER_DEGREE = 111.195
STEP_H = 0.25


@dataclass(frozen=True, kw_only=True)
class Storm:
    """A storm on its way.

    Parameters
    ----------
    hour, lon, lat : (k,) where its centre is when, hours ascending; before and after it stands still.
    max_ms : (k,) greatest wind at each of these hours, m/s.
    radius_km : distance from the centre to the greatest wind.
    shape : Holland's B, about 1 to 2.5; the greater, the narrower.
    moving_share : share of the storm's own speed that is added where wind and way have one direction.
    south : whether it turns clockwise, as south of the equator.
    """

    hour: Floats
    lon: Floats
    lat: Floats
    max_ms: Floats
    radius_km: float = 30.0
    shape: float = 1.3
    moving_share: float = 0.5
    south: bool = False

    def shifted(self, east_km: float, north_km: float, more_ms: float = 0.0) -> Storm:
        """The same storm elsewhere, and stronger by `more_ms`."""
        shrink = np.cos(np.deg2rad(self.lat))
        return Storm(
            hour=self.hour,
            lon=self.lon + east_km / (KM_PER_DEGREE * shrink),
            lat=self.lat + north_km / KM_PER_DEGREE,
            max_ms=np.maximum(0.0, self.max_ms + more_ms),
            radius_km=self.radius_km,
            shape=self.shape,
            moving_share=self.moving_share,
            south=self.south,
        )

    def velocity_ms(self, hour: float) -> tuple[float, float]:
        """Speed of the centre to the east and to the north, m/s."""
        if len(self.hour) < 2 or not self.hour[0] <= hour <= self.hour[-1]:
            return 0.0, 0.0
        leg = int(np.clip(np.searchsorted(self.hour, hour, side="right") - 1, 0, len(self.hour) - 2))
        seconds = float(self.hour[leg + 1] - self.hour[leg]) * 3600
        shrink = float(np.cos(np.deg2rad(self.lat[leg])))
        east = float(self.lon[leg + 1] - self.lon[leg]) * KM_PER_DEGREE * shrink
        north = float(self.lat[leg + 1] - self.lat[leg]) * KM_PER_DEGREE
        return east * 1000 / seconds, north * 1000 / seconds


def wind_ms(storm: Storm, hour: float, lon: Floats, lat: Floats) -> Floats:
    """(n,) wind at places at a moment, m/s.

    With x = (radius of maximum wind / distance) ** B the wind is max x sqrt(x exp(1 - x)): the greatest at
    that radius, none in the centre. A share of the storm's own speed is added on the side where both agree.
    """
    centre_lon, centre_lat, greatest = (
        float(np.interp(hour, storm.hour, each)) for each in (storm.lon, storm.lat, storm.max_ms)
    )
    east = (lon - centre_lon) * KM_PER_DEGREE * np.cos(np.deg2rad(centre_lat))
    north = (lat - centre_lat) * KM_PER_DEGREE
    distance = np.maximum(np.hypot(east, north), 0.1)
    ratio = np.minimum((storm.radius_km / distance) ** storm.shape, 700.0)
    profile = np.sqrt(ratio * np.exp(1.0 - ratio))
    move_east, move_north = storm.velocity_ms(hour)
    # Around the centre the air goes against the clock in the north, with it in the south.
    turn = -1.0 if storm.south else 1.0
    along = turn * (-north * move_east + east * move_north) / distance
    return np.asarray(np.maximum(0.0, profile * (greatest + storm.moving_share * along)))


def chance_of_failure(wind: Floats, median_ms: Floats, beta: Floats, exposure: Floats) -> Floats:
    """(n,) chance that something of an element has failed once the wind has reached `wind`.

    Log-normal in the wind for one unit (a kilometre of line, a transformer); units fail independently.
    """
    with np.errstate(divide="ignore"):
        one = ndtr((np.log(np.maximum(wind, 1e-9)) - np.log(median_ms)) / beta)
    return np.asarray(1.0 - (1.0 - one) ** exposure)


def failure_hours(
    storm: Storm,
    lon: Floats,
    lat: Floats,
    *,
    median_ms: Floats,
    beta: Floats,
    exposure: Floats,
    luck: Floats,
    horizon_h: float,
) -> Floats:
    """(n,) hour at which each element fails; infinite where it holds.

    Parameters
    ----------
    luck : (n,) uniform in (0, 1): the element fails once its chance of failure has grown past it. The
        greatest wind so far decides, so that a second equal gust does not harm what has held the first.
    """
    failed = np.full(len(lon), np.inf)
    begin, end = float(storm.hour[0]), min(horizon_h, float(storm.hour[-1]))
    for hour in np.arange(begin, end + 1e-9, STEP_H):
        wind = wind_ms(storm, float(hour), lon, lat)
        now = chance_of_failure(wind, median_ms, beta, exposure) >= luck
        failed = np.where(now & np.isinf(failed), max(0.0, hour), failed)
    return failed
