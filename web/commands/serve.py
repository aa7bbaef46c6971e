"""`gridcrew serve CASE`: the running day of a duty room."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dispatch.cli.options import positive, whole
from dispatch.cli.store import age
from dispatch.demo import demo_case, is_demo
from dispatch.ground.brought import report_lines
from dispatch.ground.case import Case
from dispatch.ground.clock import room_clock
from dispatch.intake import load_case
from dispatch.live import Budget
from dispatch.live.service.demo import begin_demo
from dispatch.outages.meters import MeterSettings
from dispatch.outward.guard import EventSettings
from dispatch.room import RoomOptions, open_room
from dispatch.store import Store, StoreError, open_store
from dispatch.store.accounts import Accounts
from dispatch.store.leader import Alone

from ..app import create_app
from ..board.live import MOST_STREAMS
from ..board.seats import Seats
from ..entrance.oidc import Provider, provider_of
from ..entrance.proxies import Network, network
from ..phone.ringing import MOST_PHONES
from ..serve import serve
from ..server.limits import LOOPBACK as TRUSTED_LOOPBACK
from ..server.limits import Limits
from ..server.logs import FORMATS, LEVELS, set_up_logs
from ..server.settings import Settings
from .leaving import add_public, add_push, public, push

# Every open board holds a thread for its events, and so does every phone that listens; these answer.
ANSWERING = 40
SECRET = "GRIDCREW_SECRET_KEY"
OIDC_SECRET = "GRIDCREW_OIDC_SECRET"
REPLY_SECRET = "GRIDCREW_REPLY_SECRET"
METERS_TOKEN = "GRIDCREW_METERS_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", type=Path, nargs="?", help="a case folder; the demo city without it")
    parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine alone")
    parser.add_argument("--port", type=whole, default=8000, help="default 8000; 0 takes a free one")
    parser.add_argument(
        "--database",
        default="sqlite:///gridcrew.sqlite",
        metavar="URL",
        help="default sqlite:///gridcrew.sqlite",
    )
    parser.add_argument(
        "--time-limit", type=positive, default=5.0, metavar="S", help="of one proposal, default 5"
    )
    _add_clock(parser)
    parser.add_argument("--https", action="store_true", help="browsers come by TLS through a proxy in front")
    parser.add_argument(
        "--served-as", action="append", default=[], metavar="NAME", help="a name of this server; default any"
    )
    parser.add_argument(
        "--positions", action="store_true", help="crews' phones say where they are while on shift"
    )
    parser.add_argument(
        "--photo-places", action="store_true", help="keep where pictures of crews were taken, if they say"
    )
    parser.add_argument(
        "--supervisor", action="append", default=[], metavar="MAIL", help="hears of promises at risk"
    )
    parser.add_argument(
        "--keep",
        type=age,
        metavar="AGE",
        help="forget customers of what ended longer ago, e.g. 90d, once a day; default: keep all",
    )
    parser.add_argument(
        "--oidc",
        type=Path,
        metavar="FILE",
        help="sign in with accounts of the house too: JSON with issuer, client, secret, claim, roles",
    )
    parser.add_argument(
        "--messages",
        type=Path,
        metavar="FOLDER",
        help="own words and contacts; default CASE/messages",
    )
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="where customers reach this server to answer callbacks",
    )
    _add_meters(parser)
    add_public(parser)
    add_push(parser)
    _add_operations(parser)
    parser.set_defaults(settings_of=Settings(parser))


def _add_clock(parser: argparse.ArgumentParser) -> None:
    """Declare by which clock the room lives."""
    parser.add_argument(
        "--case-clock",
        action="store_true",
        help="let the clock stand at the case's own `now` (to try things out)",
    )
    parser.add_argument(
        "--clock-from", type=moment, metavar="TIME", help="let the clock begin there (to try a day out)"
    )
    parser.add_argument(
        "--clock-speed",
        type=positive,
        default=1.0,
        metavar="N",
        help="let the clock run so many times faster (to try a day out)",
    )


def _add_meters(parser: argparse.ArgumentParser) -> None:
    """Declare where meters are asked."""
    parser.add_argument(
        "--meters-url",
        metavar="URL",
        help="the head-end that is asked whether meters have supply; its token in GRIDCREW_METERS_TOKEN",
    )
    parser.add_argument(
        "--meters-per-minute", type=whole, default=60, metavar="N", help="meters asked at most; default 60"
    )


def _add_operations(parser: argparse.ArgumentParser) -> None:
    """Declare what concerns the server and not the day."""
    limits = Limits()
    parser.add_argument(
        "--trusted-proxy",
        type=proxy,
        action="append",
        default=[],
        metavar="ADDRESS",
        help="a proxy in front, or a network of them; with --https this machine's own without being named",
    )
    parser.add_argument(
        "--connections", type=whole, default=limits.connections, metavar="N", help="open at once"
    )
    parser.add_argument(
        "--per-address", type=whole, default=limits.per_address, metavar="N", help="of them from one address"
    )
    parser.add_argument(
        "--streams", type=whole, default=MOST_STREAMS, metavar="N", help="boards that hear news at once"
    )
    parser.add_argument("--log-level", choices=tuple(LEVELS), default="info", help="default info")
    parser.add_argument("--log-format", choices=FORMATS, default="text", help="default text")
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="any of these options as TOML; the environment (GRIDCREW_PORT, ...) goes before it",
    )


def run(args: argparse.Namespace) -> int:
    """Open the store, start the planner, serve until interrupted."""
    args = args.settings_of.filled(args, os.environ)
    set_up_logs(args.log_level, args.log_format)
    folder = args.case or demo_case()
    case = load_case(folder)
    for line in report_lines(case.brought):
        print(line, file=sys.stderr)
    alone = Alone(args.database)
    store = open_store(args.database)
    is_new = store.last_seq() == 0
    room = open_room(case, store, _clock(args, case, folder, store), _options(args))
    if is_new and is_demo(folder):
        begin_demo(room.desk)
    _first_start(store)
    app = create_app(
        room.desk,
        secret_key=room.secret_key,
        https=args.https,
        proxies=args.trusted_proxy,
        names=args.served_as,
    )
    app.extensions["gridcrew_leader"] = room.leader
    app.extensions["gridcrew_seats"] = Seats(args.streams)
    app.config["OIDC"] = _provider(args.oidc)
    app.config["CASE_FOLDER"] = folder
    app.config["SHARE_POSITIONS"] = args.positions
    app.config["PHOTO_PLACES"] = args.photo_places
    app.extensions["gridcrew_outbound"] = room.outbound
    app.extensions["gridcrew_pushing"] = room.pushing
    app.config["PUBLIC_FOLDER"], app.config["PUBLIC_EMBEDDERS"] = args.public, args.embed_on
    app.config["REPLY_SECRET"] = os.environ.get(REPLY_SECRET, "")
    room.start()
    try:
        serve(
            app,
            args.host,
            args.port,
            threads=args.streams + MOST_PHONES + ANSWERING,
            limits=_limits(args),
            on_ready=lambda url: print(f"Serving at {url}", flush=True),
            on_end=room.hurry,
        )
    finally:
        room.end()
        alone.release()
    return 0


def _limits(args: argparse.Namespace) -> Limits:
    named = {str(each.network_address) for each in args.trusted_proxy if each.num_addresses == 1}
    return Limits(
        connections=args.connections, per_address=args.per_address, trusted=TRUSTED_LOOPBACK | named
    )


def proxy(text: str) -> Network:
    """An address or a network, as an option has it."""
    try:
        return network(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected an address or a network, like 10.0.0.5 or 10.0.0.0/24"
        ) from None


def _clock(args: argparse.Namespace, case: Case, folder: Path, store: Store) -> Callable[[], datetime]:
    zone, start = case.settings.zone, args.clock_from
    if args.case_clock:
        return room_clock(zone, start=case.settings.now, speed=0)
    if start is None and args.clock_speed == 1.0 and is_demo(folder):
        start = demo_now(case, store)
        print(
            f"A demo: its clock began at {case.settings.now:%Y-%m-%d %H:%M}, when its calls come in, "
            f"and shows {start:%Y-%m-%d %H:%M} now (--clock-from TIME for another)",
            file=sys.stderr,
            flush=True,
        )
    return room_clock(zone, start=start, speed=args.clock_speed)


def demo_now(case: Case, store: Store) -> datetime:
    """What a demo's clock shows: its own time at the first start on this database, and as much later now.

    The calls and shifts of a demo are of one day; by the real clock a newcomer would meet a room
    whose roster ended long ago.
    """
    now = datetime.now(UTC)
    began = Accounts(store).keepsake("demo began", now.isoformat())
    return case.settings.now + max(timedelta(0), now - datetime.fromisoformat(began))


def moment(text: str) -> datetime:
    """A time with its offset, as an option has it.

    Raises
    ------
    argparse.ArgumentTypeError
        It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        expected = "a time with its offset, like 2026-06-18T07:30:00-04:00"
        raise argparse.ArgumentTypeError(f"{text!r}: expected {expected}")
    return found


def _options(args: argparse.Namespace) -> RoomOptions:
    return RoomOptions(
        budget=Budget(time_limit_s=args.time_limit),
        own_process=True,
        secret_key=os.environ.get(SECRET),
        messages=_messages(args),
        supervisors=args.supervisor,
        public_url=args.public_url,
        keep=args.keep,
        meters=_meters(args),
        public=public(args),
        events=EventSettings(hosts=tuple(args.webhook_host), inside=args.webhooks_inside)
        if args.events
        else None,
        push=push(args),
    )


def _meters(args: argparse.Namespace) -> MeterSettings | None:
    """The head-end of the meters, where one is named."""
    if args.meters_url is None:
        return None
    try:
        token = os.environ.get(METERS_TOKEN, "")
        return MeterSettings(url=args.meters_url, token=token, per_minute=args.meters_per_minute)
    except ValueError as error:
        raise StoreError(f"--meters-url: {error}") from error


def _provider(path: Path | None) -> Provider | None:
    """Who else says who somebody is, out of a JSON file; its secret may come from the environment."""
    if path is None:
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return provider_of({"secret": os.environ.get(OIDC_SECRET), **told})
    except (ValueError, TypeError, AttributeError) as error:
        raise StoreError(f"{path}: {error}") from error


def _messages(args: argparse.Namespace) -> Path | None:
    """The folder of words and contacts: the one named, else the case's own if it has one."""
    if args.messages is not None:
        return Path(args.messages)
    own = (args.case or demo_case()) / "messages"
    return own if own.is_dir() else None


def _first_start(store: Store) -> None:
    made = Accounts(store).first_administrator()
    if made is not None:
        name, password = made
        print(
            f"First start: sign in as '{name}' with the one-time password {password}",
            file=sys.stderr,
            flush=True,
        )
