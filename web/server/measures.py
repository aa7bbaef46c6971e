"""Figures for Prometheus: what was answered and how long it took, and how the room is doing."""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dispatch.live import Desk
from dispatch.live.planner.process import PlannerProcess
from dispatch.store import DATABASE_ERRORS
from dispatch.store.figures import figures_of
from dispatch.store.leader import Leader

from .running import Server

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# A stream lasts; how long says nothing of the server.
ENDLESS = frozenset({"live.events"})


class Measures:
    """Counts answers as they go out; the rest is looked up when somebody asks."""

    def __init__(self, app: Flask) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "gridcrew_requests",
            "Requests answered",
            ("endpoint", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "gridcrew_request_seconds",
            "Seconds that a view took to answer",
            ("endpoint",),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.registry.register(_Room(app))

    def note(self, response: Response) -> None:
        """Count an answer."""
        # Not the path: a sender could invent as many as it likes.
        endpoint = request.endpoint or "unknown"
        self._requests.labels(endpoint, request.method, str(response.status_code)).inc()
        began_s = g.get("began_s")
        if began_s is not None and endpoint not in ENDLESS:
            self._seconds.labels(endpoint).observe(time.perf_counter() - began_s)


class _Room(Collector):
    """How the room and the server are doing at the moment of the asking."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> Iterator[Metric]:
        """Nothing before somebody asks."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Look."""
        desk: Desk | None = self._app.extensions.get("gridcrew_desk")
        server: Server | None = self._app.extensions.get("gridcrew_server")
        if desk is not None:
            yield from _day(desk)
            yield from _planner(desk)
        if server is not None:
            yield from _connections(server)
        leader: Leader | None = self._app.extensions.get("gridcrew_leader")
        if leader is not None:
            yield GaugeMetricFamily("gridcrew_leads", "Whether this server plans", float(leader.leads))


def _day(desk: Desk) -> Iterator[Metric]:
    try:
        found = figures_of(desk.store)
    except DATABASE_ERRORS:
        yield GaugeMetricFamily("gridcrew_database_up", "Whether the database answers", 0)
        return
    yield GaugeMetricFamily("gridcrew_database_up", "Whether the database answers", 1)
    yield CounterMetricFamily("gridcrew_events", "Events in the journal", found.events)
    yield GaugeMetricFamily("gridcrew_open_orders", "Work orders that have not ended", found.open_orders)
    yield GaugeMetricFamily(
        "gridcrew_messages_waiting", "Messages that nobody has sent yet", found.messages_waiting
    )
    if found.published_at is not None:
        age_s = (desk.clock() - found.published_at).total_seconds()
        yield GaugeMetricFamily("gridcrew_plan_age_seconds", "Since the plan in force was published", age_s)


def _planner(desk: Desk) -> Iterator[Metric]:
    if isinstance(desk.shelf.make_plan, PlannerProcess):
        starts = max(0, desk.shelf.make_plan.starts - 1)
        yield CounterMetricFamily("gridcrew_planner_restarts", "Planner processes after the first", starts)
    duties = GaugeMetricFamily("gridcrew_duty_in_trouble", "A duty that is not being done", labels=["duty"])
    for each in desk.troubles():
        duties.add_metric([each.duty], 1)
    yield duties


def _connections(server: Server) -> Iterator[Metric]:
    yield GaugeMetricFamily("gridcrew_connections", "Open connections", server.connections)
    yield GaugeMetricFamily("gridcrew_queue", "Requests that wait for a thread", server.waiting)
    yield GaugeMetricFamily("gridcrew_threads_busy", "Threads that answer, streams too", server.working)
    refused = CounterMetricFamily(
        "gridcrew_connections_closed", "Connections refused or closed, by reason", labels=["reason"]
    )
    for reason, count in sorted(server.refused.items()):
        refused.add_metric([reason], count)
    yield refused
