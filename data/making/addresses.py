"""House numbers along streets: each address is given once."""

from __future__ import annotations

from collections import Counter

import numpy as np

from .streets import Streets


class Addresses:
    """Numbers houses street by street; a street without a name borrows its neighbour's."""

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self.links_at: dict[int, list[int]] = {}
        for link, (a, b) in enumerate(zip(streets.a.tolist(), streets.b.tolist(), strict=True)):
            self.links_at.setdefault(a, []).append(link)
            self.links_at.setdefault(b, []).append(link)
        self.used: Counter[str] = Counter()
        self.start: dict[int, int] = {}
        self.given: Counter[int] = Counter()
        self._number_streets()

    def _number_streets(self) -> None:
        """Give each link its first number: links of one name in order along the street."""
        by_name: dict[str, list[int]] = {}
        for link in range(len(self.streets.name)):
            by_name.setdefault(self.street(link), []).append(link)
        for links in by_name.values():
            x = (self.streets.x[self.streets.a[links]] + self.streets.x[self.streets.b[links]]) / 2
            y = (self.streets.y[self.streets.a[links]] + self.streets.y[self.streets.b[links]]) / 2
            along = x if np.ptp(x) > np.ptp(y) else y
            number = 100
            for i in np.argsort(along, kind="stable").tolist():
                self.start[links[i]] = number
                number += int(self.streets.customers[links[i]]) + 1

    def street(self, link: int) -> str:
        """Return a link's street name, or that of a street it leads off."""
        if self.streets.name[link]:
            return self.streets.name[link]
        for node in (int(self.streets.a[link]), int(self.streets.b[link])):
            for other in self.links_at[node]:
                if self.streets.name[other]:
                    return f"{self.streets.name[other]} Pasaje {link % 90 + 10} No."
        return f"Camino {link}"

    def next(self, link: int) -> str:
        """Return the next free address on a link."""
        number = self.start[link] + self.given[link]
        self.given[link] += 1
        return f"{self.street(link)} {number}"

    def near(self, node: int) -> str:
        """Return an address for a large site at a corner, beyond the numbers of the houses."""
        street = self.street(self.links_at[node][0])
        self.used[street] += 1
        return f"{street} {9000 + self.used[street]}"
