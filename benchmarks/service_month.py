"""Live a month of the customer desk on a fast clock, then recount from the journal what was promised.

    python benchmarks/service_month.py                       # 30 days on the small case, some minutes
    python benchmarks/service_month.py --days 3 --seed 7

A seeded town calls: outages, meters, complaints, enquiries, connections, second calls. Clerks answer, agree
on times, lead connections, ask customers; crews drive by the plans in force; two storms push visits back;
there are a guaranteed event, talks about planned outages, a shortage, inspections, checks of orders. After
some days without calls everything must have an owner and an end. Exit status 1 where anything has not.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import select  # noqa: E402

from dispatch.intake import load_case  # noqa: E402
from dispatch.live import Desk, Entry, Refused, Who  # noqa: E402
from dispatch.live.book import Budget  # noqa: E402
from dispatch.live.callbacks import answer_callback, due_callbacks  # noqa: E402
from dispatch.live.escalating import close_answered, escalate_due  # noqa: E402
from dispatch.live.service.connections import Wanted  # noqa: E402
from dispatch.live.service.guarantees import Event as Guaranteed  # noqa: E402
from dispatch.live.service.inspections import Finding  # noqa: E402
from dispatch.live.weather import Told, warn  # noqa: E402
from dispatch.messages.announcing import NoticeTooShort  # noqa: E402
from dispatch.messages.fitting import ALWAYS  # noqa: E402
from dispatch.messages.negotiating import settle  # noqa: E402
from dispatch.outages.planned import PlannedOutage  # noqa: E402
from dispatch.room import RoomOptions, open_room  # noqa: E402
from dispatch.store import ENDED, Conflict, Store, open_store  # noqa: E402
from dispatch.store.history import events_after  # noqa: E402
from dispatch.store.matters import every_open_matter, urging_list  # noqa: E402
from dispatch.store.tables import orders, outbox, requests  # noqa: E402
from tests.small_case import write_small_case  # noqa: E402

ROSTER = """\
id,crew,start,end,from
one,crew-1,07:00,19:00,2026-07-15
two,crew-2,08:00,20:00,2026-07-15
"""
CLERKS = ("mei", "jie", "sup")
EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
GRACE_DAYS = 12
WORDS = {
    "outage": "no light since ten, 家里停电了",
    "metering": "the meter is to be moved, 移表",
    "complaint": "the crew was rude, 投诉抢修人员态度",
    "enquiry": "what does a second meter cost, 咨询",
    "new_connection": "a new house needs supply, 新装",
}
OFTEN = {"outage": 4, "metering": 3, "complaint": 2, "enquiry": 2, "new_connection": 1}


class Month:
    """A month of one desk.

    Parameters
    ----------
    chance : decides everything that people do.
    """

    def __init__(self, desk: Desk, set_clock: Callable[[datetime], None], chance: random.Random) -> None:
        self.desk, self._set, self.chance = desk, set_clock, chance
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.customers = [str(each) for each in desk.case.customers.table.index]
        self.quiet = False

    def live(self, days: int, grace: int = GRACE_DAYS) -> None:
        """Live the days, and some more in which nobody calls and everything ends."""
        for day in range(days + grace):
            self.quiet = day >= days
            self._day(day)

    def who(self) -> Who:
        """One of those at the desk."""
        return Who(name=self.chance.choice(CLERKS))

    # -- inside ----------------------------------------------------------------

    def _day(self, number: int) -> None:
        zone = self.desk.case.settings.zone
        began = self.desk.case.settings.now.astimezone(zone).replace(hour=0, minute=0) + timedelta(
            days=number
        )
        if number:
            for hour in (3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22):
                self._set(began + timedelta(hours=hour, minutes=self.chance.randrange(10)))
                self._hour(hour)
                if hour == 9 and not self.quiet:
                    self._events_of(number)

    def _hour(self, hour: int) -> None:
        desk = self.desk
        if hour == 7:
            for crew in desk.case.crews:
                desk.work.restocked(crew.id, Who(name="store"))
        if not self.quiet:
            for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
                self._call()
        desk.service.look()
        desk.service.days.look()
        escalate_due(desk)
        if hour in (8, 10, 12, 14, 16, 18):
            self._plan()
        if hour >= 8:
            self._crews()
        if 8 <= hour <= 18:
            self._office()

    def _call(self) -> None:
        kind = self.chance.choices(list(OFTEN), list(OFTEN.values()))[0]
        entry = Entry(
            words=WORDS[kind],
            received_at=self.desk.clock(),
            customer=self.chance.choice(self.customers),
            kind=kind,
        )
        logged = self.desk.calls.log(entry, self.who())
        self.desk.service.heard(logged, entry.words)
        self.done[f"call: {kind}"] += 1
        if kind == "new_connection":
            wanted = Wanted(
                kind="new", request=logged.id, voltage_kv=self.chance.choice((0.22, 10.0)), sources=1
            )
            self._try("connection begun", lambda: self.desk.service.connections.begin(wanted, self.who()))
        elif kind == "metering" and self.chance.random() < 0.7:
            self._appointment(logged.id)

    def _appointment(self, request: str) -> None:
        held = self.desk.service.appointments

        def take() -> None:
            offers = held.offers(request)
            if offers:
                held.take(request, self.chance.choice(offers[:3]).id, self.who(), "as the customer asks")

        self._try("time agreed", take)

    def _plan(self) -> None:
        planner = Who(name="planner", source="solver")
        self.desk.shelf.propose(planner)
        number = self.desk.plan_number("proposed")
        if number is not None and number > (self.desk.plan_number("published") or 0):
            self._try("plan published", lambda: self.desk.shelf.publish(number, Who(name="dis")))

    def _crews(self) -> None:
        """Crews do what the plan in force has begin by now."""
        if self.desk.plan_number("published") is None:
            return
        day, now = self.desk.day(), self.desk.clock()
        states = {row["id"]: row["state"] for row in self.desk.rows("jobs")}
        for route in day.plan.routes:
            who = Who(name=route.crew, source="board")
            for visit in route.visits:
                due = day.origin + timedelta(seconds=visit.start_s) <= now
                if due and states.get(visit.job) not in ("done", "restored", "cannot"):
                    for to in ("on_the_way", "on_site", "restored", "done"):
                        job = visit.job

                        def report(
                            to: str = to, job: str = job, who: Who = who, crew: str = route.crew
                        ) -> None:
                            self.desk.work.report(job, to, who, crew=crew)

                        self._try(f"report: {to}", report)

    def _office(self) -> None:
        for row in list(every_open_matter(self.desk.store)):
            acting = getattr(self, f"act_on_{row['kind']}", None)
            if acting is not None:
                self._try(f"act: {row['kind']}", lambda row=row, acting=acting: acting(row))
        for row in urging_list(self.desk.store):
            if row["answered_at"] is None and self.chance.random() < 0.8:
                said = "rang the customer"
                self._try(
                    "urging answered",
                    lambda row=row, said=said: self.desk.service.urging.answer(
                        row["subject"], self.who(), said
                    ),
                )
        for row in due_callbacks(self.desk):
            answer = self.chance.choices(("yes", "no", "unreached"), (90, 4, 6))[0]
            self._try(
                "callback",
                lambda row=row, answer=answer: answer_callback(self.desk, row["request"], answer, self.who()),
            )
            if answer == "yes":
                score = self.chance.choice((1, 3, 4, 5, 5))
                self._try(
                    "satisfaction",
                    lambda row=row, score=score: self.desk.service.satisfaction.rate(
                        row["request"], score, "late", self.who()
                    ),
                )
        self._close_enquiries()
        if self.chance.random() < 0.2:
            self.desk.service.quality.draw(Who(name="sup"))

    def _close_enquiries(self) -> None:
        """What no crew drives for and is no complaint: answered within the day; restored without callback."""
        for row in self.desk.rows("requests"):
            order = self.desk.row("orders", row["order_id"]) if row["order_id"] else None
            if (
                row["open"]
                and row["desk"]
                and row["kind"] == "enquiry"
                and order
                and order["state"] not in ENDED
            ):
                self._try(
                    "enquiry answered",
                    lambda order=order: close_answered(self.desk, order["id"], self.who(), "told"),
                )
        for order in self.desk.rows("orders"):
            if order["state"] == "restored" and not any(
                row["order_id"] == order["id"] for row in due_callbacks(self.desk)
            ):
                self._try(
                    "order closed",
                    lambda order=order: self.desk.work.move_order(
                        order["id"], "closed", self.who(), seen=order["version"]
                    ),
                )

    def act_on_complaint(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        held, who = self.desk.service.complaints, self.who()
        if row["state"] == "open" and self.chance.random() < 0.4:
            again = int(row["data"].get("reopened", 0))
            told = {"text": f"put right ({again})", "category": "service", "cause": "crew", "upheld": "yes"}
            held.act(row["id"], "answer", who, seen=row["version"], **told)
        elif row["state"] == "answered":
            word = self.chance.choices(("satisfied", "dissatisfied", "unreached"), (80, 8, 12))[0]
            held.act(row["id"], "word", who, seen=row["version"], word=word, note="by telephone")

    def act_on_appointment(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        if row["state"] == "missed":
            self._appointment(row["request"])

    def act_on_connection(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        held, who = self.desk.service.connections, self.who()
        if row["data"]["turn"] == "customer":
            if self.chance.random() < 0.3:
                held.resume(row["id"], "brought the papers", who, seen=row["version"])
        elif self.chance.random() < 0.25:
            held.finish(row["id"], row["place"], "done", who, seen=row["version"])

    def act_on_danger(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        held, who = self.desk.service.dangers, self.who()
        if row["state"] == "open" and self.chance.random() < 0.2:
            held.remedy(row["id"], "mended", who, seen=row["version"])
        elif row["state"] == "remedied":
            held.recheck(row["id"], self.chance.random() < 0.8, "seen", who, seen=row["version"])

    def act_on_guarantee(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        held, who = self.desk.service.guarantees, Who(name="sup")
        left = [each for each in row["data"]["checks"] if not each["done_at"]]
        if left:
            held.check(row["id"], left[0]["id"], "", who, seen=row["version"])
        elif not row["data"]["presence"] and self.desk.clock() < datetime.fromisoformat(
            row["data"]["begins"]
        ):
            held.stand_by(row["id"], who, seen=row["version"])
        elif self.desk.clock() > datetime.fromisoformat(row["data"]["ends"]):
            held.close(row["id"], "no outage during it", who, seen=row["version"])

    def act_on_outage_notice(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        held, who = self.desk.service.negotiations, self.who()
        if row["state"] != "asking":
            return
        for customer, told in row["data"]["customers"].items():
            if told["answer"] is None:
                answer = {"answer": "accepts", "option": 1, "way": "phone"}
                held.answer(row["id"], customer, answer, who, seen=row["version"])
                return
        settle(self.desk, row["id"], 1, Who(name="sup"), seen=row["version"], reason="agreed")

    def act_on_shedding(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        if self.desk.clock() > datetime.fromisoformat(row["data"]["ends"]):
            self.desk.service.shortages.end(row["id"], 10.0, "passed", Who(name="sup"), seen=row["version"])

    def act_on_quality(self, row: dict[str, Any]) -> None:
        """One act of somebody at the desk."""
        held = self.desk.service.quality
        judge = next(name for name in CLERKS if name != row["owner"])
        if row["state"] in ("drawn", "appealed"):
            good = self.chance.random() < 0.7
            held.judge(
                row["id"],
                "good" if good else "faults",
                () if good else ("late",),
                "",
                Who(name=judge),
                seen=row["version"],
            )
        elif row["state"] == "judged":
            held.appeal(
                row["id"], "the road was closed", Who(name=row["owner"] or "mei"), seen=row["version"]
            )

    def _events_of(self, number: int) -> None:
        """What happens on certain days of a month."""
        desk, sup, now = self.desk, Who(name="sup"), self.desk.clock()
        if number % 14 == 5:
            begins = now + timedelta(hours=20)
            warn(desk, Told(kind="storm", begins=begins, ends=begins + timedelta(hours=12)), sup)
            self.done["storm"] += 1
        if number % 9 == 2:
            begins = now + timedelta(days=3)
            event = Guaranteed(
                name="Examination",
                place="School",
                begins=begins,
                ends=begins + timedelta(hours=6),
                level=2,
                feeders=("BR-2",),
                customers=("C11",),
            )
            self._try("event guaranteed", lambda: desk.service.guarantees.plan(event, sup, "every week"))
        if number % 7 == 3:
            begins = now + timedelta(days=9)
            plan = PlannedOutage(
                id=f"P-{number}",
                start=begins,
                end=begins + timedelta(hours=2),
                open_places=("RC-1",),
                reason="poles",
            )
            self._try(
                "talk begun",
                lambda: desk.service.negotiations.begin(plan, [(begins, begins + timedelta(hours=2))], sup),
            )
        if number % 11 == 4:
            begins = now + timedelta(hours=5)
            self._try(
                "shortage",
                lambda: desk.service.shortages.use(
                    5, begins, begins + timedelta(hours=4), sup, "all there is"
                ),
            )
        if number % 6 == 1:
            customer = self.chance.choice(self.customers)
            finding = Finding(words="leaks oil", level=2, duty="customer")
            self._try("visit", lambda: desk.service.inspections.visited(customer, (finding,), "", self.who()))

    def _try(self, name: str, do: Callable[[], Any]) -> None:
        try:
            do()
        except (Refused, Conflict, NoticeTooShort) as error:
            self.refused[f"{name}: {getattr(error, 'code', type(error).__name__)}"] += 1
        else:
            self.done[name] += 1


def recount(store: Store, desk: Desk) -> list[str]:
    """What of all that was promised has no owner or no end, and what customers heard that they must not."""
    return [*_matters(store), *_urgings(store), *_requests(store), *_slots(store), *_letters(store, desk)]


def _matters(store: Store) -> list[str]:
    owner: dict[str, str | None] = {}
    ended: dict[str, bool] = {}
    kinds: dict[str, str] = {}
    for event in events_after(store, 0, ("matter_opened", "matter_changed"), EVER):
        data = event.data
        if event.kind == "matter_opened":
            kinds[event.subject], owner[event.subject] = data["kind"], data.get("owner")
            ended[event.subject] = bool(data.get("ended_at"))
        to = data.get("to", {})
        owner[event.subject] = to.get("owner", owner.get(event.subject))
        if "ended_at" in to:
            ended[event.subject] = bool(to["ended_at"])
    wrong = [f"{id_} ({kinds[id_]}) has no owner" for id_, name in owner.items() if not name]
    return wrong + [f"{id_} ({kinds[id_]}) has no end" for id_, over in ended.items() if not over]


def _urgings(store: Store) -> list[str]:
    waits: set[str] = set()
    for event in events_after(store, 0, ("urged", "urging_answered"), EVER):
        waits = waits | {event.subject} if event.kind == "urged" else waits - {event.subject}
    return [f"nobody answered the urging of {id_}" for id_ in sorted(waits)]


def _requests(store: Store) -> list[str]:
    with store.reading() as connection:
        asked = [dict(row) for row in connection.execute(select(requests)).mappings()]
        worked = [dict(row) for row in connection.execute(select(orders)).mappings()]
    wrong = [f"{row['id']} ({row['kind']}, {row['channel']}) is open" for row in asked if row["open"]]
    wrong += [
        f"{row['id']} has no owner"
        for row in asked
        if not row["owner"] and row["channel"] == "phone" and row["id"] > "R000006"
    ]
    return wrong + [f"order {row['id']} is {row['state']}" for row in worked if row["state"] not in ENDED]


def _slots(store: Store) -> list[str]:
    held: dict[str, str] = {}
    wrong = []
    place: dict[str, str] = {}
    for event in events_after(store, 0, ("matter_opened", "matter_changed"), EVER):
        to = event.data if event.kind == "matter_opened" else event.data.get("to", {})
        if not event.subject.startswith("A-"):
            continue
        if to.get("ended_at") or to.get("state") == "missed":
            held = {slot: whose for slot, whose in held.items() if whose != event.subject}
        elif "place" in to:
            held = {slot: whose for slot, whose in held.items() if whose != event.subject}
            if held.get(to["place"], event.subject) != event.subject:
                wrong.append(f"slot {to['place']} was given twice: {held[to['place']]}, {event.subject}")
            held[to["place"]], place[event.subject] = event.subject, to["place"]
    return wrong


def _letters(store: Store, desk: Desk) -> list[str]:
    zone, wrong, seen = desk.case.settings.zone, [], Counter()
    phones = {str(each) for each in desk.case.customers.table["phone"]} | {"+56 9 555 0101"}
    night = set()
    with store.reading() as connection:
        told = [dict(row) for row in connection.execute(select(outbox)).mappings()]
    for each in told:
        seen[each["recipient"], each["text"]] += 1
        if each["recipient"] not in phones:
            wrong.append(f"a letter to somebody unknown: {each['key']}")
        if not 7 <= each["due_at"].astimezone(zone).hour < 22:
            night.add(each["key"].split("/")[0])
    wrong += [f"told {count} times: {text[:60]}" for (_, text), count in seen.items() if count > 1]
    loud = {"received", "crew", "cancelled", "appointment_agreed", "appointment_cancelled", *ALWAYS}
    wrong += [f"at night: {each}" for each in sorted(night - loud)]
    return wrong


def room_of(folder: Path, database: str, seed: int) -> tuple[Month, Store]:
    """A desk on the small case whose clock the month sets."""
    case_folder = write_small_case(folder / "case")
    # Enough meters for as many calls as this town makes.
    crews = (case_folder / "crews.csv").read_text(encoding="utf-8")
    (case_folder / "crews.csv").write_text(crews.replace("meter:2", "meter:9"), encoding="utf-8")
    (case_folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    case = load_case(case_folder)
    now = [case.settings.now]

    def set_clock(at: datetime) -> None:
        now[0] = max(now[0], at)

    store = open_store(database)
    desk = open_room(case, store, lambda: now[0], RoomOptions(budget=Budget(work=40))).desk
    return Month(desk, set_clock, random.Random(seed)), store


def main() -> int:
    """Live the month, recount, print what came out as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="URL of an empty database; a SQLite file without it")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or f"sqlite:///{folder}/month.sqlite"
        month, store = room_of(Path(folder), database, given.seed)
        month.live(given.days)
        wrong = recount(store, month.desk)
        wrong += [] if store.rebuilt() == store.stored() else ["the rebuilt store differs"]
        events = store.last_seq()
        store.close()
    told = {"days": given.days, "seconds": round(time.monotonic() - began), "events": events}
    told |= {"done": dict(sorted(month.done.items())), "refused": dict(sorted(month.refused.items()))}
    print(json.dumps(told | {"wrong": wrong}, ensure_ascii=False, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
