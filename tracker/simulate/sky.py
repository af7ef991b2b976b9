"""The world around the phones, the same for every car: where there is no network, and where GPS is poor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tracker.core.model import Leg

POOR_FACTOR = 1.8  # in a canyon
Span = tuple[float, float]  # along_m from, to


@dataclass(frozen=True)
class LegSky:
    dead: tuple[Span, ...]
    poor: tuple[Span, ...]


class Sky:
    """Dead zones and canyons of each leg, and the times (ms) when there is no network anywhere."""

    def __init__(self, legs: list[LegSky], outages: Sequence[tuple[int, int]] = ()) -> None:
        self.legs = legs
        self._outages = outages

    def online(self, leg: int, along_m: float | None, time_ms: int) -> bool:
        """Is there a network? Off the course there is."""
        if any(from_ms <= time_ms < to_ms for from_ms, to_ms in self._outages):
            return False
        return along_m is None or not any(low <= along_m <= high for low, high in self.legs[leg].dead)

    def blur(self, leg: int, along_m: float | None) -> float:
        """How much worse than under an open sky GPS is."""
        if along_m is None:
            return 1.0
        return POOR_FACTOR if any(low <= along_m <= high for low, high in self.legs[leg].poor) else 1.0


def leg_sky(leg: Leg, rng: Random) -> LegSky:
    """Some canyons and dead zones, about three of each in 250 km, none at the very ends."""
    length_m = leg.length_m
    count = max(round(length_m / 80_000.0), 1)
    return LegSky(_spans(count, length_m, 1500.0, 8000.0, rng), _spans(2 * count, length_m, 600.0, 4000.0, rng))


def _spans(count: int, length_m: float, least_m: float, most_m: float, rng: Random) -> tuple[Span, ...]:
    spans = []
    for _ in range(count):
        middle_m = rng.uniform(0.08, 0.92) * length_m
        half_m = min(rng.uniform(least_m, most_m), 0.08 * length_m) / 2.0
        spans.append((middle_m - half_m, middle_m + half_m))
    return tuple(spans)
