"""A planned small case, the application over it, and a running server with a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from dispatch.intake import load_case
from dispatch.planning.main_road import plan_day
from tests.prepared import empty_store, small_case
from tests.web.small_room import small_desk


class CompiledTemplates(BytecodeCache):
    """What templates compile to, for every application of this process: each test makes one of its own."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


class KnownRule(Rule):
    """A route whose two functions that build addresses are compiled once, not for every application."""

    _known: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        # What they do follows from this alone; the rule itself is handed to them at each call.
        key = (self.rule, self.subdomain, self.host, repr(self.defaults), self.merge_slashes, append_unknown)
        if key not in self._known:
            self._known[key] = super()._compile_builder(append_unknown)
        return self._known[key]


Flask.url_rule_class = KnownRule
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


@pytest.fixture(scope="session")
def small_day(tmp_path_factory):
    """The small case, planned."""
    case = small_case()
    return plan_day(case, work=2000, seed=1, processes=1)


@pytest.fixture(scope="session")
def demo_app(small_day):
    from web.app import create_app

    return create_app(small_day, demo=True)


@pytest.fixture(scope="session")
def demo_city(coquimbo, serving):
    """Address of a server that shows the demo city."""
    from web.app import create_app

    case = load_case(coquimbo)
    return serving(create_app(plan_day(case, time_limit_s=5, seed=1), demo=True))


@pytest.fixture
def store(tmp_path):
    """An empty database."""
    return empty_store(tmp_path / "day.sqlite")


@pytest.fixture
def desk(store, tmp_path):
    """The desk of the small case's room."""
    return small_desk(store)


@pytest.fixture
def client(demo_app):
    return demo_app.test_client()


@pytest.fixture(scope="session")
def serving():
    """Start servers on free ports; all are closed at the end."""
    from waitress import create_server

    servers = []

    def start(app) -> str:
        server = create_server(app, host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.effective_port}"

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator[object]:
    """A browser without a GPU."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def open_page(browser):
    """Open pages that record what goes wrong: console errors and requests that leave this machine."""
    contexts = []

    def visit(url: str, *, language: str = "en", theme: str = "day", size: tuple[int, int] = (1366, 768)):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=language)
        context.add_cookies([{"name": "gridcrew_theme", "value": theme, "url": url}])
        page = context.new_page()
        page.wrong, page.outside = [], []
        page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("request", lambda sent: page.outside.append(sent.url) if not local(sent.url) else None)
        contexts.append(context)
        page.goto(url)
        return page

    def local(url: str) -> bool:
        return url.startswith(("http://127.0.0.1:", "data:", "blob:"))

    yield visit
    for context in contexts:
        context.close()
