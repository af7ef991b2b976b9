"""The alert desk of a tour: journalled records in, events out that want to be journalled. Pure.

    observe(record)      every record of the journal, alert events among them: only these change what is open
    emergencies(engine)  SOS, which waits for nothing
    tick(now, engine)    everything that the rules make of this moment

An event counts once it has been observed: whoever ticks journals the events and lets them come back, so that a
restart or another leader goes on from the same book.
"""

from __future__ import annotations

from typing import Any

from tracker.core.alerts.book import AlertBook, Subject
from tracker.core.alerts.devices import left_behind, low_battery
from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Clear, Finding, Judgement, Place, from_body
from tracker.core.alerts.hearing import Ears
from tracker.core.alerts.plan import behind, behind_sweep, not_started
from tracker.core.alerts.resting import RestingPlaces
from tracker.core.alerts.road import off_course, stopped
from tracker.core.alerts.scene import Rule, Scene
from tracker.core.alerts.silence import feed_outage, silent
from tracker.core.alerts.trailered import trailered
from tracker.core.assignments import Assignments
from tracker.core.engine import Engine
from tracker.core.model import Calibration, Ping, Record, RecordKind, Standing, Tour

EVERYBODY: tuple[tuple[AlertKind, Rule], ...] = (
    (AlertKind.SILENT, silent),
    (AlertKind.LOW_BATTERY, low_battery),
    (AlertKind.LEFT_BEHIND, left_behind),
)
PARTICIPANTS: tuple[tuple[AlertKind, Rule], ...] = (
    *EVERYBODY,
    (AlertKind.STOPPED, stopped),
    (AlertKind.OFF_COURSE, off_course),
    (AlertKind.NOT_STARTED, not_started),
    (AlertKind.BEHIND, behind),
    (AlertKind.BEHIND_SWEEP, behind_sweep),
    (AlertKind.TRAILERED, trailered),
)
FEED: Subject = (AlertKind.FEED_OUTAGE, None)
NO_OUTAGE_MS = 0
KEPT = ("position", "_book", "_ears", "_assignments", "_clock_errors_ms", "_calls")


class Alerts:
    """One tour's alerts."""

    def __init__(self, tour: Tour) -> None:
        self._tour = tour
        self._book = AlertBook()
        self._ears = Ears(len(tour.vehicles))
        self._resting = RestingPlaces(tour)
        self._assignments = Assignments(tour)
        self._clock_errors_ms: dict[str, int] = {}
        self._calls: dict[int, tuple[int, Ping]] = {}  # by vehicle: an SOS that no alert tells of yet, and when it came
        self.position = 0

    def state(self) -> dict[str, Any]:
        """What it knows of the journal up to `position`, to be restored on a new desk of the same tour."""
        return {name: getattr(self, name) for name in KEPT}

    def restore(self, state: dict[str, Any]) -> None:
        for name in KEPT:
            setattr(self, name, state[name])

    @property
    def open(self) -> list[AlertEvent]:
        """The open alerts as last journalled, the longest open first."""
        return sorted(self._book.open.values(), key=lambda event: (event.finding.since_ms, event.id))

    @property
    def urgent(self) -> bool:
        """Whether somebody has called SOS and no alert tells of it yet."""
        return bool(self._calls)

    def observe(self, record: Record) -> None:
        """Take a record of the journal, in order; one that it knows already is left alone."""
        if record.seq <= self.position:
            return
        self.position = record.seq
        body = record.body
        if isinstance(body, Ping):
            self._observe_ping(body, record.stored_at_ms)
        elif isinstance(body, Calibration):
            self._clock_errors_ms[body.device] = body.error_ms
        elif record.kind is RecordKind.DECISION:
            device = self._assignments.note(body, record.seq)
            if device is not None:
                self._ears.forget(device)
        elif record.kind is RecordKind.ALERT:
            event = from_body(body, self._tour)
            if event is not None:
                self._book.fold(event)
                if event.kind is AlertKind.SOS and event.vehicle is not None and event.step is AlertStep.RAISED:
                    self._calls.pop(event.vehicle, None)

    def emergencies(self, now_ms: int, engine: Engine) -> list[AlertEvent]:
        """An alert for every SOS that none tells of yet. The engine may owe any amount of folding."""
        events = []
        for vehicle, (received_ms, ping) in sorted(self._calls.items()):
            view = engine.view(vehicle)
            place = Place(ping.lat, ping.lon, view.leg, view.along_m)
            if ping.lat is None or ping.lon is None:
                place = Place(view.lat, view.lon, view.leg, view.along_m)
            evidence = {"device": ping.device, "fix_time_ms": ping.fix_time_ms, "event": ping.event}
            events += self._event((AlertKind.SOS, vehicle), Finding(received_ms, place, evidence), now_ms)
        return events

    def tick(self, now_ms: int, engine: Engine) -> list[AlertEvent]:
        """What has to be journalled now. The engine should owe nothing and have ticked."""
        events = self.emergencies(now_ms, engine)
        over_ms = None if FEED in self._book.open else self._book.closed_ms.get(FEED, NO_OUTAGE_MS)
        calls = {
            event.vehicle: event.finding.place
            for event in self._book.open.values()
            if event.kind is AlertKind.SOS and event.vehicle is not None
        }
        scene = Scene(now_ms, self._tour, engine, self._ears, self._resting, over_ms, calls)
        outage = self._event(FEED, feed_outage(scene, self._book.open.get(FEED)), now_ms)
        if outage:
            return events + outage  # silence is judged anew once this is known
        for vehicle, entry in enumerate(self._tour.vehicles):
            standing = scene.views[vehicle].standing
            for kind, rule in EVERYBODY if entry.start_order is None else PARTICIPANTS:
                subject = (kind, vehicle)
                if standing is Standing.RUNNING:
                    judgement: Judgement = rule(scene, vehicle, self._book.open.get(subject))
                else:
                    judgement = Clear(standing.word)
                if subject in self._book.open or not isinstance(judgement, Clear):
                    events += self._event(subject, judgement, now_ms)
        return events

    def _event(self, subject: Subject, judgement: Judgement, now_ms: int) -> list[AlertEvent]:
        vehicle = subject[1]
        number = "all" if vehicle is None else self._tour.vehicles[vehicle].number
        event = self._book.next_event(subject, judgement, number, now_ms)
        return [] if event is None else [event]

    def _observe_ping(self, ping: Ping, received_ms: int) -> None:
        if ping.device is None or ping.device not in self._tour.vehicle_of_device:
            return
        fix_time_ms = received_ms if ping.fix_time_ms is None else ping.fix_time_ms
        fix_time_ms -= self._clock_errors_ms.get(ping.device, 0)
        vehicle = self._assignments.vehicle_of(ping.device, fix_time_ms)
        self._ears.hear(vehicle, ping, fix_time_ms, received_ms)
        if ping.sos and (AlertKind.SOS, vehicle) not in self._book.open:
            self._calls.setdefault(vehicle, (received_ms, ping))
