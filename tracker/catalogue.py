"""A tour as a process serves it: one version from the store, with its courses as pages fetch them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracker.core.model import Tour
from tracker.wire.courses import course_document, course_hash
from tracker.wire.frames import describe_tour


@dataclass(frozen=True)
class ServedTour:
    tour: Tour
    version: int
    courses: dict[str, bytes]  # by content hash
    about: dict[str, Any]  # the unchanging part of the public snapshot

    @classmethod
    def of(cls, tour: Tour, version: int, interval_s: int) -> ServedTour:
        documents = [course_document(leg.course) for leg in tour.legs]
        hashes = [course_hash(document) for document in documents]
        about = describe_tour(tour, version, hashes, interval_s)
        return cls(tour, version, dict(zip(hashes, documents, strict=True)), about)
