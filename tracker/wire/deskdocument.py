"""What the desk says, made of the engine and the alerts: the document of docs/crew.md. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tracker.core.alerts.desk import Alerts
from tracker.core.alerts.event import AlertEvent, AlertKind
from tracker.core.alerts.road import coming_back
from tracker.core.alerts.story import Answer, Handled, Story
from tracker.core.decisions import Decision, DecisionKind
from tracker.core.engine import Engine
from tracker.core.field import Field
from tracker.core.model import Leg, Tour
from tracker.core.sightings import Sighting, first_seen_ms, sightings
from tracker.wire.deskfield import field_part, quiet_part

NONE = -1
CLOSED_SHOWN_MS = 1_800_000
NOTES, SIGHTINGS, UNDOABLE, ANSWERS = 50, 100, 50, 200
NOT_SHOWN_TWICE = ("id", "decision", "at_ms", "who", "role", "invitation")

# How much an alert weighs against others: life first, then who cannot be helped by waiting.
WEIGHTS = {
    AlertKind.SOS: 2000,  # more than everything else together that befalls one car
    AlertKind.FEED_OUTAGE: 900,
    AlertKind.STOPPED: 600,
    AlertKind.OFF_COURSE: 500,
    AlertKind.SILENT: 400,
    AlertKind.BEHIND_SWEEP: 300,
    AlertKind.TRAILERED: 200,
    AlertKind.BEHIND: 150,
    AlertKind.NOT_STARTED: 120,
    AlertKind.LEFT_BEHIND: 80,
    AlertKind.LOW_BATTERY: 40,
}
QUIET_WEIGHT = 10
HANDLED_SHARE = {"raised": 1.0, "acknowledged": 0.8, "assigned": 0.5, "on_scene": 0.3, "resolved": 0.0}

Map = dict[str, Any]


class Where(NamedTuple):
    """The part of the document that creeps, and which vehicles are silent as usual."""

    part: Map
    quiet: list[int]


class DeskDocument:
    """Composes the document of one tour."""

    def __init__(self, tour: Tour) -> None:
        self._tour = tour
        self._rows = {vehicle.number: row for row, vehicle in enumerate(tour.vehicles)}
        self._phones = [vehicle.phones for vehicle in tour.vehicles]

    def where(self, engine: Engine, desk: Alerts, now_ms: int) -> Where:
        """The part that creeps, and costs most: where the field is, and who is silent as usual."""
        seen = sightings(self._tour, engine.decided)
        quiet = desk.quiet(desk.scene(now_ms, engine))
        part = field_part(Field(engine, now_ms, first_seen_ms(seen)), seen)
        return Where({"quiet": [quiet_part(each) for each in quiet], **part}, [each.vehicle for each in quiet])

    def compose(self, engine: Engine, desk: Alerts, where: Where, now_ms: int) -> Map:
        """Everything as of now. The engine may owe folding; then its views are those of before."""
        handled = desk.handled()
        book = engine.decided.book
        shown = self._shown(desk, handled, now_ms)
        notes, seen = book.in_force(DecisionKind.NOTE), sightings(self._tour, engine.decided)
        undoable = [each for each in book.all()[-4 * UNDOABLE :] if book.can_be_undone(each)]
        return {
            "position": engine.position,
            "answers": self._answers(engine, handled),
            "alerts": [self._alert(engine, story, how, handled) for story, how in shown],
            "need": self._need(shown, where.quiet),
            **where.part,
            "notes": [self._note(each) for each in reversed(notes[-NOTES:])],
            "sightings": [_sighting(each) for each in reversed(seen[-SIGHTINGS:])],
            "seen": self._seen(seen),
            "undo": [_undoable(each) for each in reversed(undoable[-UNDOABLE:])],
            "legs": [[plan.delay_s, int(plan.cancelled)] for plan in engine.decided.schedule.plans],
            "standings": self._standings(engine),
            "phones": self._phones,
            "own_m": [[round(t.odometer_m), round(t.carried_m)] for t in (view.totals for view in engine.views)],
        }

    # Alerts

    def _shown(self, desk: Alerts, handled: dict[str, Handled], now_ms: int) -> list[tuple[Story, Handled]]:
        """The open ones, the most urgent first, then those closed not long ago, the newest first."""
        known = desk.stories.known
        is_open = [(story, handled[name]) for name, story in known.items() if story.closed is None]
        is_open.sort(key=lambda pair: (-weight(*pair), pair[0].last.finding.since_ms, pair[0].raised.id))
        closed = [
            (story.closed.at_ms, name)
            for name, story in known.items()
            if story.closed is not None and now_ms - story.closed.at_ms <= CLOSED_SHOWN_MS
        ]
        closed.sort(reverse=True)
        return is_open + [(known[name], handled[name]) for _, name in closed]

    def _alert(self, engine: Engine, story: Story, how: Handled, handled: dict[str, Handled]) -> Map:
        event = story.last
        place = event.finding.place
        before, after = around(self._tour.legs[place.leg] if place.leg is not None else None, place.along_m)
        return {
            "id": event.id,
            "kind": event.kind.value,
            "vehicle": NONE if event.vehicle is None else event.vehicle,
            "evidence": self._evidence(engine, story),
            "state": how.state.value,
            "raised_ms": story.raised.at_ms,
            "since_ms": event.finding.since_ms,
            "closed_ms": NONE if story.closed is None else story.closed.at_ms,
            "lat": place.lat,
            "lon": place.lon,
            "leg": 0 if place.leg is None else place.leg + 1,
            "along_m": NONE if place.along_m is None else round(place.along_m),
            "before": before,
            "after": after,
            "helper": self._row(how.helper),
            "steps": [
                [step.state.value, step.at_ms, step.who, step.role, self._row(step.helper), step.decision]
                for step in how.steps
            ],
            "helpers": self._helpers(engine, event, handled) if story.closed is None else [],
        }

    def _evidence(self, engine: Engine, story: Story) -> Map:
        """What shows it; of an open one off the course, whether it is coming back by now."""
        event = story.last
        evidence = dict(event.finding.evidence)
        if event.kind is AlertKind.OFF_COURSE and event.vehicle is not None and story.closed is None:
            place = event.finding.place
            evidence["coming_back"] = coming_back(engine.tracks[event.vehicle], place.lat, place.lon)
        return evidence

    def _helpers(self, engine: Engine, event: AlertEvent, handled: dict[str, Handled]) -> list[list[Any]]:
        if event.vehicle is None:
            return []
        busy = {how.helper: name for name, how in handled.items() if how.state in ("assigned", "on_scene")}
        return [
            [
                helper.vehicle,
                round(helper.road_m),
                round(helper.minutes * 60),
                int(helper.must_turn_back),
                busy.get(self._tour.vehicles[helper.vehicle].number, ""),
            ]
            for helper in engine.nearest_support(event.vehicle)
        ]

    def _need(self, shown: list[tuple[Story, Handled]], quiet: Sequence[int]) -> list[list[Any]]:
        scores = dict.fromkeys(quiet, QUIET_WEIGHT)
        reasons = {vehicle: [["dead_zone", ""]] for vehicle in quiet}
        for story, how in shown:
            vehicle = story.raised.vehicle
            if story.closed is None and vehicle is not None and weight(story, how):
                scores[vehicle] = scores.get(vehicle, 0) + weight(story, how)
                reasons.setdefault(vehicle, []).append([story.raised.kind.value, story.raised.id])
        order = sorted(scores, key=lambda vehicle: (-scores[vehicle], vehicle))
        return [[vehicle, scores[vehicle], reasons[vehicle]] for vehicle in order]

    # Decisions

    def _answers(self, engine: Engine, handled: dict[str, Handled]) -> dict[str, list[Any]]:
        book = engine.decided.book
        of_alerts = {name: answer for how in handled.values() for name, answer in how.answers.items()}
        answers = {}
        for decision in book.all()[-ANSWERS:]:
            outcome = book.outcome(decision)
            answer = Answer(outcome, decision.who)
            if outcome == "counts" and decision.kind is DecisionKind.ALERT:
                answer = of_alerts.get(decision.id, Answer(outcome.UNKNOWN))
            answers[decision.id] = [answer.outcome.value, answer.who, self._row(answer.helper)]
        return answers

    def _note(self, note: Decision) -> Map:
        return _made(note) | {"vehicle": self._row(note.text("vehicle")), "text": note.text("text")}

    def _seen(self, seen: Sequence[Sighting]) -> list[list[Any] | None]:
        newest: list[list[Any] | None] = [None for _ in self._tour.vehicles]
        for each in seen:
            newest[each.vehicle] = [each.leg + 1, each.checkpoint, each.at_ms, each.decision.who]
        return newest

    def _standings(self, engine: Engine) -> list[list[Any] | None]:
        turns = engine.decided.turns
        who = {decision.seq: decision.who for decision in engine.decided.book.in_force(DecisionKind.STANDING)}
        newest = (turns[row][-1] if row in turns else None for row in range(len(self._tour.vehicles)))
        return [None if turn is None else [turn[0], who[turn[1]]] for turn in newest]

    def _row(self, number: str) -> int:
        return self._rows.get(number, NONE)


def weight(story: Story, how: Handled) -> int:
    """How urgent an open alert is; what somebody has in hand is less so."""
    return round(WEIGHTS[story.raised.kind] * HANDLED_SHARE.get(how.state, 0.0))


def around(leg: Leg | None, along_m: float | None) -> tuple[int, int]:
    """Indices of the checkpoints before and after a place of a leg."""
    if leg is None or along_m is None:
        return NONE, NONE
    passed = [k for k, checkpoint in enumerate(leg.checkpoints) if checkpoint.along_m <= along_m]
    before = passed[-1] if passed else NONE
    return before, before + 1 if before + 1 < len(leg.checkpoints) else NONE


def _made(decision: Decision) -> Map:
    return {"id": decision.id, "at_ms": decision.at_ms, "who": decision.who, "role": decision.role}


def _sighting(seen: Sighting) -> Map:
    place = {"vehicle": seen.vehicle, "leg": seen.leg + 1, "checkpoint": seen.checkpoint}
    return _made(seen.decision) | place


def _undoable(decision: Decision) -> Map:
    fields = {name: value for name, value in decision.body.items() if name not in NOT_SHOWN_TWICE}
    return _made(decision) | {"decision": decision.kind.value} | fields
