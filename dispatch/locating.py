"""Where a request is: by customer number, by coordinates, or by its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

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
            return self._by_address.get(plain(request.address))
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

    @cached_property
    def _by_address(self) -> dict[str, str]:
        """Customer by plain address; an address with several customers keeps the first."""
        table = self.case.customers.table
        found: dict[str, str] = {}
        for address, customer in zip(table["address"], table.index, strict=True):
            found.setdefault(plain(str(address)), str(customer))
        return found

    @cached_property
    def _streets(self) -> dict[str, Place]:
        """A customer's place for each street, for an address with an unknown number."""
        table = self.case.customers.table
        found: dict[str, Place] = {}
        for address, lon, lat in zip(table["address"], table["lon"], table["lat"], strict=True):
            place = Place(lon=float(lon), lat=float(lat), address=str(address))
            found.setdefault(street_of(str(address)), place)
        return found

    def _on_street(self, address: str) -> Place | None:
        near = self._streets.get(street_of(address))
        return None if near is None else Place(lon=near.lon, lat=near.lat, address=address)


def plain(address: str) -> str:
    """An address without case, doubled blanks and punctuation, so that two spellings meet."""
    return " ".join(re.sub(r"[,.;#]", " ", address).casefold().split())


def street_of(address: str) -> str:
    """An address without its house number."""
    return " ".join(word for word in plain(address).split() if not any(c.isdigit() for c in word))
