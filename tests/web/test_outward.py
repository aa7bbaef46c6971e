"""The public's page and the look-up of one's own supply: what they tell, and what nobody gets out of them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from flask.testing import FlaskClient

from dispatch.messages.announcing import announce
from dispatch.outward.areas import Area, area_map
from dispatch.outward.feeds import CAP, as_cap, as_geojson, as_outages_csv, as_rss
from dispatch.outward.picture import Picture, PublicOutage, customer_range
from dispatch.outward.publishing import put
from dispatch.room import Room
from dispatch.store import Store
from tests.web.outward_room import ANA, NAME, PHONE, SECRETS, look, town, trip
from web.app import create_app
from web.outward import supply as supply_page

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Iterator[Room]:
    made = town(store, tmp_path)
    desk = made.desk
    for at in range(3):
        said = {"words": f"{NAME} has no light, call {PHONE} <script>", "phone": PHONE, "channel": "phone"}
        desk.note("request_logged", f"X{at}", said | {"received_at": desk.clock().isoformat()}, ANA)
    trip(desk)
    desk.note("order_told", "O-RC-1", {"cause": "tree", "note": f"{NAME} {PHONE}"}, ANA)
    begins = desk.clock() + timedelta(days=9)
    announce(desk, f"N-{NAME}", ["T1"], begins, begins + timedelta(hours=2), f"for {NAME}, {PHONE}", ANA)
    look(made)
    yield made
    made.desk.store.close()


@pytest.fixture
def public(room: Room, tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def client(room: Room, public: Path) -> FlaskClient:
    app = create_app(room.desk, secret_key="a secret that the tests know")
    app.config.update(PUBLIC_FOLDER=public, PUBLIC_EMBEDDERS=["https://www.example.org"])
    return app.test_client()


def texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def test_no_file_holds_a_name_a_number_or_a_word_that_anybody_wrote(public: Path) -> None:
    found = texts(public)
    assert len(found) > 8
    held = [(name, secret) for name, text in found.items() for secret in SECRETS if secret in text]
    assert held == []
    customers = re.compile(r"\b[CP]\d{2,3}\b|Customer \d|O-RC-1|N-Zeb")
    assert [name for name, text in found.items() if customers.search(text)] == []


def test_the_page_says_what_is_out_in_both_languages_and_runs_no_script(public: Path) -> None:
    english, chinese = ((public / name).read_text(encoding="utf-8") for name in ("index.html", "zh.html"))
    assert "crew to come" in english
    assert "tree" in english
    assert "20–49" in english
    assert "停电" in chinese
    assert "树障" in chinese
    assert "计划停电" in chinese
    for text in (english, chinese):
        assert "<script" not in text
        assert " on" not in re.sub(r">[^<]*<", "><", text).replace(' on="', "!")


def test_what_is_planned_is_shown_without_its_reason(public: Path) -> None:
    told = json.loads((public / "outages.json").read_text(encoding="utf-8"))
    assert len(told["planned"]) == 1
    assert told["planned"][0]["customersFrom"] == 10


def test_an_outage_of_one_house_is_counted_and_not_shown(public: Path) -> None:
    told = json.loads((public / "outages.json").read_text(encoding="utf-8"))
    assert told["notShown"] >= 1
    assert all(each["customersFrom"] >= 10 for each in told["outages"])


def test_every_feed_can_be_read(public: Path) -> None:
    features = json.loads((public / "outages.geojson").read_text(encoding="utf-8"))["features"]
    told = json.loads((public / "outages.json").read_text(encoding="utf-8"))
    ids = {each["id"] for each in (*told["outages"], *told["planned"])}
    assert {each["id"] for each in features} == ids
    for id_ in ids:
        alert = Xml.parse(public / f"cap-{id_}.xml").getroot()
        assert alert.tag == f"{{{CAP}}}alert"
        assert len(alert.findall(f"{{{CAP}}}info")) == 2
    for language in ("en", "zh"):
        items = Xml.parse(public / f"outages.{language}.rss").getroot().findall("channel/item/guid")
        assert {item.text for item in items} == ids
    rows = list(csv.DictReader((public / "eaglei.csv").open(encoding="utf-8", newline="")))
    assert list(rows[0]) == ["fips_code", "county", "state", "customers_out", "run_start_time"]
    assert len(list(csv.DictReader((public / "outages.csv").open(encoding="utf-8", newline="")))) == len(ids)


def test_nothing_is_written_anew_that_says_the_same(room: Room, public: Path) -> None:
    before = {file.name: file.stat().st_mtime_ns for file in public.iterdir()}
    room.desk.note("noted", "somebody", {"what": "note"}, ANA)
    look(room)
    assert {file.name: file.stat().st_mtime_ns for file in public.iterdir()} == before
    assert not put(public / "index.html", (public / "index.html").read_bytes())


def test_an_outage_that_is_over_leaves_the_page_and_its_alert_goes(room: Room, public: Path) -> None:
    before = {each["id"] for each in json.loads((public / "outages.json").read_text())["outages"]}
    for state in ("on_the_way", "on_site", "restored"):
        room.desk.note("order_moved", "O-RC-1", {"to": state}, ANA)
    look(room)
    after = {each["id"] for each in json.loads((public / "outages.json").read_text())["outages"]}
    gone = before - after
    assert len(gone) == 1
    assert not (public / f"cap-{gone.pop()}.xml").exists()


def test_the_page_is_off_until_a_utility_turns_it_on(room: Room) -> None:
    client = create_app(room.desk).test_client()
    paths = ("/public/", "/public/index.html", "/public/supply", "/public/outages.json")
    assert [client.get(path).status_code for path in paths] == [404] * 4
    assert client.post("/public/supply").status_code in (400, 404)


def test_this_page_alone_may_stand_in_a_frame(client: FlaskClient) -> None:
    page = client.get("/public/index.html")
    assert "frame-ancestors https://www.example.org" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    for path in ("/public/supply", "/sign-in"):
        other = client.get(path)
        assert other.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]


def test_a_reader_who_has_the_file_is_told_so(client: FlaskClient) -> None:
    first = client.get("/public/outages.geojson")
    assert first.headers["Cache-Control"] == "public, max-age=30"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/public/outages.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["..%2fday.sqlite", ".index.html.part", "no.html", "%2e%2e/day.sqlite"])
def test_nothing_but_the_files_of_the_page_is_sent(client: FlaskClient, name: str) -> None:
    assert client.get(f"/public/{name}").status_code == 404


# -- areas ---------------------------------------------------------------------


def people(seed: int, count: int = 4000) -> np.ndarray:
    """A town of several quarters with some farms around it."""
    random = np.random.default_rng(seed)
    centres = random.uniform((8.0, 48.0), (8.2, 48.15), (6, 2))
    town_ = centres[random.integers(0, 6, count)] + random.normal(0, 0.008, (count, 2))
    return np.concatenate([town_, random.uniform((7.8, 47.9), (8.4, 48.3), (40, 2))])


@pytest.mark.parametrize("seed", range(4))
def test_every_area_holds_enough_customers_and_no_two_smallest_ones_overlap(seed: int) -> None:
    found = area_map(people(seed), 10)
    assert len(found.areas) > 20
    assert min(area.customers for area in found.areas) >= 10
    leaves = [found.areas[at].box for at in np.unique(found.leaf)]
    for one in leaves:
        for other in leaves:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert one is other or apart


@pytest.mark.parametrize("seed", range(4))
def test_whoever_compares_two_moments_learns_of_no_single_house(seed: int) -> None:
    lonlat, random = people(seed), np.random.default_rng(seed)
    found = area_map(lonlat, 10)
    for _ in range(60):
        centre = lonlat[random.integers(len(lonlat))]
        near = np.argsort(((lonlat - centre) ** 2).sum(axis=1))[: random.integers(12, 200)]
        # One more customer is out, wherever he lives.
        more = np.union1d(near, [random.integers(len(lonlat))])
        for rows in (near, more):
            assert all(count >= 10 for _, count in found.placed(rows))
        before, after = ({area.id for area, _ in found.placed(rows)} for rows in (near, more))
        # What is new on the map holds ten customers out at least, nine of whom were out before.
        for area, count in found.placed(more):
            assert area.id in before or count >= 10
        assert len(before ^ after) <= 3


def test_farms_far_from_everybody_are_in_a_larger_area_or_in_none() -> None:
    lonlat = people(1)
    found = area_map(lonlat, 10)
    assert found.placed(np.array([4000, 4001, 4002])) == []
    assert area_map(lonlat[:9], 10).areas == ()


def test_places_that_nobody_knows_are_in_no_area() -> None:
    lonlat = people(2)
    lonlat[:50] = np.nan
    found = area_map(lonlat, 10)
    assert found.placed(np.arange(50)) == []


def test_numbers_are_ranges_and_a_huge_one_has_no_end() -> None:
    assert customer_range(10, 10, 10) == (10, 19)
    assert customer_range(19, 20, 10) == (10, 49)
    assert customer_range(10**9, 10**9, 10) == (100_000, None)
    assert customer_range(130, 130, 120) == (120, 249)


def test_signs_in_the_names_of_streets_stay_text_in_every_file() -> None:
    evil = '</title><script>alert(1)</script>&"]]>\x00=cmd()'
    at = datetime.fromisoformat("2026-01-01T10:00:00+00:00")
    area = Area(id="A1", box=(1.0, 2.0, 3.0, 4.0), customers=99, streets=(evil,))
    outage = PublicOutage(id="0123456789ab", state="checking", since=at, fewest=10, most=19, areas=(area,))
    picture = Picture(
        utility=evil, zone="UTC", as_of=at, out=10, customers=99, least=10,
        outages=(outage,), small=0, planned=(replace(outage, ends=at, state="planned"),), small_planned=0,
        synthetic=False,
    )  # fmt: skip
    assert json.loads(as_geojson(picture))["features"][0]["properties"]["areas"][0]["streets"] == [evil]
    for text in (as_rss(picture, "en", ""), as_cap(picture, outage, "x")):
        assert "<script>" not in text
        Xml.fromstring(text)
    rows = list(csv.DictReader(as_outages_csv(replace(picture, utility="=cmd()")).splitlines()))
    assert rows[0]["utilityName"] == "'=cmd()"


# -- is my supply out? ---------------------------------------------------------


def ask(client: FlaskClient, number: str, digits: str) -> tuple[int, str]:
    token = TOKEN.search(client.get("/public/supply").text)
    assert token is not None
    form = {"csrf_token": token[1], "number": number, "digits": digits}
    answer = client.post("/public/supply", data=form)
    return answer.status_code, TOKEN.sub("", answer.text)


def test_a_customer_reads_whether_his_supply_is_out_and_since_when(client: FlaskClient) -> None:
    status, text = ask(client, "P001", "0001")
    assert status == 200
    assert "without supply since 18:20" in text
    status, text = ask(client, "P004", "0004")
    assert "no outage at your place" in text
    status, text = ask(client, "P000", "4567")
    assert "A planned outage" in text
    assert NAME not in text


def test_an_unknown_number_reads_like_wrong_digits_and_like_a_customer_without_a_telephone(
    client: FlaskClient,
) -> None:
    wrong = [ask(client, number, digits) for number, digits in (("P001", "9999"), ("nobody", "0001"))]
    odd = [ask(client, "P002", "²³45"), ask(client, "P002", "' OR"), ask(client, "", "")]
    assert len({*wrong, *odd}) == 1
    assert wrong[0][0] == 200
    assert "do not fit together" in wrong[0][1]


def test_digits_of_one_number_cannot_be_tried_one_after_the_other(client: FlaskClient) -> None:
    answers = [ask(client, "P001", f"{at:04d}")[0] for at in range(5, 12)]
    assert answers == [200] * 5 + [429] * 2
    # The right ones help no more, and an unknown number is refused the same way.
    assert ask(client, "P001", "0001")[0] == 429
    assert ask(client, "P003", "0003")[0] == 200


def test_numbers_cannot_be_tried_one_after_the_other_from_one_address(client: FlaskClient) -> None:
    statuses = [ask(client, f"P{at:03d}", "0000")[0] for at in range(25)]
    assert statuses.count(200) == 20
    assert set(statuses[20:]) == {429}


def test_where_many_guess_from_many_places_nobody_is_answered_for_a_while(client: FlaskClient) -> None:
    asked = client.application.extensions["gridcrew_supply_asked"] = supply_page.Asked()
    for _ in range(supply_page.ALL_UNMATCHED.burst + 1):
        asked.unmatching()
    assert ask(client, "P001", "0001")[0] == 429
