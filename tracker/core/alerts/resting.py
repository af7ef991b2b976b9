"""Where a vehicle may well stand: halts, fuel, start and finish with the car parks around them, and controls."""

from __future__ import annotations

from tracker.core.alerts.event import Place
from tracker.core.geo import distance_m
from tracker.core.model import Checkpoint, CheckpointKind, Tour

PARKING_KINDS = (CheckpointKind.HALT, CheckpointKind.FUEL, CheckpointKind.START, CheckpointKind.FINISH)
PARKING_M = 500.0  # cars park around a halt, not on it
CONTROL_M = 300.0  # and queue for a control
BEND = 1.5  # how much longer the road to a car park may be than the way by air
NEAR_DEGREES = 0.005  # of latitude: some 550 m


class RestingPlaces:
    """The checkpoints of a tour, found by place."""

    def __init__(self, tour: Tour) -> None:
        self._legs = [
            [(checkpoint, *leg.course.point_at(checkpoint.along_m)) for checkpoint in leg.checkpoints]
            for leg in tour.legs
        ]

    def at(self, place: Place) -> Checkpoint | None:
        """The checkpoint at which a vehicle may stand there, or None where nobody should."""
        if place.leg is None or place.lat is None or place.lon is None:
            return None
        for checkpoint, lat, lon in self._legs[place.leg]:
            if abs(place.lat - lat) > NEAR_DEGREES:
                continue
            parking = checkpoint.kind in PARKING_KINDS or checkpoint.halt_s > 0
            reach_m = PARKING_M if parking else CONTROL_M
            if place.along_m is not None and abs(place.along_m - checkpoint.along_m) > BEND * reach_m:
                continue  # the course comes by again
            if distance_m(place.lat, place.lon, lat, lon) <= reach_m:
                return checkpoint
        return None
