"""Which vehicle a device speaks for: the roster's, and from a swap by hand on the one that was chosen. Pure.

A swap is the journalled decision `{"decision": "assign", "device": name, "vehicle": number, "at_ms": time}`. What the
device took before that time stays with the vehicle that it was in then, also if it arrives later.
"""

from __future__ import annotations

from bisect import insort

from tracker.core.model import Tour


class Assignments:
    """Swaps may be noted in any order: the answers depend on their set alone. `seq` ranks two of the same time."""

    def __init__(self, tour: Tour) -> None:
        self._roster = tour.vehicle_of_device
        self._numbers = {vehicle.number: index for index, vehicle in enumerate(tour.vehicles)}
        self._swaps: dict[str, list[tuple[int, int, int]]] = {}  # by device: (at_ms, seq, vehicle), in order

    def note(self, decision: dict[str, object], seq: int) -> str | None:
        """Take in a decision; the device that changes its vehicle, None if the decision is no swap that can be."""
        if decision.get("decision") != "assign":
            return None
        device, at_ms = decision.get("device"), decision.get("at_ms")
        vehicle = self._numbers.get(str(decision.get("vehicle")))
        if not isinstance(device, str) or device not in self._roster or vehicle is None or not isinstance(at_ms, int):
            return None
        insort(self._swaps.setdefault(device, []), (at_ms, seq, vehicle))
        return device

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
