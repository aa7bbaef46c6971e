"""Bad rows of a file never stop the good ones: they are set aside, counted, and can be mended.

A few bad rows are what every export has; many are a fault of the export itself, and the file is
refused. Files on which people's safety hangs (crews, planned outages, the grid) are read whole
or not at all, and so is every row that tells of a danger or of somebody who depends on supply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ..ground.brought import SetAside
from ..ground.errors import Fault
from .cells import REPEATS, Parsed
from .gathering import Gathering

BAD_ROWS_PERCENT = 5.0
UNSURE_PERCENT = 20.0
"""Rows that lose a cell they can do without may be more: nothing of a call is lost but a mistyped number."""
VITAL = MappingProxyType(
    {"customers": frozenset({"welfare"}), "interruptions": frozenset({"customers", "customer", "operations"})}
)
"""Cells that are not guessed: who depends on supply, and what a record counts."""
LENIENT = frozenset({"customers", "requests", "signs", "interruptions"})
_ROW = re.compile(r"^row (\d+)(?:, columns? (.+))?$")
_NAME = re.compile(r"'([^']*)'")
Found = tuple[tuple[str, ...], Fault]


def good_rows(parsed: Parsed, faults: Gathering, percent: float = BAD_ROWS_PERCENT) -> Parsed:
    """Set the bad rows of a file aside, or leave their faults as they are.

    A bad cell that a row can do without is taken as empty; a row that lacks what it needs is set aside.

    Parameters
    ----------
    percent : above this share of bad rows the file is refused; one bad row never refuses it.

    Returns
    -------
    Parsed
        The rows to go on with; with the faults that stay, all of them.
    """
    if faults.strict or parsed.table.name not in LENIENT:
        return parsed
    mine = [fault for fault in faults.faults if fault.file == parsed.file]
    places = {row: at for at, row in enumerate(parsed.rows.tolist())}
    # A fault may lie in a row that is none, such as one of totals.
    by_row = {row: found for row, found in _by_row(mine).items() if row == 0 or row in places}
    if 0 in by_row:
        return parsed
    usable = {row for row, found in by_row.items() if _can_do_without(parsed, found)}
    # Nothing is lost with a row that stands in the file once more.
    again = {row for row, found in by_row.items() if all(each.text.startswith(REPEATS) for _, each in found)}
    lost = by_row.keys() - usable - again
    many = _too_many(len(lost), parsed, percent)
    if many or _too_many(len(usable), parsed, max(percent, UNSURE_PERCENT)):
        if len(by_row) == len(parsed):
            return parsed
        text = (
            f"{len(by_row)} of {len(parsed)} rows are bad; up to {percent:g} % are set aside. Mend them, or "
            f"allow more with bad_rows_percent in settings.yaml"
        )
        text += "".join(f". {each[0].upper()}{each[1:]}" for each in faults.noted(parsed.file, "formulas"))
        faults.faults.insert(faults.faults.index(mine[0]), Fault(file=parsed.file, place="", text=text))
        return parsed
    if any(_is_vital(_cells(parsed, places[row])) for row in lost):
        return parsed
    faults.faults = [fault for fault in faults.faults if fault.file != parsed.file]
    return _without(parsed, by_row, places, faults)


def _by_row(mine: Sequence[Fault]) -> dict[int, list[Found]]:
    """Faults by row, with the columns they name; 0 for those of the whole file."""
    found: dict[int, list[Found]] = {}
    for fault in mine:
        match = _ROW.match(fault.place)
        columns = tuple(_NAME.findall(match[2])) if match is not None and match[2] else ()
        found.setdefault(int(match[1]) if match else 0, []).append((columns, fault))
    return found


def _without(
    parsed: Parsed, by_row: Mapping[int, Sequence[Found]], places: Mapping[int, int], faults: Gathering
) -> Parsed:
    aside = []
    for row, found in sorted(by_row.items()):
        if _can_do_without(parsed, found):
            parsed.emptied(places[row], {name for columns, _ in found for name in columns})
            texts = [f"{fault.place}: {fault.text}" for _, fault in found]
            faults.repaired(parsed.file, "cells taken as empty, because they cannot be right", texts)
        else:
            reasons = tuple(_reason(fault) for _, fault in found)
            aside.append(SetAside(row=row, reasons=reasons, cells=_cells(parsed, places[row])))
    faults.set_aside(parsed.file, aside)
    return parsed.without({each.row for each in aside}) if aside else parsed


def _too_many(count: int, parsed: Parsed, percent: float) -> bool:
    return count > max(1, len(parsed) * percent / 100) or 0 < len(parsed) <= count


def _reason(fault: Fault) -> str:
    _, _, place = fault.place.partition(", ")
    return f"{place}: {fault.text}" if place else fault.text


def _can_do_without(parsed: Parsed, found: Sequence[Found]) -> bool:
    """Whether a row can do without every cell that is wrong with it, and nobody depends on one of them."""
    columns, vital = parsed.table.column_by_name, VITAL.get(parsed.table.name, ())
    names = {name for named, _ in found for name in named}
    return all(named for named, _ in found) and all(
        name in columns and not columns[name].required and name not in vital for name in names
    )


def _cells(parsed: Parsed, at: int) -> dict[str, str]:
    return {name: str(cells[at]) for name, cells in parsed.texts.items()}


def _is_vital(written: Mapping[str, str]) -> bool:
    """Whether a row tells of a danger, or of somebody who depends on supply."""
    cells = {name: cell.lower() for name, cell in written.items()}
    welfare = cells.get("welfare", "") not in ("", "no", "false", "n", "0", "否", "无", "não", "nao")
    return welfare or cells.get("kind", "") in ("hazard", "危险", "安全隐患")
