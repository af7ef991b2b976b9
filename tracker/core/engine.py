"""The engine of one tour: journalled inputs in, views, passages, totals and a digest out. Pure.

    apply(record)   insert an input; cheap, does no folding
    fold(steps)     do at most so many steps of the owed work; True when nothing is owed
    tick(now_ms)    let time pass: freshness (and whatever else no ping announces); outside the digest
    changed()       which vehicles look different since the last call

The result is a function of the set of inputs, never of their order of arrival.
"""

from __future__ import annotations

from tracker.core.model import Passage, Record, Totals, Tour, VehicleView


class Engine:
    def __init__(self, tour: Tour) -> None:
        self.tour = tour
        self.position = 0  # seq of the last applied record
        self.views = [VehicleView(vehicle=i) for i in range(len(tour.vehicles))]

    def apply(self, record: Record) -> None:
        raise NotImplementedError

    def fold(self, steps: int = 100) -> bool:
        raise NotImplementedError

    def tick(self, now_ms: int) -> None:
        raise NotImplementedError

    def changed(self) -> list[int]:
        raise NotImplementedError

    def view(self, vehicle: int) -> VehicleView:
        return self.views[vehicle]

    def passages(self, vehicle: int) -> list[Passage]:
        raise NotImplementedError

    def totals(self, vehicle: int) -> Totals:
        raise NotImplementedError

    def digest(self) -> str:
        """SHA-256 over canonical integers (mm, ms, 1e-7 degrees) of tracks, passages and totals."""
        raise NotImplementedError
