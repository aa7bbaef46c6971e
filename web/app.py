"""The web application: pages, API and the rules that hold on every one of them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Flask, g
from flask_wtf.csrf import CSRFProtect

from dispatch.ground.day import DayPlan
from dispatch.live import Desk
from dispatch.store.accounts import Accounts

from .api.openapi import openapi
from .api.resources import resources
from .api.routes import api
from .board.dispatching import dispatching
from .board.live import MOST_STREAMS, live
from .board.news import News
from .board.page import board
from .board.seats import Seats
from .board.signs import signs
from .day.current import DaySource, Derived, DeskDay, FixedDay
from .day.screens import dress
from .duty.callbacks import callbacks
from .duty.fairness import fairness
from .duty.planned import planned
from .duty.promises import promises
from .duty.sheets import sheets
from .duty.shift import shift
from .duty.telling import telling
from .duty.tickets import tickets
from .duty.tonight import tonight_api, tonight_page
from .entrance.access import guard, home_of
from .entrance.accounts import AccountBook, accounts, identify
from .entrance.directory import Directory
from .entrance.door import watch_door
from .entrance.limits import limit
from .entrance.oidc import oidc
from .entrance.ownership import owns
from .entrance.proxies import LOOPBACK, Forwarded, Network
from .entrance.refusals import note_refusals
from .entrance.sessions import LONGEST_S
from .faults import answer_faults
from .outward.files import outward_files
from .outward.sites import sites
from .outward.stream import outward_stream
from .outward.supply import outward_supply
from .outward.webhooks import webhooks
from .people.page import people
from .phone.listening import Listening
from .phone.office import phone_office
from .phone.page import phone
from .phone.ringing import MOST_PHONES, phone_ringing
from .requests.open311 import open311
from .requests.page import requests_page
from .requests.uploads import intake_upload
from .rulebook.corrections import rule_corrections
from .rulebook.page import rulebook
from .rulebook.versions import rule_versions
from .scenarios.studies import scenario
from .server.health import health
from .server.logs import name_requests
from .server.transfer import harden
from .service.appointments import appointments
from .service.complaints import complaints
from .service.connections import connections
from .service.days import days
from .service.guarantees import guarantees
from .service.index import customer_index
from .service.inspections import inspections
from .service.negotiations import negotiations
from .service.page import service
from .service.performance import performance
from .service.quality import quality
from .service.shortage import shortage
from .service.supply_reports import supply_reports
from .service.texts import texts
from .service.unattended import unattended
from .service.urging import urging
from .service.watch import watch
from .standing.api import standing_api
from .standing.bringing import bringing
from .standing.page import standing
from .static_files import static_files, tagged_files
from .words.language import speak

MOST_UPLOADED_B = 64 * 1024 * 1024
PAGES = (
    board,
    sheets,
    tickets,
    rulebook,
    rule_corrections,
    rule_versions,
    fairness,
    scenario,
    accounts,
    people,
    api,
    live,
    resources,
    requests_page,
    openapi,
    intake_upload,
    open311,
    oidc,
    dispatching,
    signs,
    shift,
    tonight_page,
    tonight_api,
    phone,
    phone_office,
    phone_ringing,
    telling,
    callbacks,
    promises,
    planned,
    complaints,
    service,
    supply_reports,
    unattended,
    urging,
    customer_index,
    appointments,
    guarantees,
    negotiations,
    connections,
    shortage,
    inspections,
    quality,
    performance,
    days,
    watch,
    texts,
    standing,
    bringing,
    standing_api,
    outward_supply,
    outward_files,
    outward_stream,
    webhooks,
    sites,
    health,
    static_files,
)
LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"]


def create_app(
    day: DayPlan | Desk | DaySource,
    *,
    demo: bool = False,
    accounts_book: AccountBook | None = None,
    secret_key: str | None = None,
    clock: Callable[[], float] = time.time,
    https: bool = False,
    proxies: Sequence[Network] = (),
    names: Sequence[str] = (),
) -> Flask:
    """Return the application that shows a day.

    Parameters
    ----------
    day : a plan, or where to ask for the one in force.
    demo : no accounts; answers to this machine only and says on every page that it is a demo.
    accounts_book : who may sign in, when it is not a demo; by default the accounts of a desk's store.
    secret_key : signs the session; by default the one that a desk's store keeps, else a new one.
    clock : seconds since 1970.
    https : whether browsers reach the server by TLS, so that cookies may insist on it.
    proxies : in front of the server; what they say of a sender's address and scheme is believed. With
        `https` and none named, those on this machine.
    names : that people reach the server by; any when there are none.
    """
    source = _source(day)
    if isinstance(day, Desk):
        own = Accounts(day.store)
        accounts_book = accounts_book or (None if demo else Directory(own))
        secret_key = secret_key or own.keepsake("session key")
    app = Flask(__name__, static_folder=None)
    app.config.update(
        _settings(demo, accounts_book, secret_key or secrets.token_hex(32), clock, https),
        FALLBACK_LANGUAGE=source.day().case.settings.language,
    )
    if names:
        # Whoever watches the server asks it by its address.
        app.config["TRUSTED_HOSTS"] = [*names, *LOOPBACK_NAMES]
    proxies = proxies or (LOOPBACK if https else ())
    app.wsgi_app = Forwarded(app.wsgi_app, proxies, https=https)  # type: ignore[method-assign]
    app.extensions["gridcrew_day"] = Derived(source)
    app.extensions["gridcrew_discreet_day"] = app.extensions["gridcrew_day"].discreet()
    if isinstance(day, Desk):
        _hear(app, day)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _post_guards(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    app.context_processor(
        lambda: {
            "identity": g.get("identity"),
            "demo": demo,
            "live": isinstance(day, Desk),
            "outward": app.extensions.get("gridcrew_outbound") is not None,
            "home_of": home_of,
        }
    )
    return app


def _hear(app: Flask, desk: Desk) -> None:
    """Let boards and phones hear what happens on a running day."""
    app.extensions["gridcrew_desk"] = desk
    app.extensions["gridcrew_news"] = News(desk)
    app.extensions["gridcrew_seats"] = Seats(MOST_STREAMS)
    app.extensions["gridcrew_phone_seats"] = Seats(MOST_PHONES)
    app.extensions["gridcrew_listening"] = Listening(desk)


def _post_guards(app: Flask) -> None:
    """What every request and answer passes; answers are finished in the reverse order of these lines."""
    name_requests(app)
    harden(app)
    speak(app)
    watch_door(app)
    note_refusals(app)
    guard(app, identify, partial(owns, app.extensions.get("gridcrew_desk")))
    limit(app)
    _forgery_guard(app)
    tagged_files(app)
    dress(app)
    answer_faults(app)


def _source(day: DayPlan | Desk | DaySource) -> DaySource:
    if isinstance(day, DayPlan):
        return FixedDay(day)
    return DeskDay(day) if isinstance(day, Desk) else day


def _forgery_guard(app: Flask) -> None:
    """Ask for the page's token, except of a program that brings a token of its own."""
    csrf = CSRFProtect(app)

    @app.before_request
    def protect() -> None:
        if app.config["WTF_CSRF_ENABLED"] and not g.get("by_token"):
            csrf.protect()


def _settings(
    demo: bool, book: AccountBook | None, secret_key: str, clock: Callable[[], float], https: bool
) -> dict[str, Any]:
    return {
        "DEMO": demo,
        "ACCOUNTS": book,
        "CLOCK": clock,
        "SECRET_KEY": secret_key,
        "MAX_CONTENT_LENGTH": MOST_UPLOADED_B,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        # A page of another site must not reach a demo by a name that it points at this machine.
        "TRUSTED_HOSTS": LOOPBACK_NAMES if demo else None,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_NAME": "gridcrew_session",
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=LONGEST_S),
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": https,
    }
