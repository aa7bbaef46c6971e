"""A room in which every text that a person can write holds one telephone number, and every kind of thing is.

Whoever adds a route with a text of its own adds it here: what is read by whom is then looked at by itself.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from PIL import Image

from dispatch.live import Desk, Who, act_on, draft_tickets, open_calls
from dispatch.live.service.inspections import DUTIES
from dispatch.store.accounts import Accounts

MARKS = (f"tap-of-all-{number:04d}" for number in itertools.count(1))

MATTERS = ("appointment", "connection", "guarantee", "negotiation")
SIGNER = "Zoraida Quispe"


class Everything:
    """Somebody who writes a number into every field.

    Parameters
    ----------
    said : the number.
    tokens : by role, of everybody but crews.
    """

    def __init__(self, client: FlaskClient, desk: Desk, tokens: Mapping[str, str], said: str) -> None:
        self._client, self._desk, self._tokens = client, desk, tokens
        self.said = said
        visits = [(each.crew, visit.job) for each in desk.day().plan.routes for visit in each.visits]
        waiting = {row["id"] for row in desk.rows("orders") if row["state"] == "dispatched"}
        self.crew, self.job = next(each for each in visits if each[1].endswith("/repair"))
        self._next = next(each for each in visits if each[1].rsplit("/", 1)[0] in waiting)
        self._phone = Accounts(desk.store).issue_token("a phone of all", "crew", crew=self.crew)

    def write(self) -> None:
        """Write everything."""
        self._calls()
        self._complaint()
        self._services()
        self._work()
        self._field()
        self._tickets()
        self._plans()

    @property
    def known(self) -> dict[str, list[Any]]:
        """What there is, by the name that it has in addresses."""
        notes = self._ask("GET", "/api/v1/field", "dispatcher")["notes"]
        return {
            "complaint": self._ids("/api/v1/complaints", "complaints"),
            "number": [1, 2, *self.tickets],
            "photo": [each["photo"] for each in notes if each["what"] == "photo"],
            "warning": ["weather-1"],
            **{
                name: self._ids(f"/api/v1/{name}s?state=ended", f"{name}s")
                + self._ids(f"/api/v1/{name}s", f"{name}s")
                or ["none"]
                for name in MATTERS
            },
            "shedding": self._ids("/api/v1/sheddings", "sheddings") or ["none"],
        }

    def _calls(self) -> None:
        said = self.said
        call = self._ask(
            "POST", "/api/v1/requests", "dispatcher", {"words": "a meter hums", "customer": "C07"}
        )
        path = f"/api/v1/requests/{call['id']}"
        change = {"seen": 1, "words": f"it hums, {said}", "kind": "metering", "reason": f"said {said}"}
        self._ask("POST", path, "dispatcher", change)
        Accounts(self._desk.store).issue_token("mei", "service")
        owner = {"to": "mei", "seen": "a dispatcher", "reason": f"ring {said}"}
        self._ask("POST", f"{path}/owner", "dispatcher", owner)
        urged = {"subject": call["id"], "words": f"she rang from {said}"}
        self._ask("POST", "/api/v1/urgings", "service", urged)
        answer = {"subject": call["id"], "answer": f"rang {said}"}
        self._ask("POST", "/api/v1/urgings/answer", "service", answer)
        self._ask("POST", "/api/v1/urgings", "service", urged)
        manager = {"to": "mei", "reason": f"wants {said}"}
        self._ask("POST", "/api/v1/customers/C06/manager", "supervisor", manager)

    def _complaint(self) -> None:
        said = self.said
        body = {"words": f"I complain, {said}", "customer": "C05", "kind": "complaint"}
        for _ in range(2):
            call = self._ask("POST", "/api/v1/requests", "service", body)
        path, version = f"/api/v1/complaints/K-{call['id']}", 1
        answer = {"text": f"we rang {said}", "category": "supply", "cause": "repair_time", "upheld": "yes"}
        for act in (
            {"act": "contact", "note": f"rang {said}"},
            {"act": "note", "note": f"again {said}"},
            {"act": "level", "level": 2, "reason": f"press at {said}"},
            {"act": "hand_over", "to": "mei", "reason": f"knows {said}"},
            {"act": "answer", **answer},
            {"act": "word", "word": "dissatisfied", "note": f"not enough, {said}"},
        ):
            version = self._ask("POST", path, "service", {**act, "seen": version})["version"]
        urged = {"subject": f"K-{call['id']}", "words": f"now, {said}"}
        self._ask("POST", "/api/v1/urgings", "supervisor", urged | {"supervision": True})

    def _services(self) -> None:
        said, now = self.said, self._desk.clock()
        span = {
            "begins": (now + timedelta(days=9)).isoformat(),
            "ends": (now + timedelta(days=9.1)).isoformat(),
        }
        begun = {"kind": "new", "customer": "C07", "words": f"ring {said}"}
        connection = self._ask("POST", "/api/v1/connections", "service", begun)["id"]
        wait = {"act": "wait", "seen": 1, "reason": f"papers, {said}"}
        self._ask("POST", f"/api/v1/connections/{connection}", "service", wait)
        fair = {
            "name": "Fair",
            "place": f"ring {said}",
            "level": 2,
            "feeders": ["BR-2"],
            "reason": said,
            **span,
        }
        guarantee = self._ask("POST", "/api/v1/guarantees", "supervisor", fair)["id"]
        close = {"act": "close", "seen": 1, "text": f"all well, {said}", "reason": f"over, {said}"}
        self._ask("POST", f"/api/v1/guarantees/{guarantee}", "supervisor", close)
        talk = {"plan": "P-9", "reason": f"more at {said}", "opened": ["BR-1"], "times": [span]}
        negotiation = self._ask("POST", "/api/v1/negotiations", "supervisor", talk)["id"]
        cancel = {"act": "cancel", "seen": 1, "reason": f"told by {said}"}
        self._ask("POST", f"/api/v1/negotiations/{negotiation}", "supervisor", cancel)
        finding = {"words": f"a cable lies open, {said}", "level": 2, "duty": DUTIES[0]}
        visit = {"customer": "C06", "note": f"met {said}", "findings": [finding]}
        self._ask("POST", "/api/v1/inspections", "service", visit)

    def _work(self) -> None:
        said, (crew, job) = self.said, self._next
        order = job.rsplit("/", 1)[0]
        row = next(each for each in self._desk.rows("orders") if each["id"] == order)
        move = {"to": "on_the_way", "seen": row["version"], "crew": crew, "note": f"gate {said}"}
        self._ask("POST", f"/api/v1/work-orders/{order}/state", "dispatcher", move)
        report = {"to": "on_site", "crew": crew, "note": f"asked {said}"}
        self._ask("POST", f"/api/v1/jobs/{job}/report", "dispatcher", report)
        other = next(each.id for each in self._desk.case.crews if each.id != self.crew)
        wish = {"job": self.job, "crew": other, "wish": "forbid", "reason": f"told {said}"}
        self._ask("POST", "/api/v1/wishes", "dispatcher", wish)
        estimate = {"minutes": 90, "reason": f"asked {said}"}
        self._ask("POST", f"/api/v1/jobs/{self.job}/estimate", "dispatcher", estimate)
        away = {"state": "absent", "reason": f"ill, {said}"}
        self._ask("POST", f"/api/v1/crews/{other}/state", "dispatcher", away)
        self._ask("POST", f"/api/v1/crews/{other}/state", "dispatcher", {"state": "on_shift"})
        until = (self._desk.clock() + timedelta(minutes=20)).isoformat()
        late = {"what": "late", "subject": other, "until": until, "reason": f"rang {said}"}
        self._ask("POST", "/api/v1/found", "dispatcher", late)
        now = self._desk.clock()
        storm = {"kind": "wind", "from": now.isoformat(), "until": (now + timedelta(hours=5)).isoformat()}
        self._ask("POST", "/api/v1/weather", "dispatcher", storm | {"note": f"more at {said}"})
        self._ask(
            "POST", "/api/v1/switches/TIE-1", "supervisor", {"normal": "closed", "note": said}, 409, 200
        )
        customer = {"access": f"ring {said}", "note": f"by {said}"}
        self._ask("POST", "/api/v1/customers/C08", "supervisor", customer)

    def _field(self) -> None:
        said = self.said
        self._tap(kind="help", reason="second_crew", note=f"ring {said}", job=self.job)
        self._tap(kind="told", note=f"gate opens at {said}", job=self.job)
        self._tap(kind="found", note=f"a pole leans, {said}", lon=-71.25, lat=-29.9)
        self._tap(kind="damage", job=self.job, what_broke=f"pole, {said}", minutes=60)
        self._tap(kind="refuse", plan=1, note=f"too long, {said}")
        picture, asked = io.BytesIO(), {"job": self.job, "at": self._desk.clock().isoformat()}
        Image.new("RGB", (64, 24), "white").save(picture, "JPEG")
        for moment in ("before", "signature"):
            answer = self._client.put(
                f"/api/v1/phone/photos/{next(MARKS)}",
                query_string=asked | {"moment": moment, "signer": SIGNER},
                data=picture.getvalue(),
                headers={"Authorization": f"Bearer {self._phone}"},
            )
            assert answer.status_code == 200, answer.text
        call = open_calls(self._desk)[-1]
        self._ask("POST", f"/api/v1/field/{call['seq']}/seen", "dispatcher", {"note": f"rang {said}"})

    def _tickets(self) -> None:
        who, said = Who(name="ana"), self.said
        self.tickets = draft_tickets(self._desk, self.job, who)
        for act in ("issue", "read_back", "permit", "suspend"):
            act_on(self._desk, self.tickets[0], act, who, second="ben", note=f"by telephone {said}")

    def _plans(self) -> None:
        self._ask("POST", "/api/v1/plans/proposal", "dispatcher", {})
        number = self._ask("GET", "/api/v1/state", "dispatcher")["proposal"]
        self._ask("POST", f"/api/v1/plans/{number}/decline", "dispatcher", {"reason": f"no, {self.said}"})

    def _tap(self, **told: Any) -> None:
        at = self._desk.clock().isoformat()
        body = {"sent_at": at, "taps": [{"id": next(MARKS), "at": at, **told}]}
        headers = {"Authorization": f"Bearer {self._phone}"}
        answer = self._client.post("/api/v1/phone/taps", json=body, headers=headers)
        assert answer.get_json()["heard"][0]["status"] == "taken", (told, answer.text)

    def _ids(self, path: str, name: str) -> list[str]:
        return [each["id"] for each in self._ask("GET", path, "supervisor")[name]]

    def _ask(self, method: str, path: str, role: str, body: Any = None, *statuses: int) -> Any:
        headers = {"Authorization": f"Bearer {self._tokens[role]}"}
        answer = self._client.open(path, method=method, json=body, headers=headers)
        assert answer.status_code in (statuses or (200, 201)), f"{method} {path}: {answer.text}"
        return answer.get_json()
