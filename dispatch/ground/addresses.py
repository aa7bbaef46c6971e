"""Customers by their address, worked out once for a table of customers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class Addresses:
    """An index of a table with the columns address, lon and lat, one row for each customer's id."""

    table: pd.DataFrame

    @cached_property
    def customer(self) -> dict[str, str]:
        """Customer by plain address; an address with several customers keeps the first."""
        found: dict[str, str] = {}
        known = self.table["address"].dropna()
        for address, customer in zip(known, known.index, strict=True):
            found.setdefault(plain(str(address)), str(customer))
        return found

    @cached_property
    def on_street(self) -> dict[str, tuple[float, float]]:
        """Longitude and latitude of a customer of each street, for an address with an unknown number."""
        found: dict[str, tuple[float, float]] = {}
        table = self.table[self.table["address"].notna()]
        for address, lon, lat in zip(table["address"], table["lon"], table["lat"], strict=True):
            found.setdefault(street_of(str(address)), (float(lon), float(lat)))
        return found


def plain(address: str) -> str:
    """An address without case, doubled blanks and punctuation, so that two spellings meet.

    Parameters
    ----------
    address : as somebody wrote it.

    Returns
    -------
    str
        For comparing, not for showing.
    """
    return " ".join(re.sub(r"[,.;#]", " ", address).casefold().split())


def street_of(address: str) -> str:
    """An address without its house number.

    Parameters
    ----------
    address : as somebody wrote it.

    Returns
    -------
    str
        For comparing streets.
    """
    return " ".join(word for word in plain(address).split() if not any(c.isdigit() for c in word))
