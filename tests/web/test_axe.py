"""Every page there is, opened by whoever may, in both languages, by day and by night: WCAG 2.2 AA by axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dispatch.live import Entry, Who, draft_tickets
from dispatch.live.callbacks import reply_mark
from dispatch.live.escalating import escalate_due
from dispatch.live.service.demo import begin_demo
from dispatch.live.service.index import let_index_count, propose_index
from dispatch.service.index import load_weights
from dispatch.store.accounts import Accounts
from dispatch.store.matters import matter_list
from dispatch.store.phones import Phones
from tests.web.settling import axe_faults
from tests.web.test_live_in_browser import ME, READY, SECRET, Room, planned
from tests.web.test_scenario import ORDER, SCENARIO, ended

# Some forty pages in one test: minutes on a machine that others use as well.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
PHONE = Who(name="phone crew-1", source="phone")
KEY = "k" * 32
PIN = "4711"
LOOKS = pytest.mark.parametrize(("language", "theme"), [("en", "day"), ("zh-CN", "night")])
# Not pages: files, data, doors that lead on, and parts that a page fetches.
NO_PAGES = frozenset(
    {
        "rule_corrections.cases",
        *("sheets.sheet_file", "sheets.route_file", "rule_versions.download", "rule_versions.download_cases"),
        *("fairness.lines", "promises.table", "static_files.static_file", "phone.worker", "phone.manifest"),
        *("scenario.outline_of", "scenario.status", "scenario.plot", "scenario.report_file", "scenario.file"),
        *("scenario.street", "phone.app_script", "phone.map_script"),
        *("oidc.begin", "oidc.back", "phone_office.picture", "standing.start", "standing.download"),
        *("bringing.file", "supply_reports.table"),
        *("health.alive", "health.ready", "health.metrics"),
        # Off until a utility turns them on.
        *("outward_files.start", "outward_files.file", "outward_supply.page", "webhooks.page", "sites.page"),
    }
)
DATA = ("/api/", "/open311/")
# Before signing in, and on a phone.
OPEN = frozenset({"accounts.sign_in", "callbacks.ask", "phone.page"})
MATTERS = ("guarantee", "outage_notice", "connection", "shedding")


class House(Room):
    """A duty room in which something of everything has happened."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        scenarios = folder / "case" / "scenarios"
        scenarios.mkdir()
        (scenarios / "small.yaml").write_text(SCENARIO.format(case=".."), encoding="utf-8")
        settings = {"CASE_FOLDER": folder / "case", "STUDIES_FOLDER": folder / "studies", "SECRET_KEY": KEY}
        self.app.config.update(WTF_CSRF_ENABLED=False, **settings)
        for role in ("administrator", "supervisor", "planner"):
            Accounts(self.store).add(role, role, SECRET)
        self.happen()
        self.study, self.film = self.studied()

    def happen(self) -> None:
        """A complaint that waits, a plan, a crew at work that needs help, a restored order, a new policy."""
        desk = self.desk
        complaint = Entry(words="I complain", kind="complaint", customer="C05", received_at=self.now)
        self.complaint = f"K-{desk.calls.log(complaint, ME).id}"
        desk.calls.log(Entry(words="It looks odd", kind="hazard", received_at=self.now), ME)
        self.serve_customers()
        self.publish()
        self.now += timedelta(hours=30)
        escalate_due(desk)
        repairs = (visit.job for route in desk.day().plan.routes for visit in route.visits)
        repair = next(each for each in repairs if each.endswith("/repair"))
        self.ticket = draft_tickets(desk, repair, ME)[0]
        job = planned(self)
        desk.work.report(job, "on_site", ME, crew="crew-1")
        help_ = {"what": "help", "reason": "police", "job": job, "crew": "crew-1", "note": "traffic"}
        desk.note("noted", desk.work.order_of(job), help_, PHONE)
        desk.work.report(job, "done", ME, crew="crew-1")
        planner = self.client("planner")
        text = desk.case.policy.text.replace("weight: 5}", "weight: 7}")
        planner.post("/rulebook/versions", data={"policy": (_file(text), "mine.yaml")})

    def serve_customers(self) -> None:
        """A complaint that somebody is urged about, a manager, an index that counts and one that waits."""
        service, weights = self.desk.service, load_weights()
        service.look()
        service.urging.urge(self.complaint, ME, "please ring back")
        service.owners.look_after("C05", "supervisor", ME, seen=None)
        let_index_count(self.desk, propose_index(self.desk, weights, ME).seq, ME)
        propose_index(self.desk, weights, ME)
        begin_demo(self.desk)
        rows = "customer_id,name,lon,lat,transformer\nC01,Ana,-71.26,-29.91,T1\nC99,Ben,0,0,T1\n"
        sent = {"files": [(_file(rows), "list.csv")]}
        answer = self.client("supervisor").post("/standing/bring", data=sent)
        assert answer.status_code == 302, answer.text
        self.draft = answer.location.rsplit("/", 1)[1]

    def client(self, name: str) -> Any:
        client = self.app.test_client()
        client.post("/sign-in", data={"name": name, "password": SECRET})
        return client

    def studied(self) -> tuple[str, str]:
        """A study that has ended, and the film of one of its days."""
        planner = self.client("planner")
        study = planner.post("/scenarios/start", json=ORDER).json["id"]
        assert ended(planner, study)["state"] == "done"
        page = planner.get(f"/scenarios/{study}").text
        film = next(part for part in page.split('"') if f"/scenarios/{study}/film/" in part)
        return study, film.rsplit("/", 1)[1]

    def paths(self) -> dict[str, str]:
        """The page of every endpoint that shows one."""
        asked = next(row["request"] for row in self.desk.rows("callbacks"))
        first = {kind: matter_list(self.store, kind, most=1)[0]["id"] for kind in MATTERS}
        values = {
            "guarantees.one": {"guarantee": first["guarantee"]},
            "negotiations.one": {"negotiation": first["outage_notice"]},
            "connections.one": {"connection": first["connection"]},
            "shortage.one": {"shedding": first["shedding"]},
            "bringing.draft": {"token": self.draft},
            "sheets.sheet": {"crew": "crew-1"},
            "sheets.crew": {"crew": "crew-1"},
            "rule_versions.version": {"number": 2},
            "standing.page": {"kind": "crews"},
            "standing.version": {"number": self.desk.standing.versions()[0].id},
            "scenario.study": {"id_": self.study},
            "tickets.document": {"number": self.ticket},
            "scenario.film": {"id_": self.study, "name": self.film},
            "complaints.one": {"complaint": self.complaint},
            "texts.page": {"customer": "C05"},
            "callbacks.ask": {"mark": quote(reply_mark(KEY, asked))},
        }
        found = {}
        for rule in self.app.url_map.iter_rules():
            page = "GET" in (rule.methods or ()) and not rule.rule.startswith(DATA)
            if page and rule.endpoint not in NO_PAGES:
                built = rule.build(values.get(rule.endpoint, {}), append_unknown=False)
                assert built is not None, f"{rule.endpoint}: say what to open, or why it is no page"
                found[rule.endpoint] = built[1]
        return found


def _file(text: str) -> Any:
    import io

    return io.BytesIO(text.encode())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    made.open()
    yield made
    made.server.close()


@pytest.fixture
def faults() -> Callable[[Any], list[tuple[str, Any, str]]]:
    return axe_faults


def sign_in(page: Any, house: House, name: str) -> None:
    page.goto(f"{house.address}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", SECRET)
    with page.expect_navigation():
        page.click("form.card button")


@LOOKS
@pytest.mark.parametrize("name", ["administrator", "supervisor", "planner"])
def test_every_page_of_the_office_passes(
    house: House, open_page: Any, faults: Any, name: str, language: str, theme: str
) -> None:
    page = open_page(house.address, language=language, theme=theme)
    sign_in(page, house, name)
    seen, wrong = set(), {}
    for endpoint, path in house.paths().items():
        if endpoint in OPEN or (name != "supervisor" and endpoint not in ONLY.get(name, ())):
            continue
        answer = page.goto(house.address + path)
        if name == "supervisor" and answer.status == 403:
            continue
        assert answer.status == 200, path
        seen.add(endpoint)
        if endpoint == "board.page":
            page.wait_for_selector(READY)
            page.keyboard.press("j")
            page.wait_for_selector("#detail summary")
        if endpoint == "callbacks.page":
            page.wait_for_selector("#asked li")
        if endpoint == "requests_page.page":
            page.locator("#rows tr[data-id]").first.click()
            page.wait_for_selector("#request .placing canvas")
        if found := faults(page):
            wrong[path] = found
    assert wrong == {}
    assert seen >= set(ONLY.get(name, MANY))


# What a supervisor may not open is looked at by whoever may.
ONLY = {
    "administrator": ("people.accounts", "people.audit", "people.security", "accounts.password"),
    "planner": ("scenario.page", "scenario.study", "scenario.film", "rule_versions.versions"),
}
MANY = (
    *("board.page", "board.outages", "sheets.crews", "sheets.crew", "sheets.sheet", "rulebook.page"),
    *("rule_versions.versions", "rule_versions.version", "fairness.page", "shift.page", "callbacks.page"),
    *("requests_page.page", "standing.page", "standing.version"),
    *("shift.handover_page", "phone_office.page", "promises.page", "intake_upload.page", "scenario.study"),
    *("planned.page", "tickets.page", "tickets.document", "tonight.page"),
    *("complaints.page", "complaints.one", "customer_index.page", "service.mine", "service.customers"),
    *("urging.page", "texts.page", "rule_corrections.page", "appointments.page", "guarantees.page"),
    *("guarantees.one", "negotiations.page", "negotiations.one", "connections.page", "connections.one"),
    *("shortage.page", "shortage.one", "inspections.page", "quality.page", "performance.page"),
    *("days.page", "watch.page", "unattended.page", "supply_reports.page"),
    *("bringing.page", "bringing.draft"),
)


def test_no_page_is_left_out(house: House) -> None:
    walked = {*MANY, *OPEN, *(endpoint for pages in ONLY.values() for endpoint in pages)}
    assert set(house.paths()) == walked


@LOOKS
def test_pages_before_signing_in_pass(
    house: House, open_page: Any, faults: Any, language: str, theme: str
) -> None:
    page = open_page(house.address, language=language, theme=theme)
    for path in ("/sign-in", house.paths()["callbacks.ask"], "/reply/nobody.0", "/phone", "/nowhere"):
        page.goto(house.address + path)
        page.wait_for_selector("h1")
        assert faults(page) == [], path


@LOOKS
def test_a_phone_passes_in_all_its_states(
    house: House, browser: Any, faults: Any, language: str, theme: str
) -> None:
    now = datetime.now(UTC)
    code = Phones(house.store).make_link("crew-2", PIN, until=now + timedelta(hours=8), by="ana", now=now)
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        locale=language,
        has_touch=True,
        is_mobile=True,
        color_scheme="dark" if theme == "night" else "light",
    )
    page = context.new_page()
    page.goto(f"{house.address}/phone/enter#{code}")
    page.wait_for_selector("#pin")
    assert faults(page) == [], "sign-in"
    page.fill("#pin", PIN)
    page.tap("form .go")
    page.wait_for_selector("article.stop")
    for tapped in (None, "#open-vehicle", "#do-sign-on", "#do-sign-on.armed", "#open-cause", "#open-note"):
        if tapped and page.query_selector(tapped):
            page.tap(tapped)
        # What the head of the page covers is judged where a person would scroll it to.
        way = "{block: 'center', behavior: 'instant'}"
        page.evaluate(f"document.querySelector('a[rel]')?.scrollIntoView({way})")
        assert faults(page) == [], tapped
    context.set_offline(True)
    page.tap("#queue")
    page.wait_for_selector("#queue.cut")
    assert faults(page) == [], "without signal"
    context.close()
