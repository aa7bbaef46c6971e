"""What the desk says no with: a code and values, so that a screen can say it in its own language."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..ground.errors import DispatchError
from ..ground.verdict import Violation

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "unknown_request": "no request '{request}'",
        "unknown_order": "no work order '{order}'",
        "unknown_kind": "no kind '{kind}'",
        "unknown_customer": "no customer '{customer}'",
        "unknown_crew": "no crew '{crew}'",
        "unknown_plan": "there is no plan {plan}",
        "unknown_job": "no job '{job}' in the plan in force",
        "unknown_outage": "no outage '{outage}'",
        "key_used": "this Idempotency-Key belongs to another message",
        "unknown_ticket": "no ticket {ticket}",
        "no_ticket": "'{job}' needs no ticket",
        "permit_open": "work permit {permit} is open behind the switch",
        "ticket_order": "ticket {ticket} is {state}; {act} cannot follow",
        "ticket_two_names": "{act} of ticket {ticket} needs two different names",
        "ticket_unsafe": "the steps of ticket {ticket} are not safe: {why}",
        "ticket_next_step": "the next step of ticket {ticket} is {step}",
        "unknown_call": "no call {call} waits for an answer",
        "moved": "'{job}' is {crew}'s work",
        "gone": "'{job}' is nobody's work any more",
        "ended": "{order} has been closed by {by}",
        "too_late": "the report on '{job}' is more than a minute old",
        "not_on_site": "nobody of this crew has said yet to be on site of '{job}'",
        "steps": "the safety steps of '{job}' are not all done",
        "unknown_road": "no road there",
        "unknown_device": "no switch '{device}'",
        "unknown_shift": "no shift of crew '{crew}' begins then",
        "unknown_depot": "no depot '{depot}'",
        "unknown_transformer": "no transformer '{transformer}'",
        "shift_meets": "crew '{crew}' has a shift at that time",
        "shift_over": "that shift of crew '{crew}' is over",
        "no_shift": "a shift ends after it begins, within 48 h",
        "unknown_warning": "no weather warning '{warning}'",
        "warning_times": "a warning ends after it begins, within ten days",
        "call_until": "crew '{crew}' has no shift in the next 16 h; say until when it is needed",
        "terms": "the terms of the roster forbid it for {crew}: {term} {found}, limit {limit}",
        "not_today": "only shifts that begin today; ask the supervisor for others",
        "nothing_changes": "nothing would change",
        "grid": "the grid cannot be run so: {why}",
        "no_way_left": "with this road closed some places cannot be reached any more",
        "state": "{order} is {state}; it cannot go to {to}",
        "older_plan": "plan {plan} is older than the one in force",
        "nothing_accepted": "nothing of the proposal was accepted: decline it instead",
        "answered_plan": "plan {plan} has been answered already",
        "part_unsafe": "this part of the proposal cannot be worked: {broken}",
        "no_plan": "no plan is in force yet",
        "unsafe": "not allowed: {broken}",
        "say_why": "say why: {broken}",
        "reason_missing": "say why",
        "too_few_parts": "a job is split into two to six parts",
        "same_job": "a job cannot be put together with itself",
        "under_way": "a crew is at work on '{job}'",
        "same_request": "a request cannot be joined to itself",
        "half_place": "a place needs both coordinates",
        "late_end": "the appointment ends before it begins",
        "has_order": "{order} is work for a crew: it ends there",
        "crew_at_work": "a crew is at work on {order}",
        "no_place": "nobody can tell where that is",
        "time_past": "that time has passed",
        "time_order": "the end lies before the beginning",
        "unknown_skill": "no skill '{skill}'",
        "unknown_person": "nobody in the office is called '{person}'",
        "owned_by": "{owner} answers for {subject} by now",
        "has_manager": "{person} looks after customer {customer}",
        "unknown_complaint": "no complaint '{complaint}'",
        "complaint_closed": "{complaint} is closed by the customer's word; a new call opens a new one",
        "complaint_unanswered": "{complaint} has no answer yet that the customer could be asked about",
        "complaint_missing": "{complaint} lacks its {name}",
        "complaint_changed": "somebody else has changed {complaint} in the meantime",
        "index_gone": "no index waits, or another one was worked out since it was read",
        "no_phone": "customer '{customer}' has no telephone number: nothing can be sent there",
        "urging_unknown": "no request, order or complaint '{subject}'",
        "urging_ended": "{subject} has ended",
        "urging_none": "nobody waits for an answer about {subject}",
        "unknown_matter": "there is nothing under the number '{subject}'",
        "matter_changed": "somebody else has changed {subject} in the meantime",
        "matter_ended": "{subject} has ended",
        "slot_taken": "that time is not free any more; choose another one",
        "no_visit": "{request} needs no visit, nobody can tell where it is, or no plan is in force",
        "unknown_visit": "no visit '{subject}' waits for a day",
        "visit_agreed": "the customer of {subject} was promised a time: agree on another one",
        "day_unknown": "the plan holds no day {day}",
        "day_full": "{day} has no room for {subject}, or no crew that can do it",
        "guarantee_overlaps": "{other} ({name}) guarantees feeder {feeder} at that time too; say why both",
        "guarantee_times": "an event ends after it begins and not in the past; its level is 1, 2 or 3",
        "guarantee_no_feeder": "name a feeder or a customer of the event",
        "guarantee_no_check": "{subject} has no inspection {n}",
        "guarantee_no_finding": "that inspection of {subject} found nothing that is to be mended",
        "guarantee_report": "an event is closed with a report",
        "guarantee_unfinished": "{subject} is not over, or has open inspections or findings ({n}); say why",
        "unknown_feeder": "no feeder '{feeder}'",
        "guaranteed_feeder": "feeder {feeder} is under guarantee {guarantee} ({name}): a supervisor decides",
        "talk_nobody": "nobody would lose supply by {subject}",
        "talk_known": "{other} is about {subject} already",
        "talk_times": "propose between one and {n} times",
        "talk_time_wrong": "a proposed time lies ahead and ends after it begins",
        "talk_answer": "say what the customer answers and by what way",
        "talk_no_time": "there is no time number {n} in {subject}",
        "talk_which_time": "say which other time the customer asks for",
        "talk_no_customer": "customer {customer} is not asked in {subject}",
        "talk_not_agreed": "{who} ({n}) have not agreed to that time; say why it is announced all the same",
        "connection_kind": "no kind of connection '{kind}'",
        "step_unknown": "{subject} has no step '{step}'",
        "step_done": "{step} of {subject} is finished already",
        "step_early": "{step} of {subject} cannot be finished before {needs}",
        "step_customers_turn": "it is the customer's turn in {subject}",
        "step_our_turn": "{subject} does not wait for the customer",
        "shed_wrong": "ask for more than 0 kW, for at most 24 h that are not over",
        "shed_short": "{asked} kW cannot be reached: {reached} kW can, {short} kW are missing; say why",
        "shed_report": "end a shortage with the kW that were measured and a report",
        "danger_missing": "a finding says what, its level (1 to 3) and whose duty it is",
        "danger_remedied": "{subject} waits for the re-inspection",
        "danger_open": "{subject} has not been remedied yet",
        "score_wrong": "the scale goes from 1 to 5; 1 and 2 need the reason",
        "score_known": "the caller of {request} has been asked already",
        "quality_wrong": "say whether it is good or which faults it has",
        "quality_judged": "{subject} has been judged",
        "quality_own": "nobody judges their own order; {subject} is yours",
        "quality_no_appeal": "{subject} holds no fault that could be appealed against",
        "repeat_unknown": "nothing comes again as often as the rules name at '{whose}'",
        "unattended_hours": "unattended sending is switched on for at most {most:g} hours",
        "report_unknown": "no interruption '{subject}' is open or began in the last days",
        "report_not_back": "supply is not known to be back at {subject}; say when it was restored",
        "note_missing": "say what was done or said",
        "two_managers": "customer {customer} stands there with two managers, {one} and {other}",
    }
)

# Broken by a person who says why: late work, long shifts, a truck that must fetch stock, a
# rest put off. What is missing here is a matter of safety and is never allowed.
ANSWERABLE = frozenset(
    {
        "window",
        "shift",
        "capacity",
        "break_missing",
        "break_window",
        "break_overlap",
        "max_crews",
        "committed",
        "start_place",
    }
)


class Refused(DispatchError):
    """A change that cannot be made, and why.

    Parameters
    ----------
    code : one of `TEXTS`; any other text is a sentence of its own, with the code "other".
    broken : the rules that the change would break.
    values : what the text names.
    """

    def __init__(self, code: str, broken: Sequence[Violation] = (), **values: Any) -> None:
        self.code = code if code in TEXTS else "other"
        self.broken = tuple(broken)
        self.values = dict(values)
        shown = values | {"broken": "; ".join(each.text for each in self.broken[:5])}
        super().__init__(TEXTS[code].format(**shown) if code in TEXTS else code)


def expect_crew(known: Container[str], crew: str) -> None:
    """Refuse a crew that somebody made up.

    Parameters
    ----------
    known : the crews that there are.

    Raises
    ------
    Refused
        There is no such crew (`unknown_crew`).
    """
    if crew not in known:
        raise Refused("unknown_crew", crew=crew)
