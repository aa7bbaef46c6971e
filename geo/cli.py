"""`gridcrew grid FILE`: say what a grid file holds and every fault in it."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from .errors import GeoError
from .grid.connected import count_customers, find_customers
from .grid.report import describe, in_words
from .readers.loading import load_grid, write_customers, write_grid
from .readers.recognising import WHAT_IS_READ

BAD_INPUT = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "file",
        type=Path,
        help=WHAT_IS_READ,
    )
    parser.add_argument(
        "--write-customers",
        type=Path,
        metavar="CSV",
        help="write the customers that a CIM or GridLAB-D file holds",
    )
    parser.add_argument("--write", type=Path, metavar="OUT", help="write it as a folder, .gpkg or .geojson")
    parser.add_argument(
        "--origin",
        type=_origin,
        metavar="LON,LAT",
        help="where to lay out a grid that has no coordinates on the globe",
    )
    parser.add_argument(
        "--customers",
        type=Path,
        metavar="CSV",
        help="customers with their transformers; default: customers.csv beside the grid, where there is one",
    )
    parser.add_argument("--json", action="store_true", help="figures and faults as JSON")


def run(args: argparse.Namespace) -> int:
    """Print figures and faults; 0 if the grid can be run as it is, else 2."""
    try:
        grid = load_grid(args.file, check=False, origin=args.origin)
        if args.write is not None:
            write_grid(grid, args.write)
        if args.write_customers is not None:
            write_customers(grid, args.write_customers)
        table = args.customers or find_customers(args.file)
        customers, lost = count_customers(grid, table) if table is not None else (None, ())
    except GeoError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    counts, faults = describe(grid), (*grid.validate(), *lost)
    if customers is not None:
        counts["customers"] = customers
    if args.json:
        told = [dataclasses.asdict(fault) for fault in faults]
        print(json.dumps({"counts": counts, "faults": told}, ensure_ascii=False, indent=1))
    else:
        print(in_words(counts, faults))
    return BAD_INPUT if any(fault.severity == "error" for fault in faults) else 0


def _origin(text: str) -> tuple[float, float]:
    lon, _, lat = text.partition(",")
    try:
        return float(lon), float(lat)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not LON,LAT, e.g. -71.25,-29.90") from None
