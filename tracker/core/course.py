"""The course: the line of a leg with metres along it, cumulative per vertex (WGS 84)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tracker.core.geo import distance_m


@dataclass(frozen=True)
class Course:
    """A line of at least two vertices (degrees). Repeated vertices are allowed; distances come from the vertices."""

    lats: tuple[float, ...]
    lons: tuple[float, ...]
    elevations_m: tuple[float, ...] | None = None

    @classmethod
    def from_points(cls, points: Sequence[tuple[float, float]]) -> Course:
        return cls(tuple(lat for lat, _ in points), tuple(lon for _, lon in points))

    @cached_property
    def cumulative_m(self) -> tuple[float, ...]:
        """Metres from the start at each vertex; the first is 0."""
        total = 0.0
        out = [0.0]
        for i in range(1, len(self.lats)):
            total += distance_m(self.lats[i - 1], self.lons[i - 1], self.lats[i], self.lons[i])
            out.append(total)
        return tuple(out)

    @property
    def length_m(self) -> float:
        return self.cumulative_m[-1]

    def point_at(self, along_m: float) -> tuple[float, float]:
        """The place (lat, lon) at a distance from the start, held to the line's ends."""
        cumulative = self.cumulative_m
        i = min(max(bisect_right(cumulative, along_m) - 1, 0), len(cumulative) - 2)
        length = cumulative[i + 1] - cumulative[i]
        fraction = 0.0 if length == 0.0 else min(max((along_m - cumulative[i]) / length, 0.0), 1.0)
        return (
            self.lats[i] + fraction * (self.lats[i + 1] - self.lats[i]),
            self.lons[i] + fraction * (self.lons[i + 1] - self.lons[i]),
        )
