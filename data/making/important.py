"""Customers whom policies tell apart: made up, with names in English and Chinese (`important.csv`)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True, kw_only=True)
class Important:
    """A kind of important customer.

    Parameters
    ----------
    first : names of the first ones; the others are numbered.
    where : quantiles of the density of customers between which they lie.
    guaranteed : so many of them are under a supply guarantee on the day.
    """

    industry: str
    en: str
    zh: str
    count: int
    energy_mwh: float
    voltage_kv: float
    sources: int
    own_generator_h: float | None
    load_type: str
    where: tuple[float, float]
    first: tuple[str, ...]
    guaranteed: int
    rating_kva: int
    access: str

    def name(self, number: int) -> str:
        """Return the name of the n-th of this kind, counted from 1."""
        if number <= len(self.first):
            return self.first[number - 1]
        return f"{self.en} {number} {'第' + chinese_number(number) if self.count > 1 else ''}{self.zh}"


def chinese_number(number: int) -> str:
    """Write 1-99 in Chinese."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else DIGITS[tens] + "十")
    return head + (DIGITS[ones] if ones or not head else "")


def _read_kinds() -> tuple[Important, ...]:
    with (Path(__file__).parent / "important.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_kind(row) for row in csv.DictReader(file))


def _kind(row: dict[str, str]) -> Important:
    return Important(
        industry=row["industry"],
        en=row["en"],
        zh=row["zh"],
        count=int(row["count"]),
        energy_mwh=float(row["energy_mwh"]),
        voltage_kv=float(row["voltage_kv"]),
        sources=int(row["sources"]),
        own_generator_h=float(row["own_generator_h"]) if row["own_generator_h"] else None,
        load_type=row["load_type"],
        where=(float(row["density_from"]), float(row["density_to"])),
        first=tuple(name for name in row["first"].split("|") if name),
        guaranteed=int(row["guaranteed"] or 0),
        rating_kva=int(row["rating_kva"]),
        access=row["access"],
    )


KINDS = _read_kinds()
