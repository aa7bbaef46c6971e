"""The planner in a process of its own plans the same, tells when it dies, and comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from dispatch.ground.case import Case
from dispatch.ground.errors import DispatchError
from dispatch.live import Budget, Desk, Who
from dispatch.live.planner import vitals, worker
from dispatch.live.planner.packing import packed
from dispatch.live.planner.process import PlannerGone, PlannerProcess
from dispatch.live.planner.task import LEAST_S, AfterAWhile
from dispatch.live.planner.worker import Outdated, Planner
from dispatch.live.proposals import routes_of
from dispatch.live.standing.edits import edit_crew, edit_customer
from dispatch.store import Store
from tests.prepared import empty_store
from tests.web.served import until

ANA = Who(name="ana")


@pytest.fixture(scope="module")
def process(small: Case) -> Iterator[PlannerProcess]:
    made = PlannerProcess(small)
    yield made
    made.end()


def test_it_plans_what_this_process_would_have_planned(
    desk: Desk, small: Case, tmp_path, clock, process: PlannerProcess
) -> None:
    other = Desk(small, empty_store(tmp_path / "other.sqlite"), clock, Budget(work=300))
    other.shelf.make_plan = process
    here, there = desk.shelf.propose(ANA), other.shelf.propose(ANA)
    assert routes_of(there.plan) == routes_of(here.plan)
    assert there.summary == here.summary
    assert there.case.customers is small.customers
    other.shelf.publish(1, ANA)
    assert other.day().plan.routes == there.plan.routes
    assert process.pid != os.getpid()


def test_it_stands_behind_the_server_in_the_line_for_the_processor(process: PlannerProcess) -> None:
    process.start()
    assert process.pid is not None
    # The process sets it before it takes its first task, which the test above has sent.
    assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_who_asked_gets_the_plan_though_the_process_dies_at_it(
    in_force: Desk, process: PlannerProcess
) -> None:
    in_force.shelf.make_plan = process
    process.start()
    in_force.book.budget = Budget(work=300)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)

    def kill_the_first() -> bool:
        if process.pid == first:
            os.kill(first, signal.SIGKILL)
        return False

    assert in_force.shelf.propose(ANA, stop=kill_the_first) is not None
    assert process.pid not in (None, first)
    assert process.starts == 2


def test_when_two_die_at_it_the_plan_stays_and_the_next_task_finds_a_new_one(
    in_force: Desk, process: PlannerProcess
) -> None:
    in_force.shelf.make_plan = process
    process.start()
    before = in_force.plan_number("published")
    # It plans until somebody ends it.
    in_force.book.budget = Budget(time_limit_s=600)
    killed = set()

    def kill() -> bool:
        if process.pid is not None and process.pid not in killed:
            killed.add(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        return False

    with pytest.raises(PlannerGone, match="ended"):
        in_force.shelf.propose(ANA, stop=kill)
    assert len(killed) == 2
    in_force.book.budget = Budget(work=300)
    assert in_force.plan_number("published") == before
    assert in_force.shelf.proposal() is None
    assert in_force.shelf.propose(ANA) is not None
    assert process.pid not in killed


def test_who_asks_while_a_plan_is_made_is_next_without_waiting_for_its_whole_budget(
    in_force: Desk, process: PlannerProcess
) -> None:
    in_force.shelf.make_plan = process
    in_force.book.budget = Budget(time_limit_s=600)
    searching = threading.Event()

    def asked() -> bool:
        searching.set()
        return False

    first = threading.Thread(target=in_force.shelf.propose, args=(ANA, asked))
    first.start()
    assert searching.wait(60)
    in_force.book.budget = Budget(work=300)
    assert in_force.shelf.propose(Who(name="ben")) is not None
    first.join(60)
    assert not first.is_alive()
    made = [event.actor for event in in_force.store.events_after(0) if event.kind == "plan_made"]
    assert made[-2:] == ["ana", "ben"]


def test_everybody_is_told_that_nobody_plans_and_that_somebody_does_again(desk: Desk) -> None:
    planner, made = Planner(desk), desk.shelf.make_plan

    def dead(task, stop=None, on_progress=None):
        raise PlannerGone("the planner's process ended (status -9)")

    desk.shelf.make_plan = dead
    planner._one_turn()
    assert desk.planner_gone == desk.clock()
    desk.shelf.make_plan = made
    planner._one_turn()
    assert desk.planner_gone is None
    told = [event.data["what"] for event in desk.store.events_after(0) if event.subject == "planner"]
    assert told == ["planner_gone", "planner_back"]
    assert desk.shelf.proposal() is not None


def test_boards_are_told_that_a_planner_starts_anew_that_died_with_nothing_to_do(
    in_force: Desk, process: PlannerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the next one takes half a minute to load, and nobody plans meanwhile."""
    monkeypatch.setattr(worker, "SAID_AFTER_S", 0.0)
    in_force.shelf.make_plan, planner = process, Planner(in_force)
    process.start()
    killed = process.pid
    assert killed is not None
    assert planner.trouble is None
    os.kill(killed, signal.SIGKILL)
    # Its first thread may be gone while others of it still end, and nobody can bury it yet.
    dead = process._process
    assert dead is not None
    assert until(lambda: not dead.is_alive())
    starting = threading.Thread(target=process.start)
    starting.start()
    said = False
    while starting.is_alive() and not said:
        said = (found := planner.trouble) is not None and found.why == "starts anew"
    starting.join(120)
    assert said
    assert planner.trouble is None
    assert process.pid not in (None, killed)


def test_a_day_that_cannot_be_planned_is_said_on_every_board(desk: Desk) -> None:
    def impossible(task, stop=None, on_progress=None):
        raise DispatchError("nothing fits")

    desk.shelf.make_plan = impossible
    Planner(desk)._one_turn()
    assert desk.shelf.proposal() is None
    assert desk.planner_gone == desk.clock()


def test_a_process_that_froze_is_ended_and_the_next_task_finds_a_new_one(
    in_force: Desk, process: PlannerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force.shelf.make_plan = process
    in_force.shelf.propose(ANA)
    frozen = process.pid
    assert frozen is not None
    monkeypatch.setattr(vitals, "SILENT_S", 1.5)
    os.kill(frozen, signal.SIGSTOP)
    with pytest.raises(PlannerGone, match=r"(said|took) nothing for"):
        in_force.shelf.propose(ANA)
    monkeypatch.undo()
    assert in_force.shelf.propose(ANA) is not None
    assert process.pid != frozen


def test_a_plan_that_never_ends_is_given_up(
    in_force: Desk, process: PlannerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force.shelf.make_plan = process
    in_force.shelf.propose(ANA)
    in_force.book.budget = Budget(time_limit_s=600)
    monkeypatch.setattr(PlannerProcess, "_allowed_s", lambda *_: 1.0)
    with pytest.raises(PlannerGone, match="at one plan for"):
        in_force.shelf.propose(ANA)


def test_a_case_that_others_work_on_meanwhile_is_written_all_the_same(small: Case) -> None:
    ended = threading.Event()
    shelf: dict[str, int] = {}
    holder = Holder(small, shelf)

    def work() -> None:
        n = 0
        while not ended.is_set():
            n += 1
            setattr(holder, f"worked_out_{n % 5000}", n)
            shelf[str(n % 5000)] = n
            if n % 5000 == 0:
                holder.__dict__.clear()
                holder.__init__(small, shelf)  # type: ignore[misc]
                shelf.clear()

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        for _ in range(30):
            assert packed(holder, small)
    finally:
        ended.set()
        worker.join(10)


class Holder:
    """Something beside which threads keep what they worked out."""

    def __init__(self, case: Case, shelf: dict[str, int]) -> None:
        self.case, self.shelf = case, shelf


def test_what_happens_meanwhile_makes_a_search_old_and_what_does_not_matter_does_not(
    in_force: Desk,
) -> None:
    in_force.book.budget = Budget(time_limit_s=5)
    seen = in_force.store.last_seq()
    in_force.shelf.acknowledge("crew-1", 1, ANA)
    assert not Outdated(in_force, seen, lambda: False)()
    in_force.work.crew_is("crew-2", "absent", ANA, reason="ill")
    assert Outdated(in_force, seen, lambda: False)()
    in_force.book.budget = Budget(work=300)
    assert not Outdated(in_force, seen, lambda: False)()


def test_a_search_is_not_cut_short_before_it_could_find_anything() -> None:
    now_s = [10.0]
    stop = AfterAWhile(lambda: True, lambda: now_s[0])
    assert not stop()
    now_s[0] += LEAST_S / 2
    assert not stop()
    now_s[0] += LEAST_S
    assert stop()


def test_what_changed_of_the_standing_data_is_told_once_and_planned_with(small: Case, store: Store) -> None:
    desk = Desk(small, store, lambda: small.settings.now, Budget(work=100))
    process = PlannerProcess(small)
    sizes: list[int] = []
    send = process._send

    def counted(wire: object, message: bytes, *patience_s: float) -> None:
        sizes.append(len(message))
        send(wire, message, *patience_s)  # type: ignore[arg-type]

    process._send = counted  # type: ignore[assignment,method-assign]
    desk.shelf.make_plan = process
    try:
        desk.shelf.propose(ANA)
        edit_customer(desk, "C01", {"phone": "+56 9 7"}, ANA, "moved in")
        edit_crew(desk, "crew-1", {"vehicle": "Truck 99"}, ANA, "swap")
        sizes.clear()
        desk.shelf.propose(ANA)
        # The parts, the task; nobody stops a search of so little work.
        assert len(sizes) == 2
        assert sizes[0] > 2 * sizes[1] > 0
        again = desk.shelf.propose(ANA)
        assert len(sizes) == 3
        assert again.case.customers is desk.case.customers
        assert again.case.crew_by_id["crew-1"].vehicle == "Truck 99"
        os.kill(process.pid or 0, signal.SIGKILL)
        with contextlib.suppress(PlannerGone):
            desk.shelf.propose(ANA)
        assert desk.shelf.propose(ANA).case.crew_by_id["crew-1"].vehicle == "Truck 99"
    finally:
        process.end()


def test_ending_while_a_task_is_being_sent_leaves_no_word_on_the_terminal(
    small: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []
    monkeypatch.setattr(threading, "excepthook", said.append)
    made = PlannerProcess(small)
    made.start()
    assert made.pid is not None
    wire = made._connected()
    os.kill(made.pid, signal.SIGSTOP)
    # Far more than fits into the wire, so that the writer is in the middle of it.
    sender = threading.Thread(target=made._send, args=(wire, bytes(2**24)))
    sender.start()
    made.end()
    sender.join(10)
    assert not sender.is_alive()
    assert said == []
    assert wire.closed
