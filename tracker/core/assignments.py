"""Which vehicle a device speaks for: the roster's, and from a swap by hand on the one that was chosen. Pure.

A swap is the journalled decision `{"decision": "assign", "device": name, "vehicle": number, "at_ms": time}`. What the
device took before that time stays with the vehicle that it was in then, also if it arrives later.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracker.core.decisions import Decision
from tracker.core.model import Tour

Swap = tuple[int, int, int]  # at_ms, seq, vehicle


class Assignments:
    """The answers depend on the set of swaps alone; the journal's number ranks two of the same time."""

    def __init__(self, tour: Tour) -> None:
        self._roster = tour.vehicle_of_device
        self._numbers = {vehicle.number: index for index, vehicle in enumerate(tour.vehicles)}
        self._swaps: dict[str, list[Swap]] = {}  # by device, in order

    def take(self, decisions: Iterable[Decision]) -> dict[str, list[int]]:
        """Let these swaps be all; the devices for which that is different, with the vehicles they were in before.

        A swap of a device or to a vehicle that the roster does not know is left alone.
        """
        swaps: dict[str, list[Swap]] = {}
        for decision in decisions:
            device, vehicle = decision.text("device"), self._numbers.get(decision.text("vehicle"))
            if device in self._roster and vehicle is not None:
                swaps.setdefault(device, []).append((decision.at_ms, decision.seq, vehicle))
        for each in swaps.values():
            each.sort()
        before, devices = self._swaps, sorted({*self._swaps, *swaps})
        changed = {d: self.vehicles_of(d) for d in devices if before.get(d) != swaps.get(d)}
        self._swaps = swaps
        return changed

    def vehicle_of(self, device: str, time_ms: int) -> int:
        """The index of the vehicle that a device was in at a time; KeyError if the roster has no such device."""
        for at_ms, _, vehicle in reversed(self._swaps.get(device, ())):
            if at_ms <= time_ms:
                return vehicle
        return self._roster[device]

    def vehicles_of(self, device: str) -> list[int]:
        """All vehicles that the device has ever been in, the one that it is in now last."""
        swapped = [vehicle for _, _, vehicle in self._swaps.get(device, ())]
        return list(dict.fromkeys(reversed([self._roster[device], *swapped])))[::-1]
