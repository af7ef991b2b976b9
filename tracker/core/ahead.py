"""Pings dated well after they were received are held back, unless a fast clock explains it: nobody has been there yet.

Until a clock is known to be fast its pings, too, lie in the future; up to AHEAD_MS they are taken as they come and put
right later. What is held back depends on the set of pings and the error of the clock, not on their order. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

AHEAD_MS = 150_000


class Said(NamedTuple):
    """What makes a fix of one device: two pings that agree in it are one fix. The time is the device's own."""

    time_ms: int
    lat: float
    lon: float
    accuracy_m: float | None
    speed_mps: float | None
    bearing_deg: float | None


class HeldBack:
    """All fixes that were received long before the time they name, and by how much, for each device."""

    def __init__(self) -> None:
        self._leads_ms: dict[int, dict[Said, int]] = {}

    def concerns(self, device: int, said: Said, received_at_ms: int) -> bool:
        """Whether `admits` has to be asked: the fix lies ahead, or some of its device do."""
        return said.time_ms - received_at_ms > AHEAD_MS or device in self._leads_ms

    def admits(self, device: int, said: Said, received_at_ms: int, error_ms: int, known: bool) -> bool:
        """Whether a fix is believed. Of repeats the last received counts; `known` says that one is among the fixes."""
        lead_ms = said.time_ms - received_at_ms
        leads_ms = self._leads_ms.get(device)
        if leads_ms is not None and said in leads_ms:
            leads_ms[said] = min(leads_ms[said], lead_ms)
            return _explained(leads_ms[said], error_ms)
        if lead_ms <= AHEAD_MS or known:
            return True
        self._leads_ms.setdefault(device, {})[said] = lead_ms
        return _explained(lead_ms, error_ms)

    def turned(self, device: int, before_ms: int, after_ms: int) -> tuple[list[Said], list[Said]]:
        """The fixes that are believed no more, and those that now are, as the clock's error is known better."""
        no_more: list[Said] = []
        now: list[Said] = []
        for said, lead_ms in self._leads_ms.get(device, {}).items():
            if _explained(lead_ms, before_ms) != _explained(lead_ms, after_ms):
                (now if _explained(lead_ms, after_ms) else no_more).append(said)
        return no_more, now


def _explained(lead_ms: int, error_ms: int) -> bool:
    return lead_ms - max(error_ms, 0) <= AHEAD_MS
