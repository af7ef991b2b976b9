"""A tour as a process serves it: one version from the store, with its courses as pages fetch them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.core.model import Tour
from tracker.core.schedule import LegPlan
from tracker.wire.audience import Audience
from tracker.wire.courses import course_document, course_hash


@dataclass(frozen=True)
class ServedTour:
    tour: Tour
    version: int
    interval_s: int
    course_hashes: tuple[str, ...]  # one per leg
    courses: dict[str, bytes]  # by content hash

    @classmethod
    def of(cls, tour: Tour, version: int, interval_s: int) -> ServedTour:
        documents = [course_document(leg.course) for leg in tour.legs]
        hashes = tuple(course_hash(document) for document in documents)
        return cls(tour, version, interval_s, hashes, dict(zip(hashes, documents, strict=True)))

    def about(self, audience: Audience, plans: Sequence[LegPlan] = ()) -> dict[str, Any]:
        """What does not move in the audience's snapshots."""
        return audience.describe(self.tour, self.version, self.course_hashes, self.interval_s, plans)
