"""Options of `gridcrew serve` for what leaves the house: the public's page, events, pushes to phones."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from dispatch.outward.publishing import PublicSettings
from dispatch.push.settings import PushSettings
from dispatch.store import StoreError


def add_public(parser: argparse.ArgumentParser) -> None:
    """Declare what the public sees."""
    parser.add_argument(
        "--public", type=Path, metavar="FOLDER", help="write the public's page there and show it at /public/"
    )
    parser.add_argument(
        "--public-county", metavar="FIPS,COUNTY,STATE", help="of the supply area, for the table of agencies"
    )
    parser.add_argument(
        "--embed-on",
        action="append",
        default=[],
        type=origin,
        metavar="ORIGIN",
        help="a site that may show the public's page in a frame, like https://www.example.org",
    )
    parser.add_argument("--events", action="store_true", help="tell other systems by webhook and by number")
    parser.add_argument(
        "--webhook-host",
        action="append",
        default=[],
        metavar="HOST",
        help="events go to this host alone (.example.org: to its subdomains); default: any public one",
    )
    parser.add_argument(
        "--webhooks-inside",
        action="store_true",
        help="events may go to private addresses and this machine, and without TLS",
    )


def add_push(parser: argparse.ArgumentParser) -> None:
    """Declare by whom crews' phones are rung."""
    parser.add_argument(
        "--push-host",
        action="append",
        default=[],
        metavar="HOST",
        help="ring crews' phones through this push service, like fcm.googleapis.com; default: ring none",
    )
    parser.add_argument(
        "--push-contact",
        default="",
        metavar="ADDRESS",
        help="whom a push service may write to, like mailto:duty@utility.example",
    )
    parser.add_argument(
        "--push-inside",
        action="store_true",
        help="a push service may stand at a private address or on this machine, and be spoken to without TLS",
    )


def push(args: argparse.Namespace) -> PushSettings | None:
    """The push services that phones are rung through, where one is named."""
    if not args.push_host:
        return None
    return PushSettings(hosts=tuple(args.push_host), contact=args.push_contact, inside=args.push_inside)


def public(args: argparse.Namespace) -> PublicSettings | None:
    """Where the public's page is written, where a utility wants one."""
    if args.public is None:
        return None
    names = (args.public_county or ",,").split(",")
    if len(names) != 3:
        raise StoreError("--public-county: expected FIPS,COUNTY,STATE, like 06037,Los Angeles,California")
    county = dict(zip(("fips_code", "county", "state"), (each.strip() for each in names), strict=True))
    root = f"{args.public_url.rstrip('/')}/public/" if args.public_url else ""
    return PublicSettings(folder=args.public, root=root, county=county)


def origin(text: str) -> str:
    """A site that may show a page of ours, as an option has it.

    Raises
    ------
    argparse.ArgumentTypeError
        It is none.
    """
    if not re.fullmatch(r"https?://[A-Za-z0-9.*-]+(?::\d{1,5})?", text):
        raise argparse.ArgumentTypeError(f"{text!r}: expected scheme and name, like https://www.example.org")
    return text
