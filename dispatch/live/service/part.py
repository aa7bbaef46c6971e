"""The customer desk: what it is made of."""

from __future__ import annotations

from contextlib import suppress

from ..archive import Archive
from ..book import Book
from ..calls import Calls
from ..entries import Logged
from ..grading import Grading
from ..handmade import HandMade
from ..refusals import Refused
from ..shelf import Shelf
from .ahead import Ahead
from .appointments import Appointments
from .complaints import COMPLAINT, Complaints
from .connections import Connections
from .days import Days
from .fast_lane import FastLane
from .guarantees import Guarantees
from .inspections import Dangers, Inspections
from .negotiations import Negotiations
from .owners import Owners
from .quality import Quality, Satisfaction
from .shortages import Shortages
from .supply_reports import SupplyReports
from .texts import Texts
from .unattended import Unattended
from .urging import Urging
from .waiting import WaitingWork


class Service:
    """The customer's half of the desk.

    Attributes
    ----------
    owners : who answers for requests, who looks after customers.
    complaints : the complaint desk.
    urging : who is urged to act, and what they did.
    fast_lane : requests that the rules have supervised from the start.
    texts : how customers want to be told.
    appointments : slots that the plan can keep, and what became of them.
    guarantees : events that are guaranteed supply.
    shortages : what is shed when there is too little.
    inspections, dangers : visits due by rule, and what they found.
    satisfaction, quality : what customers say afterwards; closed orders that are looked at again.
    connections : new connections, step by step.
    negotiations : planned outages that important customers are asked about.
    days : the plan of several days for visits that may wait.
    supply_reports : what was reported of each interruption.
    unattended : clear single cases that go out by the rules.
    """

    def __init__(
        self,
        book: Book,
        grading: Grading,
        calls: Calls,
        archive: Archive,
        ahead: Ahead,
        shelf: Shelf,
        hands: HandMade,
    ) -> None:
        self.owners = Owners(book)
        self.complaints = Complaints(book, grading, calls, self.owners)
        self.urging = Urging(book, grading, calls)
        self.fast_lane = FastLane(book, grading, calls, self.urging)
        self.texts = Texts(book)
        self.appointments = Appointments(book, grading, calls, ahead)
        self.guarantees = Guarantees(book, grading, calls, archive)
        self.shortages = Shortages(book, grading, self.guarantees)
        self.dangers = Dangers(book, grading)
        self.inspections = Inspections(book, grading, calls, self.dangers)
        self.satisfaction = Satisfaction(book, grading, calls)
        self.quality = Quality(book, grading)
        self.connections = Connections(book, grading)
        self.negotiations = Negotiations(book, grading)
        waiting = WaitingWork(book, grading, calls, archive, self.inspections)
        self.days = Days(book, grading, calls, ahead, waiting, self.inspections)
        self.supply_reports = SupplyReports(book, grading, archive)
        self.unattended = Unattended(book, grading, calls, archive, shelf, hands)

    def heard(self, logged: Logged, words: str) -> None:
        """A call has come in: a complaint begins, a second call urges whoever has the first."""
        if logged.kind == COMPLAINT:
            self.complaints.take_in()
            return
        # What has ended since needs no urging: the call itself is written down already.
        with suppress(Refused):
            self.urging.called_again(logged, words)

    def look(self) -> None:
        """What is done without anybody asking: complaints, urging, appointments move on."""
        failures = []
        for look in (
            self.complaints.take_in,
            self.fast_lane.look,
            self.urging.rise,
            self.appointments.look,
            self.negotiations.look,
        ):
            # One that fails holds up none of the others; whoever asked hears of it all the same.
            try:
                look()
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]
