"""The part of the desk's document that says where the field is (docs/crew.md). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracker.core.alerts.quiet import Quiet
from tracker.core.field import ClearBehind, Field, FieldOnLeg
from tracker.core.sightings import Sighting

NONE = -1

Map = dict[str, Any]


def field_part(field: Field, seen: Sequence[Sighting]) -> Map:
    """`field`, `clear` and `observed`, of the legs that somebody is on."""
    return {
        "field": [_summary(field.summary(leg)) for leg in field.legs],
        "clear": [_clear(each) for leg in field.legs for each in field.clear(leg)],
        "observed": _observed(field, seen),
    }


def _summary(found: FieldOnLeg) -> Map:
    spots = {"head": found.head, "tail": found.tail, "sweep": found.sweep}
    return {
        "leg": found.leg + 1,
        **{name: None if spot is None else [spot.vehicle, round(spot.along_m)] for name, spot in spots.items()},
        "spread_m": _whole(found.spread_m),
        "spread_s": _whole(found.spread_s),
        "cars": dict(found.cars),
    }


def _clear(found: ClearBehind) -> Map:
    return {
        "leg": found.leg + 1,
        "checkpoint": found.checkpoint,
        "through": found.through,
        "to_come": found.to_come,
        "last": None if found.last is None else list(found.last),
        "expected": None if found.expected is None else list(found.expected),
        "unsure": list(found.unsure),
        "sweep_ms": _whole(found.sweep_ms),
        "sweep_expected": None if found.sweep_expected is None else list(found.sweep_expected),
        "stand_down": int(found.stand_down),
    }


def _observed(field: Field, seen: Sequence[Sighting]) -> list[list[Any]]:
    """What was seen first beside what was tracked: columns vehicle, leg, checkpoint, tracked_ms, seen_ms, who."""
    first = {(each.vehicle, each.leg, each.checkpoint): each for each in reversed(seen)}
    rows = [
        (
            vehicle,
            leg + 1,
            checkpoint,
            _whole(field.tracked_ms(vehicle, leg, checkpoint)),
            each.at_ms,
            each.decision.who,
        )
        for (vehicle, leg, checkpoint), each in sorted(first.items())
        if leg in field.legs
    ]
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(6)]


def quiet_part(found: Quiet) -> Map:
    place, back = found.place, found.back
    return {
        "vehicle": found.vehicle,
        "since_ms": found.since_ms,
        "lat": place.lat,
        "lon": place.lon,
        "leg": 0 if place.leg is None else place.leg + 1,
        "along_m": _whole(place.along_m),
        "others": found.others,
        "passed": found.passed,
        "back_lat": None if back is None else back.lat,
        "back_lon": None if back is None else back.lon,
        "back_along_m": NONE if back is None else _whole(back.along_m),
        "back_ms": NONE if back is None else back.at_ms,
        "missed_ms": found.missed_ms,
    }


def _whole(value: float | None) -> int:
    return NONE if value is None else round(value)
