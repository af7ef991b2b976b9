"""The nouns of alerts: kinds, what a rule finds, what is journalled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tracker.core.model import Tour


class AlertKind(StrEnum):
    """What is the matter. The words are the journal's and the interface's, for ever."""

    SOS = "sos"
    STOPPED = "stopped"
    SILENT = "silent"
    OFF_COURSE = "off_course"
    BEHIND = "behind"
    BEHIND_SWEEP = "behind_sweep"
    NOT_STARTED = "not_started"
    LOW_BATTERY = "low_battery"
    LEFT_BEHIND = "left_behind"
    TRAILERED = "trailered"
    FEED_OUTAGE = "feed_outage"


class AlertStep(StrEnum):
    """A step in the life of an alert that the leader journals. `resolved` and `reopened` follow what people decided."""

    RAISED = "raised"
    EDITED = "edited"  # late data changed what is known about it
    CLEARED = "cleared"
    RESOLVED = "resolved"
    REOPENED = "reopened"  # that it was resolved was undone


class Place(NamedTuple):
    """Where it is: degrees, the index of the leg, and metres along it as far as known."""

    lat: float | None = None
    lon: float | None = None
    leg: int | None = None
    along_m: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's word that something is the matter, since when and where, and what shows it (plain JSON values)."""

    since_ms: int
    place: Place
    evidence: Mapping[str, object] = field(default_factory=dict)


class Clear(NamedTuple):
    """A rule's word that nothing is the matter (any more), and why."""

    why: str = ""


# None: it cannot be told now, or lies between the two thresholds; what is open stays open.
Judgement = Finding | Clear | None


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One step in the life of an alert. `vehicle` is an index, None for the feed; `id` is unique within the tour."""

    id: str
    kind: AlertKind
    vehicle: int | None
    step: AlertStep
    at_ms: int
    finding: Finding


def to_body(event: AlertEvent, tour: Tour) -> dict[str, object]:
    """The body of a journal record; legs count from 1 as everywhere outside."""
    place = event.finding.place
    return {
        "id": event.id,
        "kind": event.kind.value,
        "vehicle": None if event.vehicle is None else tour.vehicles[event.vehicle].number,
        "event": event.step.value,
        "at_ms": event.at_ms,
        "since_ms": event.finding.since_ms,
        "lat": _rounded(place.lat, 7),
        "lon": _rounded(place.lon, 7),
        "leg": None if place.leg is None else place.leg + 1,
        "along_m": _rounded(place.along_m, 1),
        "evidence": dict(event.finding.evidence),
    }


def from_body(body: Mapping[str, object], tour: Tour) -> AlertEvent | None:
    """The event in a journal record, or None for what is not ours: another step, or a vehicle that has gone."""
    numbers = {vehicle.number: index for index, vehicle in enumerate(tour.vehicles)}
    try:
        kind, step = AlertKind(str(body.get("kind"))), AlertStep(str(body.get("event")))
    except ValueError:
        return None
    number = body.get("vehicle")
    vehicle = None if number is None else numbers.get(str(number))
    at_ms, since_ms, leg = body.get("at_ms"), body.get("since_ms"), body.get("leg")
    evidence = body.get("evidence")
    if (vehicle is None) is not (kind is AlertKind.FEED_OUTAGE) or not isinstance(at_ms, int):
        return None
    place = Place(
        _number(body.get("lat")),
        _number(body.get("lon")),
        leg - 1 if isinstance(leg, int) else None,
        _number(body.get("along_m")),
    )
    finding = Finding(
        since_ms if isinstance(since_ms, int) else at_ms, place, evidence if isinstance(evidence, dict) else {}
    )
    return AlertEvent(str(body.get("id")), kind, vehicle, step, at_ms, finding)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
