"""What marshals saw: vehicles that passed a checkpoint, beside what was tracked and never mixed into it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tracker.core.decided import Decided
from tracker.core.decisions import Decision, DecisionKind
from tracker.core.model import Tour


class Sighting(NamedTuple):
    """A vehicle passed a checkpoint (indices), and who saw it. `leg` counts from 0."""

    at_ms: int
    vehicle: int
    leg: int
    checkpoint: int
    decision: Decision


def sightings(tour: Tour, decided: Decided) -> list[Sighting]:
    """The sightings in force, in the order of their times; what the tour no longer has is left out."""
    places = [{checkpoint.id: k for k, checkpoint in enumerate(leg.checkpoints)} for leg in tour.legs]
    found = []
    for decision in decided.book.in_force(DecisionKind.SIGHTING):
        vehicle, leg = decided.vehicle(decision), decided.leg(decision)
        checkpoint = None if leg is None else places[leg].get(decision.text("checkpoint"))
        if vehicle is not None and leg is not None and checkpoint is not None:
            found.append(Sighting(decision.at_ms, vehicle, leg, checkpoint, decision))
    return sorted(found, key=lambda sighting: (sighting.at_ms, sighting.decision.seq))


def first_seen_ms(seen: Iterable[Sighting]) -> dict[tuple[int, int, int], int]:
    """When each vehicle was first seen at a checkpoint, by vehicle, leg and checkpoint."""
    first: dict[tuple[int, int, int], int] = {}
    for sighting in seen:
        first.setdefault((sighting.vehicle, sighting.leg, sighting.checkpoint), sighting.at_ms)
    return first
