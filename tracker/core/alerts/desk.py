"""The alert desk of a tour: journalled records in, events out that want to be journalled. Pure.

    observe(record)      every record of the journal, alert events among them: only these change what is open
    emergencies(engine)  SOS, which waits for nothing
    tick(now, engine)    everything that the rules make of this moment

An event counts once it has been observed: whoever ticks journals the events and lets them come back, so that a
restart or another leader goes on from the same book.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tracker.core.alerts.book import AlertBook, Subject
from tracker.core.alerts.devices import left_behind, low_battery
from tracker.core.alerts.event import AlertEvent, AlertKind, AlertStep, Clear, Finding, Judgement, Place, from_body
from tracker.core.alerts.hearing import Ears
from tracker.core.alerts.plan import behind, behind_sweep, not_started
from tracker.core.alerts.quiet import Quiet, quiet
from tracker.core.alerts.resting import RestingPlaces
from tracker.core.alerts.road import off_course, stopped
from tracker.core.alerts.scene import Rule, Scene
from tracker.core.alerts.silence import feed_outage, silent
from tracker.core.alerts.story import Handled, State, Stories, Story
from tracker.core.alerts.trailered import trailered
from tracker.core.decided import Decided
from tracker.core.decisions import Decision, DecisionKind
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
BY_THE_PLAN = (AlertKind.OFF_COURSE, AlertKind.NOT_STARTED, AlertKind.BEHIND, AlertKind.BEHIND_SWEEP)
FEED: Subject = (AlertKind.FEED_OUTAGE, None)
NO_OUTAGE_MS = 0
KEPT = ("position", "_book", "stories", "_ears", "decided", "_clock_errors_ms", "_calls")


class Alerts:
    """One tour's alerts."""

    def __init__(self, tour: Tour) -> None:
        self._tour = tour
        self._book = AlertBook()
        self.stories = Stories()
        self._ears = Ears(len(tour.vehicles))
        self._resting = RestingPlaces(tour)
        self.decided = Decided(tour)
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
            for device in self.decided.note(record).devices:
                self._ears.forget(device)
        elif record.kind is RecordKind.ALERT:
            event = from_body(body, self._tour)
            if event is None:
                self.stories.note_told(body)
            else:
                if self._book.fold(event):
                    self.stories.note(event, record.seq)
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
        decided = self._as_decided(now_ms)
        if decided:
            return events + decided  # everything else is judged anew once this is known
        scene = self.scene(now_ms, engine)
        outage = self._event(FEED, feed_outage(scene, self._book.open.get(FEED)), now_ms)
        if outage:
            return events + outage  # silence is judged anew once this is known
        for vehicle, entry in enumerate(self._tour.vehicles):
            standing = scene.views[vehicle].standing
            for kind, rule in EVERYBODY if entry.start_order is None else PARTICIPANTS:
                subject = (kind, vehicle)
                judgement: Judgement
                if standing is not Standing.RUNNING:
                    judgement = Clear(standing.word)
                elif kind in BY_THE_PLAN and scene.is_cancelled(vehicle):
                    judgement = Clear("leg cancelled")
                else:
                    judgement = rule(scene, vehicle, self._book.open.get(subject))
                if subject in self._book.open or not isinstance(judgement, Clear):
                    events += self._event(subject, judgement, now_ms)
        return events

    def scene(self, now_ms: int, engine: Engine) -> Scene:
        """What the rules look at."""
        over_ms = None if FEED in self._book.open else self._book.closed_ms.get(FEED, NO_OUTAGE_MS)
        calls = {
            event.vehicle: event.finding.place
            for event in self._book.open.values()
            if event.kind is AlertKind.SOS and event.vehicle is not None
        }
        return Scene(now_ms, self._tour, engine, self._ears, self._resting, over_ms, calls)

    def quiet(self, scene: Scene) -> list[Quiet]:
        """Who is silent as usual: where others were, and not missed yet."""
        running = (v for v, view in enumerate(scene.views) if view.standing is Standing.RUNNING)
        return [found for v in running if (AlertKind.SILENT, v) not in self._book.open and (found := quiet(scene, v))]

    def handled(self) -> dict[str, Handled]:
        """By id of the alert: how far people are with those that are open or closed not long ago."""
        decisions: dict[str, list[Decision]] = {}
        for decision in self.decided.book.all():
            if decision.kind is DecisionKind.ALERT:
                decisions.setdefault(decision.text("alert"), []).append(decision)
        holds = self.decided.book.holds
        return {name: story.handled(decisions.get(name, ()), holds) for name, story in self.stories.known.items()}

    def _as_decided(self, now_ms: int) -> list[AlertEvent]:
        """An alert that somebody resolved is closed, and open again when that is undone."""
        events = []
        for name, handled in self.handled().items():
            story = self.stories.known[name]
            resolved = handled.state is State.RESOLVED
            if resolved and story.closed is None:
                lasted_s = max(now_ms - story.last.finding.since_ms, 0) // 1000
                evidence = {"why": "resolved", "who": handled.steps[-1].who, "lasted_s": lasted_s}
                finding = replace(story.last.finding, evidence=evidence)
                events.append(replace(story.last, step=AlertStep.RESOLVED, at_ms=now_ms, finding=finding))
            elif not resolved and self._can_be_reopened(story):
                events.append(replace(story.last, step=AlertStep.REOPENED, at_ms=now_ms))
        return events

    def _can_be_reopened(self, story: Story) -> bool:
        return (
            story.closed is not None and self._book.is_newest(story.closed) and story.closed.step is AlertStep.RESOLVED
        )

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
        vehicle = self.decided.assignments.vehicle_of(ping.device, fix_time_ms)
        self._ears.hear(vehicle, ping, fix_time_ms, received_ms)
        if ping.sos and (AlertKind.SOS, vehicle) not in self._book.open:
            self._calls.setdefault(vehicle, (received_ms, ping))
