"""Where a request is: by customer number, by coordinates, or by its address."""

from __future__ import annotations

from dataclasses import dataclass

from .addresses import plain, street_of
from .model import Case, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point with the address a crew drives to; lon, lat in degrees."""

    lon: float
    lat: float
    address: str


@dataclass(frozen=True)
class Locator:
    """Finds the customer and the place of a request in one case."""

    case: Case

    def customer_of(self, request: Request) -> str | None:
        """The customer a request speaks of: as numbered, or the only one at its address."""
        if request.customer:
            return request.customer
        if request.address:
            return self.case.customers.addresses.customer.get(plain(request.address))
        return None

    def place_of(self, request: Request, customer: str | None) -> Place | None:
        """Where to drive to, or None where nobody can tell yet."""
        if request.lon is not None and request.lat is not None:
            street = request.address or self.case.roads.nearest_name(request.lon, request.lat)
            return Place(lon=request.lon, lat=request.lat, address=street)
        if customer:
            row = self.case.customers.table.loc[customer]
            return Place(lon=float(row["lon"]), lat=float(row["lat"]), address=str(row["address"]))
        if request.address:
            return self._on_street(request.address)
        return None

    def _on_street(self, address: str) -> Place | None:
        near = self.case.customers.addresses.on_street.get(street_of(address))
        return None if near is None else Place(lon=near[0], lat=near[1], address=address)
