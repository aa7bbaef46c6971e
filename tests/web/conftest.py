"""A planned small case, the application over it, and a running server with a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from dispatch.intake import load_case
from dispatch.planning.main_road import plan_day
from tests.prepared import empty_store
from tests.small_case import write_small_case
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


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


@pytest.fixture(scope="session")
def small_day(tmp_path_factory):
    """The small case, planned."""
    case = load_case(write_small_case(tmp_path_factory.mktemp("small")))
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
    return small_desk(store, tmp_path)


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
