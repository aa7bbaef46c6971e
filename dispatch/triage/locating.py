"""Where a request is: by customer number, by coordinates, or by its address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..ground.addresses import plain, street_of
from ..ground.case import Case, Request

# Nobody who stands farther from every customer than this is taken to hang on the nearest one's transformer.
MOST_BESIDE_M = 300.0
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point with the address a crew drives to; lon, lat in degrees."""

    lon: float
    lat: float
    address: str


def customers_place(case: Case, row: pd.Series[Any]) -> Place:
    """Where a row of the customers' table is; without an address by the nearest street."""
    address = None if pd.isna(row["address"]) else str(row["address"])
    return _place(case, float(row["lon"]), float(row["lat"]), address)


def _place(case: Case, lon: float, lat: float, address: str | None) -> Place:
    return Place(lon=lon, lat=lat, address=address or case.roads.nearest_name(lon, lat))


@dataclass(frozen=True)
class Locator:
    """Finds the customer and the place of a request in one case."""

    case: Case

    def customer_of(self, request: Request) -> str | None:
        """The customer a request speaks of: as numbered, or the only one at its address."""
        # A customer who called may have moved away since.
        if request.customer and request.customer in self.case.customers:
            return request.customer
        if request.address:
            return self.case.customers.addresses.customer.get(plain(request.address))
        return None

    def place_of(self, request: Request, customer: str | None) -> Place | None:
        """Where to drive to, or None where nobody can tell yet."""
        if request.lon is not None and request.lat is not None and not self.is_far(request):
            street = request.address or self.case.roads.nearest_name(request.lon, request.lat)
            return Place(lon=request.lon, lat=request.lat, address=street)
        if customer:
            fact = self.case.customers.fact
            return _place(self.case, *(fact(customer, name) for name in ("lon", "lat", "address")))
        if request.address:
            return self._on_street(request.address)
        return None

    def is_far(self, request: Request) -> bool:
        """Whether a request's coordinates lie so far from every road that they would lead a crew astray."""
        if request.lon is None or request.lat is None:
            return False
        away_m = float(self.case.roads.snap([request.lon], [request.lat]).distance_m[0])
        return away_m > self.case.settings.max_snap_m

    def transformer_of(self, request: Request, customer: str | None) -> str | None:
        """The transformer that feeds a request's place, by its customer or else by the nearest customer."""
        if customer:
            found = self.case.customers.fact(customer, "transformer")
            return None if found is None else str(found)
        if request.lon is None or request.lat is None:
            return None
        customers = self.case.customers
        east, north = (customers.lonlat - (request.lon, request.lat)).T
        away_m = METRES_PER_DEGREE * np.hypot(east * np.cos(np.radians(request.lat)), north)
        nearest = int(np.argmin(away_m))
        return str(customers.table["transformer"].iloc[nearest]) if away_m[nearest] <= MOST_BESIDE_M else None

    def _on_street(self, address: str) -> Place | None:
        near = self.case.customers.addresses.on_street.get(street_of(address))
        return None if near is None else Place(lon=near[0], lat=near[1], address=address)
